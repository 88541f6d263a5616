"""What only an account has: an address, a login, secrets, a tag on each query."""

import pytest

from resources.unavailable import Unavailable
from resources.warehouse.snowflake import Account, SnowflakeWarehouse


def test_an_account_that_cannot_be_reached_is_named_with_its_settings() -> None:
    account = Account(
        "acme", "etl", "q", password="s3cret", host="127.0.0.1", port=9, protocol="http", login_timeout=1
    )
    with pytest.raises(Unavailable) as refused, SnowflakeWarehouse(account).session():
        pytest.fail("nobody listens there")
    for part in ("'acme'", "'etl'", "SNOWFLAKE_ACCOUNT"):
        assert part in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_queries_carry_the_label_of_their_session_as_a_tag() -> None:
    arguments = Account("acme", "etl", "q", password="p").arguments("run 1 geo/addresses")
    assert arguments["session_parameters"]["QUERY_TAG"] == "run 1 geo/addresses"
    assert arguments["timezone"] == "UTC"
    assert "private_key" not in arguments
    assert "role" not in arguments


def test_an_account_does_not_show_its_secrets() -> None:
    shown = repr(Account("acme", "etl", "q", password="s3cret", private_key="-----BEGIN"))
    assert "s3cret" not in shown
    assert "BEGIN" not in shown
    assert "etl" in shown


def test_a_private_key_is_handed_over_in_the_form_of_the_connector() -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoded = [
        key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        for form in (serialization.Encoding.PEM, serialization.Encoding.DER)
    ]
    arguments = Account("acme", "etl", "q", private_key=encoded[0].decode()).arguments("")
    assert arguments["private_key"] == encoded[1]
    assert "password" not in arguments
