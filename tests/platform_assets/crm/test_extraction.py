"""One extraction of a CRM table: what is new, what is known, what is gone."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from platform_assets.crm.extraction import FULL_EVERY, OVERLAP, Extract, extract
from resources.crm_source import COLUMNS, CrmSource, CrmTable
from resources.crm_source.sql import SqlCrmSource
from resources.unavailable import Unavailable
from resources.warehouse import DuckDbWarehouse

NOW = dt.datetime(2026, 11, 21, 2, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


class Crm:
    """A CRM of its own with a table of customers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run(f"CREATE TABLE customers ({', '.join(COLUMNS['customers'])})")
        self.source: CrmSource = SqlCrmSource(f"sqlite:///{path}")

    def run(self, text: str, *values: object) -> None:
        with closing(sqlite3.connect(self.path)) as crm, crm:
            crm.execute(text, values)

    def put(self, customer_id: str, updated_at: dt.datetime = NOW - 9 * DAY, city: str = "AVON") -> None:
        self.run("DELETE FROM customers WHERE customer_id = ?", customer_id)
        self.run(
            "INSERT INTO customers (customer_id, city, updated_at) VALUES (?, ?, ?)",
            customer_id, city, updated_at.isoformat(),
        )  # fmt: skip


@pytest.fixture
def crm(tmp_path: Path) -> Crm:
    return Crm(tmp_path / "crm.sqlite")


def _extract(crm: Crm, warehouse: DuckDbWarehouse, days: int = 0) -> Extract:
    return extract("customers", crm.source, warehouse, NOW + days * DAY)


def _raw(warehouse: DuckDbWarehouse) -> list[tuple[object, ...]]:
    with warehouse.session() as session:
        rows = session.rows(
            "SELECT customer_id, operation, city FROM crm.raw_customers ORDER BY extract_id, customer_id"
        )
    return [tuple(row.values()) for row in rows]


def test_the_first_extraction_reads_everything_and_the_next_nothing(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse
) -> None:
    crm.put("C1")
    crm.put("C2", NOW - DAY)
    assert _extract(crm, duckdb_warehouse) == Extract("customers", read=2, loaded=2)
    again = _extract(crm, duckdb_warehouse, 1)
    assert (again.read, again.loaded, again.deleted) == (0, 0, 0)
    with duckdb_warehouse.session() as session:
        assert session.rows("SELECT COUNT(*) AS n FROM crm.extracts")[0]["n"] == 1, (
            "nothing new, nothing written"
        )


def test_a_change_is_read_and_what_is_older_than_the_overlap_is_not(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse
) -> None:
    crm.put("C1")
    crm.put("C2", NOW - DAY)
    _extract(crm, duckdb_warehouse)
    crm.put("C2", NOW, city="SALEM")
    found = _extract(crm, duckdb_warehouse, 1)
    assert (found.read, found.known, found.loaded) == (1, 0, 1)
    assert _raw(duckdb_warehouse)[-1] == ("C2", "upsert", "SALEM")


def test_a_row_that_was_committed_late_is_found_within_the_overlap(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse
) -> None:
    crm.put("C1", NOW - DAY)
    _extract(crm, duckdb_warehouse)
    crm.put("C1", NOW - DAY - OVERLAP / 2, city="SALEM")
    assert _extract(crm, duckdb_warehouse, 1).loaded == 1


def test_a_deleted_record_is_noted_once(crm: Crm, duckdb_warehouse: DuckDbWarehouse) -> None:
    crm.put("C1")
    crm.put("C2")
    _extract(crm, duckdb_warehouse)
    crm.run("DELETE FROM customers WHERE customer_id = 'C1'")
    assert _extract(crm, duckdb_warehouse, 1).deleted == 1
    assert _extract(crm, duckdb_warehouse, 2).deleted == 0
    assert _raw(duckdb_warehouse)[-1] == ("C1", "delete", None)


@pytest.mark.parametrize("age", [DAY, 9 * DAY], ids=["new_time", "old_time"])
def test_a_record_that_comes_back_is_loaded_again_whatever_its_time(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse, age: dt.timedelta
) -> None:
    crm.put("C1")
    crm.put("C2", NOW - DAY)
    _extract(crm, duckdb_warehouse)
    crm.run("DELETE FROM customers WHERE customer_id = 'C1'")
    _extract(crm, duckdb_warehouse, 1)
    crm.put("C1", NOW - age)
    found = _extract(crm, duckdb_warehouse, 2)
    assert (found.loaded, found.deleted) == (1, 0)
    assert [row[:2] for row in _raw(duckdb_warehouse)][-2:] == [("C1", "delete"), ("C1", "upsert")]


