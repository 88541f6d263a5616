"""Rows of the CRM: what becomes of every kind of value, of repeated rows, and of rows that are gone."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_assets.crm import record
from resources.crm_source import COLUMNS, CrmTable

NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)
ANN: dict[str, object] = {
    "customer_id": "C1",
    "first_name": "Ann",
    "last_name": "Lee",
    "email": "ann@example.com",
    "phone": "(860) 555-0101",
    "birth_date": "1980-02-03",
    "street": "12 Main St",
    "unit": "",
    "city": "Hartford",
    "state": "CT",
    "postcode": "06103",
    "managed_household": None,
    "marketing_consent": 1,
    "created_at": "2020-01-01 08:00:00",
    "updated_at": datetime(2026, 10, 1, 8, tzinfo=UTC),
}
LOAN: dict[str, object] = {
    "portfolio_id": "P1",
    "customer_id": "C1",
    "product": "mortgage",
    "advisor": None,
    "value_usd": Decimal("1234.50"),
    "opened_at": "2020-01-01",
    "closed_at": None,
    "updated_at": "2026-10-01T08:00:00Z",
}


def checked(
    *rows: dict[str, object], known: frozenset[str] = frozenset(), table: CrmTable = "customers"
) -> record.Validated:
    return record.validate(table, rows, "customers-7", NOW, known, known)


def loaded(row: dict[str, object], table: CrmTable = "customers") -> dict[str, Any]:
    found = checked(row, table=table)
    assert found.rejects.to_pylist() == []
    only: dict[str, Any] = found.rows.to_pylist()[0]
    return only


def reason(row: dict[str, object], table: CrmTable = "customers") -> str:
    found = checked(row, table=table)
    assert found.rows.num_rows == 0
    why: str = found.rejects.column("reason").to_pylist()[0]
    return why


def test_the_columns_are_those_of_the_source_after_the_four_of_the_extraction() -> None:
    for table, schema in record.RAW.items():
        assert tuple(schema.names[4:]) == COLUMNS[table]


def test_a_row_keeps_its_values_in_the_types_of_the_table() -> None:
    found = loaded(ANN)
    assert (found["extract_id"], found["operation"], len(found["row_hash"])) == ("customers-7", "upsert", 32)
    assert found["extracted_at"] == NOW.replace(tzinfo=None)
    assert found["birth_date"] == date(1980, 2, 3)
    assert found["unit"] is None
    assert found["marketing_consent"] is True
    assert found["created_at"].isoformat() == "2020-01-01T08:00:00"
    assert found["updated_at"].isoformat() == "2026-10-01T08:00:00"
    loan = loaded(LOAN, "portfolios")
    assert (loan["value_usd"], loan["closed_at"]) == (1234.5, None)


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        ("customer_id", 12, "12"), ("customer_id", 12.0, "12"), ("customer_id", Decimal("12"), "12"),
        ("customer_id", " C1 ", "C1"), ("postcode", 6103, "6103"), ("first_name", b"Zo\xc3\xab", "Zoë"),
        ("birth_date", "2/3/1980", date(1980, 2, 3)), ("birth_date", date(1980, 2, 3), date(1980, 2, 3)),
        ("birth_date", datetime(1980, 2, 3, 5, tzinfo=UTC), date(1980, 2, 3)), ("birth_date", " ", None),
        ("marketing_consent", "Y", True), ("marketing_consent", "false", False), ("marketing_consent", "0", False),
        ("marketing_consent", Decimal(1), True), ("marketing_consent", None, None),
        ("created_at", "1/2/2020", datetime(2020, 1, 2)),  # noqa: DTZ001
        ("created_at", "1/2/2020 8:30", datetime(2020, 1, 2, 8, 30)),  # noqa: DTZ001
        ("created_at", date(2020, 1, 2), datetime(2020, 1, 2)),  # noqa: DTZ001
        ("created_at", datetime(2020, 1, 2, 3, tzinfo=timezone(timedelta(hours=-5))), datetime(2020, 1, 2, 8)),  # noqa: DTZ001
        ("created_at", "2020-01-02T03:00:00-05:00", datetime(2020, 1, 2, 8)),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_a_value_is_taken_in_every_form_that_databases_give_it(
    column: str, value: object, kept: object
) -> None:
    assert loaded(ANN | {column: value})[column] == kept


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("customer_id", None, "missing_key"), ("customer_id", "  ", "missing_key"), ("customer_id", "\udcff", "bad_text"),
        ("first_name", b"\xff", "bad_text"), ("first_name", "\ud800", "bad_text"),
        ("birth_date", "31.12.1980", "bad_date"), ("birth_date", "2/30/1980", "bad_date"), ("birth_date", 7, "bad_date"),
        ("birth_date", "1899-12-31", "impossible_birth_date"), ("birth_date", "2026-11-02", "impossible_birth_date"),
        ("created_at", "soon", "bad_time"), ("created_at", 5, "bad_time"),
        ("created_at", "0001-01-01T00:00:00+14:00", "bad_time"),
        ("marketing_consent", "maybe", "bad_boolean"), ("marketing_consent", 2, "bad_boolean"), ("marketing_consent", Decimal("sNaN"), "bad_boolean"),
    ],
)  # fmt: skip
def test_a_wrong_value_rejects_the_row_for_its_reason(column: str, value: object, why: str) -> None:
    assert reason(ANN | {column: value}) == why
    assert why in record.REASONS


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("customer_id", None, "missing_owner"), ("portfolio_id", None, "missing_key"),
        ("value_usd", "1,234.50", "bad_number"), ("value_usd", "1_000", "bad_number"), ("value_usd", True, "bad_number"),
        ("value_usd", float("nan"), "not_finite"), ("value_usd", "Infinity", "not_finite"),
        ("value_usd", 10**400, "not_finite"), ("value_usd", Decimal("NaN"), "not_finite"),
    ],
)  # fmt: skip
def test_a_wrong_portfolio_is_rejected_for_its_reason(column: str, value: object, why: str) -> None:
    assert reason(LOAN | {column: value}, "portfolios") == why


def test_a_reject_says_where_what_and_keeps_the_row() -> None:
    found = checked(ANN | {"birth_date": "soon"}).rejects.to_pylist()[0]
    assert found["place"] == "customers C1"
    assert found["detail"] == "birth_date: 'soon' is no date."
    assert '"birth_date":"soon"' in found["raw"]
    nameless = checked(ANN, ANN | {"customer_id": None}).rejects.to_pylist()[0]
    assert nameless["place"] == "customers row 2"


def test_a_row_read_again_unchanged_is_known_and_a_changed_one_is_not() -> None:
    hashes = frozenset(checked(ANN, ANN | {"customer_id": None}).rows.column("row_hash").to_pylist())
    again = checked(ANN, ANN | {"customer_id": "C2"}, known=hashes)
    assert (again.read, again.known) == (1, 1)
    assert again.rows.column("customer_id").to_pylist() == ["C2"]
    changed = checked(ANN | {"phone": "1"}, known=hashes)
    assert (changed.read, changed.known) == (1, 0)


def test_a_known_reject_is_not_rejected_again() -> None:
    first = checked(ANN | {"birth_date": "soon"})
    again = checked(
        ANN | {"birth_date": "soon"}, known=frozenset(first.rejects.column("row_hash").to_pylist())
    )
    assert (again.read, again.known, again.rejects.num_rows) == (0, 1, 0)


@pytest.mark.parametrize("newest_first", [False, True])
def test_of_two_rows_with_one_key_the_later_update_wins(newest_first: bool) -> None:
    rows = [ANN | {"phone": "old", "updated_at": None}, ANN | {"phone": "new"}]
    found = checked(*(reversed(rows) if newest_first else rows))
    assert found.rows.column("phone").to_pylist() == ["new"]
    assert found.rejects.column("reason").to_pylist() == ["duplicate_key"]
    assert '"phone":"old"' in found.rejects.column("raw").to_pylist()[0]
    assert (found.read, found.known) == (2, 0)


def test_of_two_rows_of_one_key_and_time_the_same_one_wins_in_any_order() -> None:
    rows = [ANN | {"phone": "1"}, ANN | {"phone": "2"}]
    assert checked(*rows).rows.equals(checked(*reversed(rows)).rows)


def test_the_same_row_twice_is_no_duplicate() -> None:
    found = checked(ANN, dict(reversed(ANN.items())))
    assert (found.rows.num_rows, found.rejects.num_rows, found.known) == (1, 0, 1)


def test_a_deletion_has_the_key_and_nothing_else() -> None:
    gone = record.deletions("customers", {"C1", "C2", "C3"}, {"C2"}, "customers-7", NOW)
    assert gone.schema == record.RAW["customers"]
    assert gone.column("customer_id").to_pylist() == ["C1", "C3"]
    assert set(gone.column("operation").to_pylist()) == {"delete"}
    assert all(gone.column(name).null_count == 2 for name in gone.column_names[5:])
    later = record.deletions("customers", {"C1"}, set(), "customers-8", NOW)
    assert later.column("row_hash")[0] != gone.column("row_hash")[0]


def test_an_empty_extraction_gives_empty_tables_of_the_right_columns() -> None:
    found = checked()
    assert (found.rows.schema, found.rejects.schema) == (record.RAW["customers"], record.REJECTS)
    assert (found.read, found.known) == (0, 0)


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.text(max_size=12), st.binary(max_size=6),
    st.dates(), st.datetimes(timezones=st.none() | st.just(UTC)),
    st.sampled_from(["1", "Y", "2020-01-01", "1/2/2020", "1e5", "2020-01-01T00:00:00Z"]),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["customers", "portfolios"]).flatmap(
        lambda table: st.tuples(
            st.just(table),
            st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS[table], VALUES)), max_size=5),  # type: ignore[index]
        )
    )
)
def test_any_rows_are_each_loaded_rejected_or_known(case: tuple[CrmTable, list[dict[str, object]]]) -> None:
    table, rows = case
    found = checked(*rows, table=table)
    assert found.read == found.rows.num_rows + found.rejects.num_rows
    assert found.read + found.known == len(rows)
    assert set(found.rejects.column("reason").to_pylist()) <= set(record.REASONS)
    again = checked(
        *rows, known=frozenset([*found.rows.column("row_hash").to_pylist(), *found.rejects.column("row_hash").to_pylist()]),
        table=table,
    )  # fmt: skip
    assert (again.read, again.known) == (0, len(rows))
