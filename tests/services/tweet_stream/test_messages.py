"""What a line is, and under which key it is published."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tweet_stream.messages import PUBLISHED, read

OPERATIONAL = {
    "title": "operational-disconnect",
    "disconnect_type": "UpstreamOperationalDisconnect",
    "detail": "d",
}
TOO_MANY = {"title": "ConnectionException", "connection_issue": "TooManyConnections", "detail": "d"}


@pytest.mark.parametrize(
    ("message", "kind", "key"),
    [
        ({"data": {"id": "12", "text": "hello"}, "matching_rules": [{"id": "1"}]}, "tweet", b"12"),
        ({"data": {"id": "12", "text": "hello"}, "errors": [{"title": "Not Found Error"}]}, "tweet", b"12"),
        ({"data": {"id": "12", "withheld": {"country_codes": ["FR"]}}}, "tweet", b"12"),
        ({"id_str": "13", "id": 13, "text": "v1.1"}, "tweet", b"13"),
        # the compliance stream of tweets
        (
            {"data": {"delete": {"tweet": {"id": "601", "author_id": "3"}, "event_at": "t"}}},
            "deletion",
            b"601",
        ),
        (
            {"data": {"tweet_edit": {"tweet": {"id": "602"}, "initial_tweet_id": "601"}}},
            "tweet_event",
            b"602",
        ),
        (
            {"data": {"withheld": {"tweet": {"id": "603"}, "withheld_in_countries": ["FR"]}}},
            "tweet_event",
            b"603",
        ),
        ({"data": {"drop": {"tweet": {"id": "604"}}}}, "tweet_event", b"604"),
        # and of users, whose events stay in order by a key that is no tweet's
        ({"data": {"user_delete": {"user": {"id": "77"}}}}, "user_event", b"user:77"),
        ({"data": {"user_undelete": {"user": {"id": "77"}}}}, "user_event", b"user:77"),
        ({"data": {"scrub_geo": {"user": {"id": "77"}, "up_to_tweet_id": "9"}}}, "user_event", b"user:77"),
        # notices of v1.1
        ({"delete": {"status": {"id": 1, "id_str": "1", "user_id": 3}}}, "deletion", b"1"),
        ({"scrub_geo": {"user_id": 14, "up_to_status_id": 23}}, "user_event", b"user:14"),
        ({"status_withheld": {"id": 15, "user_id": 3}}, "tweet_event", b"15"),
        ({"user_withheld": {"id": 16}}, "user_event", b"user:16"),
        # told to the reader, not to the topic
        ({"errors": [OPERATIONAL]}, "disconnect", None),
        (TOO_MANY, "disconnect", None),
        ({"disconnect": {"code": 4, "reason": ""}}, "disconnect", None),
        ({"errors": [{"title": "Something new", "detail": "d"}]}, "notice", None),
        ({"warning": {"code": "FALLING_BEHIND", "percent_full": 60}}, "notice", None),
        ({"limit": {"track": 1234}}, "undelivered", None),
        # nobody knows what these are: the ingest quarantines them
        ({"tomorrow": 1}, "unknown", None),
        ({"data": {"tomorrow": {"tweet": {"id": "1"}}}}, "unknown", None),
    ],
)
def test_a_line_has_a_kind_and_a_key(message: dict[str, object], kind: str, key: bytes | None) -> None:
    reading = read(json.dumps(message, indent="\t").encode())
    assert (reading.kind, reading.key) == (kind, key)


def test_x_tells_how_much_it_did_not_deliver() -> None:
    assert read(b'{"limit":{"track":1234}}').undelivered == 1234


NAMES = st.sampled_from(("data", "id", "delete", "status", "errors", "user", "limit", "track", "tweet"))
VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_no_line_is_refused_and_what_is_no_notice_is_published(line: bytes) -> None:
    reading = read(line)
    assert reading.kind in PUBLISHED | {"disconnect", "notice", "undelivered"}
    try:
        json.loads(line)
    except ValueError:
        assert reading.kind == "unknown"