def test_a_bad_row_is_rejected_once_and_does_not_make_every_extraction_read_everything(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse
) -> None:
    crm.put("C1", NOW - DAY)
    crm.put("C2")
    crm.run("UPDATE customers SET birth_date = 'spring' WHERE customer_id = 'C2'")
    crm.run("INSERT INTO customers (customer_id, updated_at) VALUES ('  ', '2020-01-01')")
    assert _extract(crm, duckdb_warehouse).rejected == 2
    again = _extract(crm, duckdb_warehouse, 1)
    assert (again.read, again.known, again.rejected) == (0, 1, 0)


def test_a_clock_that_runs_ahead_hides_no_later_change(crm: Crm, duckdb_warehouse: DuckDbWarehouse) -> None:
    crm.put("C1", NOW + 30 * DAY)
    crm.put("C2", NOW - DAY)
    _extract(crm, duckdb_warehouse)
    crm.put("C2", NOW + DAY / 2, city="SALEM")
    assert _extract(crm, duckdb_warehouse, 1).loaded == 1


def test_an_empty_table_is_extracted_as_nothing(crm: Crm, duckdb_warehouse: DuckDbWarehouse) -> None:
    assert _extract(crm, duckdb_warehouse) == Extract("customers")


def test_a_crm_that_lost_most_of_its_rows_deletes_nobody_unless_it_may_shrink(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse
) -> None:
    for number in range(20):
        crm.put(f"C{number:02d}")
    _extract(crm, duckdb_warehouse)
    crm.run("DELETE FROM customers WHERE customer_id >= 'C03'")
    with pytest.raises(Unavailable, match="only 3 of the 20 known customers"):
        _extract(crm, duckdb_warehouse, 1)
    assert len(_raw(duckdb_warehouse)) == 20
    found = extract("customers", crm.source, duckdb_warehouse, NOW + DAY, may_shrink=True)
    assert found.deleted == 17


def test_another_crm_is_read_from_its_beginning(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse, tmp_path: Path
) -> None:
    for number in range(20):
        crm.put(f"C{number:02d}", NOW)
    _extract(crm, duckdb_warehouse)
    other = Crm(tmp_path / "other.sqlite")
    other.put("D1", NOW - 900 * DAY)
    found = _extract(other, duckdb_warehouse, 1)
    assert (found.loaded, found.deleted) == (1, 20)


@pytest.mark.parametrize("key", [12.0, b"K-12", " C12 ", 2**60, "Ünal"], ids=str)
def test_a_key_has_one_spelling_whatever_the_type_of_its_column(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse, key: object
) -> None:
    crm.run("INSERT INTO customers (customer_id, city, updated_at) VALUES (?, 'AVON', '2026-11-01')", key)
    crm.run("INSERT INTO customers (customer_id, birth_date) VALUES (?, 'yesterday')", 13.0)
    first = _extract(crm, duckdb_warehouse)
    assert (first.loaded, first.rejected, first.deleted) == (1, 1, 0)
    for days in (1, 2):
        again = _extract(crm, duckdb_warehouse, days)
        assert (again.read, again.loaded, again.deleted) == (0, 0, 0)


def _cities(warehouse: DuckDbWarehouse) -> dict[object, object]:
    """The city in force of each customer that is there."""
    in_force = {key: (operation, city) for key, operation, city in _raw(warehouse)}
    return {key: city for key, (operation, city) in in_force.items() if operation == "upsert"}


@pytest.mark.parametrize("back", [dt.timedelta(hours=1), 3 * DAY], ids=["overlap", "full_reading"])
def test_a_clock_that_steps_back_hides_a_change_no_longer_than_until_everything_is_read(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse, back: dt.timedelta
) -> None:
    crm.put("C1", NOW - DAY)
    crm.put("C2", NOW - DAY)
    _extract(crm, duckdb_warehouse)
    crm.put("C1", NOW - DAY - back, city="SALEM")
    found = [_extract(crm, duckdb_warehouse, day).loaded for day in range(1, FULL_EVERY.days + 1)]
    assert sum(found) == 1
    assert found[0 if back < OVERLAP else -1] == 1
    assert _cities(duckdb_warehouse) == {"C1": "SALEM", "C2": "AVON"}


