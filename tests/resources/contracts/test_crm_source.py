"""One contract for every CRM: a database with Quadrant's names, and one with its own behind a mapping."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from resources.crm_source import COLUMNS, CrmSource, load_mapping
from resources.crm_source.sql import SqlCrmSource
from tests.real_servers import RealServers

OWN = """
CREATE TABLE customers (customer_id TEXT, first_name TEXT, last_name TEXT, email TEXT, phone TEXT,
  birth_date TEXT, street TEXT, unit TEXT, city TEXT, state TEXT, postcode TEXT, managed_household TEXT,
  marketing_consent INTEGER, created_at TEXT, updated_at TEXT);
CREATE TABLE portfolios (portfolio_id TEXT, customer_id TEXT, product TEXT, advisor TEXT, value_usd REAL,
  opened_at TEXT, closed_at TEXT, updated_at TEXT);
"""
THEIRS = """
CREATE TABLE "Client Master" ("CLIENT NO" INTEGER, given TEXT, family TEXT, changed TIMESTAMP, secret TEXT);
CREATE VIEW accounts AS SELECT 1 AS acct WHERE false;
"""
MAPPING = """
customers:
  table: client master
  columns: {customer_id: client no, first_name: given, last_name: family, updated_at: CHANGED}
portfolios:
  table: main.accounts
  columns: {portfolio_id: acct}
"""


TYPED = """
CREATE TABLE customers (customer_id BIGINT, first_name TEXT, last_name TEXT, email TEXT, phone TEXT,
  birth_date DATE, street TEXT, unit TEXT, city TEXT, state TEXT, postcode TEXT, managed_household TEXT,
  marketing_consent BOOLEAN, created_at TIMESTAMP, updated_at TIMESTAMPTZ);
CREATE TABLE portfolios (portfolio_id TEXT, customer_id BIGINT, product TEXT, advisor TEXT, value_usd NUMERIC(12, 2),
  opened_at TIMESTAMP, closed_at TIMESTAMP, updated_at TIMESTAMP);
"""


class Bank(ABC):
    """A CRM, written as the bank does, and the source that reads it."""

    source: CrmSource
    insert = "INSERT INTO customers (customer_id, first_name, updated_at) VALUES ({0}, {0}, {0})"

    @abstractmethod
    def connected(self) -> AbstractContextManager[Any]:
        """A connection of the bank's own; its writes are kept."""

    def run(self, *statements: str) -> None:
        """Change the CRM."""
        with self.connected() as connection, closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)

    def add(self, *rows: tuple[int | None, str | None, str | None]) -> None:
        """Customers: key, first name, time of change."""
        with self.connected() as connection, closing(connection.cursor()) as cursor:
            cursor.executemany(self.insert, rows)

    def share(self) -> None:  # noqa: B027 - servers do it by themselves
        """Let the bank write while others read."""

    def read(self, since: datetime | None = None) -> list[tuple[str, object]]:
        """Key and first name of the customers read."""
        rows = [row for chunk in self.source.read("customers", since) for row in chunk]
        return [(str(row["customer_id"]), row["first_name"]) for row in rows]


class FileBank(Bank):
    """A SQLite file, loosely typed, with Quadrant's names or its own."""

    def __init__(self, folder: Path, is_mapped: bool) -> None:
        """The file and the mapping are made in `folder`."""
        self.path = folder / "crm.db"
        if is_mapped:
            self.insert = 'INSERT INTO "Client Master" ("CLIENT NO", given, changed) VALUES ({0}, {0}, {0})'
        self.insert = self.insert.format("?")
        self.run(*(THEIRS if is_mapped else OWN).split(";\n"))
        mapping = folder / "mapping.yaml"
        mapping.write_text(MAPPING)
        self.source = SqlCrmSource(f"sqlite:///{self.path}", load_mapping(mapping) if is_mapped else None)

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """One transaction."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            yield connection

    def share(self) -> None:
        """Else a reader keeps SQLite's writers out."""
        self.run("PRAGMA journal_mode = WAL")


