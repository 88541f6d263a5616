"""The CRM in PostgreSQL with its own types: what arrives in the warehouse, and what the database sees of it."""

import datetime as dt
import tracemalloc
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from platform_assets.crm.extraction import extract
from resources.crm_source.sql import SqlCrmSource
from resources.unavailable import Unavailable
from resources.warehouse import Warehouse
from tests.real_servers import RealServers

NOW = dt.datetime(2026, 11, 21, 2, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
TABLES = """
CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE customers (customer_id NUMERIC(12, 2), first_name CHAR(8), last_name BYTEA, email TEXT COLLATE caseless,
  phone TEXT, birth_date DATE, street TEXT, unit TEXT, city TEXT, state TEXT, postcode TEXT, managed_household UUID,
  marketing_consent BOOLEAN, created_at TIMESTAMP, updated_at TIMESTAMPTZ);
CREATE TABLE portfolios (portfolio_id TEXT COLLATE caseless PRIMARY KEY, customer_id NUMERIC(12, 2), product TEXT,
  advisor TEXT, value_usd NUMERIC(30, 2), opened_at DATE, closed_at DATE, updated_at TIMESTAMP);
"""
CUSTOMER = "INSERT INTO customers (customer_id, first_name, last_name, birth_date, marketing_consent, updated_at) VALUES"


class Bank:
    """A PostgreSQL database and the source that reads it."""

    def __init__(self, url: str) -> None:
        """Empty tables; its people sit in Kolkata, on a clock of half hours."""
        self.engine = sa.create_engine(f"{url}?options=-ctimezone=Asia/Kolkata", poolclass=sa.NullPool)
        self.run(TABLES)
        self.source = SqlCrmSource(f"{url}?options=-ctimezone=Asia/Kolkata")

    def run(self, statement: str) -> None:
        """Change the CRM."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql(statement)


@pytest.fixture
def bank(real: RealServers) -> Iterator[Bank]:
    with real.postgresql() as url:
        yield Bank(url)


def rows(warehouse: Warehouse, text: str) -> list[dict[str, object]]:
    with warehouse.session("test") as session:
        return session.rows(text)


def test_types_of_the_database_become_those_of_the_raw_table(bank: Bank, duckdb_warehouse: Warehouse) -> None:
    bank.run(
        f"{CUSTOMER} (7, 'Ann', 'Ré'::BYTEA, '1980-02-03', true, '2026-11-01 05:30:00')".replace("é", "e")
    )
    assert extract("customers", bank.source, duckdb_warehouse, NOW).loaded == 1
    wanted = (
        "customer_id, TRIM(first_name) AS first_name, last_name, birth_date, marketing_consent, updated_at"
    )
    assert rows(duckdb_warehouse, f"SELECT {wanted} FROM crm.raw_customers") == [
        {
            "customer_id": "7",
            "first_name": "Ann",
            "last_name": "Re",
            "birth_date": dt.date(1980, 2, 3),
            "marketing_consent": True,
            "updated_at": dt.datetime(2026, 11, 1),
        }
    ]


def test_a_numeric_key_is_known_again_and_deleted_only_when_it_is_gone(
    bank: Bank, duckdb_warehouse: Warehouse
) -> None:
    for number in range(12):
        bank.run(f"{CUSTOMER} ({number}, 'Ann', 'x', '1980-02-03', true, '2026-11-01')")
    extract("customers", bank.source, duckdb_warehouse, NOW)
    again = extract("customers", bank.source, duckdb_warehouse, LATER)
    assert (again.read, again.deleted) == (0, 0)
    bank.run("DELETE FROM customers WHERE customer_id = 3")
    assert extract("customers", bank.source, duckdb_warehouse, LATER).deleted == 1


@pytest.mark.parametrize("written", ["infinity", "-infinity", "0044-03-15 BC", "12026-11-01"])
def test_a_time_beyond_the_calendar_is_rejected_and_ends_nothing(
    bank: Bank, duckdb_warehouse: Warehouse, written: str
) -> None:
    bank.run(f"{CUSTOMER} (1, 'Ann', 'x', '1980-02-03', true, '{written}')")
    bank.run(f"{CUSTOMER} (2, 'Ben', 'x', '1980-02-03', true, '2026-11-01')")
    found = extract("customers", bank.source, duckdb_warehouse, NOW)
    assert (found.loaded, found.rejected) == (1, 1)
    assert rows(duckdb_warehouse, "SELECT place, reason FROM crm.rejected_customers") == [
        {"place": "customers 1", "reason": "bad_time"}
    ]


def test_a_number_that_is_none_is_rejected(bank: Bank, duckdb_warehouse: Warehouse) -> None:
    bank.run(
        "INSERT INTO portfolios (portfolio_id, customer_id, value_usd) VALUES ('a', 1, 'NaN'), ('b', 1, 12.50)"
    )
    found = extract("portfolios", bank.source, duckdb_warehouse, NOW)
    assert (found.loaded, found.rejected) == (1, 1)
    assert rows(duckdb_warehouse, "SELECT value_usd FROM crm.raw_portfolios") == [{"value_usd": 12.5}]


def test_keys_are_compared_here_and_not_by_the_collation_of_the_database(
    bank: Bank, duckdb_warehouse: Warehouse
) -> None:
    insert = "INSERT INTO portfolios (portfolio_id, customer_id, updated_at) VALUES"
    bank.run(f"{insert} ('a1', 1, '2026-11-01'), ('B1', 1, '2026-11-01'), ('c1', 1, '2026-11-01')")
    extract("portfolios", bank.source, duckdb_warehouse, NOW)
    bank.run("DELETE FROM portfolios WHERE portfolio_id = 'a1'")
    bank.run(f"{insert} ('A1', 1, '2026-11-01')")
    found = extract("portfolios", bank.source, duckdb_warehouse, LATER)
    assert (found.loaded, found.deleted) == (1, 1)


def test_a_change_during_an_extraction_is_not_half_seen(bank: Bank) -> None:
    bank.run(f"{CUSTOMER} (1, 'Ann', 'x', '1980-02-03', true, '2026-11-01')")
    with bank.source.snapshot():
        assert bank.source.keys("customers") == {1}
        bank.run("UPDATE customers SET first_name = 'Eve'")
        bank.run("DELETE FROM customers")
        ((row,),) = bank.source.read("customers", None)
        assert str(row["first_name"]).strip() == "Ann"


def test_a_snapshot_is_repeatable_and_read_only_and_leaves_the_session_as_it_was(bank: Bank) -> None:
    seen = {}
    with bank.source.snapshot():
        connection = bank.source._held
        assert connection is not None
        for name in ("transaction_isolation", "transaction_read_only", "timezone"):
            seen[name] = connection.exec_driver_sql(f"SHOW {name}").scalar_one()
        connection.rollback()
        assert connection.exec_driver_sql("SHOW timezone").scalar_one() == "Asia/Kolkata"
    assert seen == {
        "transaction_isolation": "repeatable read",
        "transaction_read_only": "on",
        "timezone": "UTC",
    }


def test_a_large_table_is_read_in_little_memory(bank: Bank) -> None:
    bank.run(
        "INSERT INTO customers (customer_id, street, updated_at) "
        "SELECT n, repeat('x', 500), '2026-11-01' FROM generate_series(1, 100000) AS n"
    )
    tracemalloc.start()
    try:
        count = sum(len(chunk) for chunk in bank.source.read("customers", None))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 100_000
    # 50 MB of streets alone; two chunks of rows are there at one time.
    assert peak < 40e6


def test_a_wrong_password_is_told_and_never_shown(real: RealServers) -> None:
    with real.postgresql() as url:
        wrong = sa.make_url(url).set(password="hunter2").render_as_string(hide_password=False)
        with pytest.raises(Unavailable, match="password authentication failed") as caught:
            SqlCrmSource(wrong).keys("customers")
    assert "hunter2" not in str(caught.value)


def test_a_database_that_is_away_is_told(bank: Bank) -> None:
    with pytest.raises(Unavailable, match="has no table 'customers'"):
        bank.run("DROP TABLE customers")
        bank.source.keys("customers")