def test_a_new_record_is_found_however_late_its_transaction_ends(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse
) -> None:
    crm.put("C1", NOW - DAY)
    _extract(crm, duckdb_warehouse)
    crm.put("C2", NOW - 300 * DAY)
    assert _extract(crm, duckdb_warehouse, 1).loaded == 1


def test_a_record_deleted_and_made_again_between_extractions_is_a_change(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse
) -> None:
    crm.put("C1", NOW - DAY)
    crm.put("C2", NOW - DAY)
    _extract(crm, duckdb_warehouse)
    crm.run("DELETE FROM customers")
    crm.put("C1", NOW, city="SALEM")
    crm.put("C2", NOW - 300 * DAY, city="ESSEX")
    _extract(crm, duckdb_warehouse, 1)
    assert _cities(duckdb_warehouse) == {"C1": "SALEM", "C2": "AVON"}
    _extract(crm, duckdb_warehouse, FULL_EVERY.days)
    assert _cities(duckdb_warehouse) == {"C1": "SALEM", "C2": "ESSEX"}


def test_a_key_that_changes_is_a_deletion_and_a_new_record_whatever_its_time(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse
) -> None:
    crm.put("C1")
    crm.put("C2", NOW - DAY)
    _extract(crm, duckdb_warehouse)
    crm.run("UPDATE customers SET customer_id = 'C9' WHERE customer_id = 'C1'")
    found = _extract(crm, duckdb_warehouse, 1)
    assert (found.loaded, found.deleted) == (1, 1)
    assert _cities(duckdb_warehouse).keys() == {"C2", "C9"}


def test_a_record_that_never_says_when_it_changed_is_read_each_time(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse
) -> None:
    crm.put("C1", NOW - DAY)
    crm.run("INSERT INTO customers (customer_id, city) VALUES ('C2', 'AVON')")
    _extract(crm, duckdb_warehouse)
    for day, city in enumerate(("SALEM", "ESSEX"), start=1):
        crm.run("UPDATE customers SET city = ? WHERE customer_id = 'C2'", city)
        assert _extract(crm, duckdb_warehouse, day).loaded == 1
        assert _cities(duckdb_warehouse)["C2"] == city


def test_a_clock_of_ours_that_steps_back_loses_nothing(crm: Crm, duckdb_warehouse: DuckDbWarehouse) -> None:
    crm.put("C1", NOW)
    _extract(crm, duckdb_warehouse, 5)
    crm.put("C1", NOW + DAY, city="SALEM")
    assert _extract(crm, duckdb_warehouse, -30).loaded == 1
    crm.put("C1", NOW + 2 * DAY, city="ESSEX")
    assert _extract(crm, duckdb_warehouse, 6).loaded == 1
    assert _cities(duckdb_warehouse) == {"C1": "ESSEX"}


class Busy(SqlCrmSource):
    """A CRM that goes on: between its keys and its rows somebody works in it."""

    def __init__(self, crm: Crm) -> None:
        super().__init__(f"sqlite:///{crm.path}")
        self.crm = crm

    def read(self, table: CrmTable, since: dt.datetime | None) -> Iterator[list[dict[str, object]]]:
        self.crm.put("C1", NOW, city="SALEM")
        self.crm.run("DELETE FROM customers WHERE customer_id = 'C2'")
        self.crm.put("C3", NOW)
        yield from super().read(table, since)


def test_an_extraction_sees_one_state_of_a_crm_that_changes_meanwhile_and_the_next_one_the_rest(
    crm: Crm, duckdb_warehouse: DuckDbWarehouse
) -> None:
    crm.run("PRAGMA journal_mode = WAL")
    crm.put("C1", NOW - DAY)
    crm.put("C2", NOW - DAY)
    extract("customers", Busy(crm), duckdb_warehouse, NOW)
    assert _cities(duckdb_warehouse) == {"C1": "AVON", "C2": "AVON"}
    found = _extract(crm, duckdb_warehouse, 1)
    assert (found.loaded, found.deleted) == (2, 1)
    assert _cities(duckdb_warehouse) == {"C1": "SALEM", "C3": "AVON"}