class PostgresBank(Bank):
    """A PostgreSQL database, strictly typed; its users sit in New York."""

    def __init__(self, url: str) -> None:
        """`url` is of an empty database."""
        self._url = url.replace("+psycopg2", "")
        self.insert = self.insert.format("%s")
        self.run(TYPED)
        self.source = SqlCrmSource(f"{url}?options=-ctimezone=America/New_York%20-cdatestyle=SQL,DMY")

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """One transaction."""
        import psycopg2  # type: ignore[import-untyped]

        with closing(psycopg2.connect(self._url, options="-ctimezone=UTC")) as connection, connection:
            yield connection


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each kind of CRM; PostgreSQL where there are real servers."""
    if "bank" in metafunc.fixturenames:
        more = ["postgresql"] if metafunc.config.getoption("--real") else []
        metafunc.parametrize("bank", ["own names", "mapped", *more], indirect=True)


@pytest.fixture
def bank(request: pytest.FixtureRequest, tmp_path: Path, real: RealServers | None) -> Iterator[Bank]:
    """An empty CRM of each kind."""
    if real and request.param == "postgresql":
        with real.postgresql() as url:
            yield PostgresBank(url)
    else:
        yield FileBank(tmp_path, request.param == "mapped")


@pytest.fixture(params=["own names", "mapped"])
def file_bank(request: pytest.FixtureRequest, tmp_path: Path) -> FileBank:
    """An empty file, with either names."""
    return FileBank(tmp_path, request.param == "mapped")


def at(day: int, hour: int = 0) -> datetime:
    """A moment of November 2026."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def test_an_empty_crm_has_no_rows_and_no_keys(bank: Bank) -> None:
    assert list(bank.source.read("customers", None)) == []
    assert list(bank.source.read("portfolios", at(1))) == []
    assert bank.source.keys("customers") == set()


def test_rows_have_exactly_quadrants_columns_in_their_order(bank: Bank) -> None:
    bank.add((7, "Ann", "2026-11-01 00:00:00"))
    ((row,),) = bank.source.read("customers", None)
    assert tuple(row) == COLUMNS["customers"]
    assert (str(row["customer_id"]), row["first_name"]) == ("7", "Ann")
    assert str(row["updated_at"]).removesuffix("+00") == "2026-11-01 00:00:00"
    assert row["street"] is None


def test_rows_come_by_time_of_change_then_key_and_empty_times_first(bank: Bank) -> None:
    bank.add(
        (3, "c", "2026-11-02 00:00:00"), (2, "b", "2026-11-01 00:00:00"), (1, "a", "2026-11-02 00:00:00")
    )
    bank.add((4, "d", None))
    assert bank.read() == [("4", "d"), ("2", "b"), ("1", "a"), ("3", "c")]


def test_rows_changed_since_a_time_include_that_very_time(bank: Bank) -> None:
    bank.add(
        (1, "before", "2026-11-01 23:59:59"), (2, "then", "2026-11-02 00:00:00"), (3, "later", "2026-11-03")
    )
    assert bank.read(at(2)) == [("2", "then"), ("3", "later")]


def test_a_row_whose_time_is_empty_is_always_read(bank: Bank) -> None:
    bank.add((1, "empty", None), (3, "old", "2026-11-01 00:00:00"))
    assert [name for _, name in bank.read(at(2))] == ["empty"]


def test_a_row_whose_time_is_none_at_all_is_always_read(file_bank: FileBank) -> None:
    file_bank.add((2, "nonsense", "yesterday"), (3, "old", "2026-11-01 00:00:00"))
    assert [name for _, name in file_bank.read(at(2))] == ["nonsense"]


@pytest.mark.parametrize(
    "written",
    ["2026-11-02T12:00:00", "2026-11-02 12:00", "2026-11-02T12:00:00Z", "2026-11-02 07:00:00-05:00"],
)
def test_a_time_is_compared_by_what_it_means_however_it_is_written(bank: Bank, written: str) -> None:
    bank.add((1, "x", written))
    assert bank.read(at(2, 12)) == [("1", "x")]
    assert bank.read(at(2, 13)) == []
    assert bank.read(at(2, 12).astimezone(timezone(timedelta(hours=-5)))) == [("1", "x")]


def test_a_chunk_ends_between_rows_of_one_time_and_both_sides_are_read(bank: Bank) -> None:
    bank.add(*((number, "x", "2026-11-01 00:00:00") for number in range(25_000)))
    sizes = [len(chunk) for chunk in bank.source.read("customers", at(1))]
    assert sizes == [10_000, 10_000, 5_000]
    assert len({key for key, _ in bank.read(at(1))}) == 25_000


def test_every_key_is_told_and_empty_ones_are_left_out(bank: Bank) -> None:
    bank.add((1, "a", None), (2, "b", None), (None, "nobody", None))
    assert set(map(str, bank.source.keys("customers"))) == {"1", "2"}
    assert ("None", "nobody") in bank.read()


def test_a_snapshot_sees_one_state_while_the_bank_goes_on(bank: Bank) -> None:
    bank.share()
    bank.add((1, "a", "2026-11-01 00:00:00"))
    with bank.source.snapshot():
        assert bank.read() == [("1", "a")]
        bank.add((2, "b", "2026-11-01 00:00:00"))
        assert bank.read() == [("1", "a")]
        assert set(map(str, bank.source.keys("customers"))) == {"1"}
    assert set(map(str, bank.source.keys("customers"))) == {"1", "2"}


def test_a_snapshot_ends_after_an_error_too(bank: Bank) -> None:
    with pytest.raises(RuntimeError, match="interrupted"), bank.source.snapshot():
        bank.source.keys("customers")
        raise RuntimeError("interrupted")
    bank.add((1, "a", None))
    assert set(map(str, bank.source.keys("customers"))) == {"1"}


def test_a_read_that_is_dropped_half_way_gives_the_file_back(bank: Bank) -> None:
    bank.add(*((number, "x", None) for number in range(10_001)))
    reading = bank.source.read("customers", None)
    next(reading)
    assert isinstance(reading, Iterator)
    del reading
    bank.add((20_000, "x", None))
    assert len(bank.source.keys("customers")) == 10_002


def test_bytes_that_are_no_utf8_are_read_and_can_be_seen(file_bank: FileBank) -> None:
    file_bank.add((1, "x", None))
    file_bank.run(
        "UPDATE \"Client Master\" SET given = CAST(x'4aff' AS TEXT)"
        if "Client" in file_bank.source.uri("customers") or "client" in file_bank.source.uri("customers")
        else "UPDATE customers SET first_name = CAST(x'4aff' AS TEXT)"
    )
    assert file_bank.read() == [("1", "J\\xff")]


def test_the_crm_is_never_written(file_bank: FileBank) -> None:
    file_bank.add((1, "x", None))
    before = file_bank.path.read_bytes()
    with file_bank.source.snapshot():
        file_bank.read()
    assert file_bank.path.read_bytes() == before
    assert sorted(path.name for path in file_bank.path.parent.iterdir()) == ["crm.db", "mapping.yaml"]


def test_a_column_that_no_mapping_names_is_never_asked_for(tmp_path: Path) -> None:
    bank = FileBank(tmp_path, is_mapped=True)
    bank.run("DROP VIEW accounts", "CREATE TABLE accounts (acct TEXT, secret TEXT)")
    bank.run("INSERT INTO accounts VALUES ('A-1', 'hush')")
    ((row,),) = bank.source.read("portfolios", at(1))
    assert row == {**dict.fromkeys(COLUMNS["portfolios"]), "portfolio_id": "A-1"}


def test_a_uri_names_the_table_and_no_user_password_or_query() -> None:
    source = SqlCrmSource("postgresql+psycopg2://app:hunter2@db.example.com:5432/bank?sslpassword=hunter3")
    assert source.uri("customers") == "postgresql://db.example.com:5432/bank/customers"
