"""The folder of sales files on its way into the warehouse, and what a sensor sees of it."""

import datetime as dt
from pathlib import Path

import pytest

from platform_assets.promotions.arrival import INCOMING, listing, take_in_all
from platform_assets.promotions.sales import CHECKS
from resources.object_store import FolderObjectStore
from resources.warehouse import DuckDbWarehouse, Warehouse
from tests.models import fill
from tests.platform_assets.promotions.sales_files import GOOD, HEADER, receipt
from tests.unprivileged import as_nobody, open_place


@pytest.fixture
def store(tmp_path: Path) -> FolderObjectStore:
    return FolderObjectStore(tmp_path / "objects")


def _take(store: FolderObjectStore, warehouse: DuckDbWarehouse, *, again: bool = False) -> list[str]:
    entries = take_in_all(store.all(INCOMING), store, warehouse, again=again)
    return [f"{entry.file.removeprefix(INCOMING)} {entry.state} {entry.loaded_rows}" for entry in entries]


def _sold(warehouse: DuckDbWarehouse) -> list[tuple[object, ...]]:
    with warehouse.session() as session:
        rows = session.rows("SELECT file, line, sale_id FROM promotions.sales ORDER BY file, line")
    return [(str(row["file"]).removeprefix(INCOMING), row["line"], row["sale_id"]) for row in rows]


def test_new_changed_and_deleted_files_are_taken_in_once(
    store: FolderObjectStore, duckdb_warehouse: DuckDbWarehouse
) -> None:
    store.put(f"{INCOMING}a.csv", HEADER + GOOD + b"bad\n")
    store.put(f"{INCOMING}b.csv", HEADER + receipt(2))
    store.put("geo/incoming/c.csv", b"an address file is none of ours\n")
    assert _take(store, duckdb_warehouse) == ["a.csv loaded 1", "b.csv loaded 1"]
    assert _take(store, duckdb_warehouse) == []
    store.put(f"{INCOMING}a.csv", HEADER + receipt(3) + receipt(4))
    store.delete(f"{INCOMING}b.csv")
    assert _take(store, duckdb_warehouse) == ["a.csv loaded 2", "b.csv deleted 0"]
    assert _take(store, duckdb_warehouse) == []
    assert _sold(duckdb_warehouse) == [("a.csv", 2, "R3"), ("a.csv", 3, "R4")]
    store.put(f"{INCOMING}b.csv", HEADER + receipt(2))
    assert _take(store, duckdb_warehouse) == ["b.csv loaded 1"]
    assert _take(store, duckdb_warehouse, again=True) == ["a.csv loaded 2", "b.csv loaded 1"]
    assert len(_sold(duckdb_warehouse)) == 3


def test_an_unreadable_version_takes_the_rows_of_the_one_before_and_harms_no_other_file(
    store: FolderObjectStore, duckdb_warehouse: DuckDbWarehouse
) -> None:
    for name in ("a.csv", "b.csv"):
        store.put(INCOMING + name, HEADER + receipt(ord(name[0])))
    _take(store, duckdb_warehouse)
    store.put(f"{INCOMING}a.csv", b"store,city\n")
    assert _take(store, duckdb_warehouse) == ["a.csv rejected 0"]
    assert _sold(duckdb_warehouse) == [("b.csv", 2, "R98")]


def test_a_receipt_that_is_dated_ahead_is_kept_among_the_rejects_and_stays_there_when_its_file_is_read_again(
    store: FolderObjectStore, duckdb_warehouse: DuckDbWarehouse
) -> None:
    ahead = dt.datetime.now(dt.UTC) + dt.timedelta(days=1, minutes=10)
    store.put(f"{INCOMING}a.csv", HEADER + GOOD + receipt(2, f"15,{ahead:%Y-%m-%dT%H:%M},9,\n".encode()))
    assert _take(store, duckdb_warehouse) == ["a.csv loaded 1"]
    assert _take(store, duckdb_warehouse, again=True) == ["a.csv loaded 1"]
    with duckdb_warehouse.session() as session:
        rows = session.rows("SELECT line, reason FROM promotions.rejected_sales")
    assert rows == [{"line": 3, "reason": "sold_ahead"}]


def test_files_that_may_not_be_read_are_rejects_and_harm_no_other_file() -> None:
    with open_place() as place:
        store, warehouse = FolderObjectStore(place / "objects"), DuckDbWarehouse(place / "warehouse.duckdb")
        for name in ("a.csv", "b.csv", "closed/c.csv", "d.csv"):
            store.put(INCOMING + name, HEADER + receipt(len(name)))
        assert len(_take(store, warehouse)) == 4
        folder = place / "objects" / INCOMING
        (folder / "a.csv").chmod(0)
        (folder / "closed").chmod(0)
        store.put(f"{INCOMING}d.csv", HEADER + receipt(7))
        with as_nobody():
            taken = _take(store, warehouse)
            assert not any(entry.is_new for entry in take_in_all(store.all(INCOMING), store, warehouse))
        assert taken == ["a.csv rejected 0", "closed/c.csv rejected 0", "d.csv loaded 1"]
        (folder / "a.csv").chmod(0o666)
        (folder / "closed").chmod(0o777)
        assert _take(store, warehouse) == ["a.csv loaded 1", "closed/c.csv loaded 1"]


def test_a_listing_is_the_same_in_pages_and_another_one_for_each_other_folder(
    store: FolderObjectStore,
) -> None:
    for name in ("a", "b", "c"):
        store.put(f"{INCOMING}{name}.csv", HEADER)
    found = list(store.all(INCOMING))
    whole = listing(found)
    assert listing(found[2:], listing(found[:2])) == whole
    assert listing([]) == ""
    others = {listing(found[:2]), listing(found[1:]), listing([])}
    store.put(f"{INCOMING}b.csv", HEADER + GOOD)
    others.add(listing(store.all(INCOMING)))
    assert len(others | {whole}) == 5


@pytest.mark.parametrize(
    ("name", "offenders"), [("a_receipt_is_in_one_file", 1), ("sold_before_it_was_loaded", 2)]
)
def test_receipts_that_count_twice_or_are_of_days_to_come_are_told(
    warehouse: Warehouse, name: str, offenders: int
) -> None:
    fill(
        warehouse,
        promotions__sales_files="""
        file  | file_version | committed_at
        a.csv | 1            | 2026-11-01
        b.csv | 1            | 2026-11-01
        """,
        promotions__sales="""
        file  | file_version | sale_id | sold_at
        a.csv | 1            | R1      | 2026-10-31
        b.csv | 1            | R1      | 2026-11-02 00:00:00
        b.csv | 1            | R2      | 2026-11-02 00:00:01
        b.csv | 1            | R3      | 2099-01-01
        """,
    )
    check = next(check for check in CHECKS if check.name == name)
    with warehouse.session() as session:
        result = check.result(session, "promotions.sales")
    assert not result.passed
    assert result.metadata["offenders"].value == offenders
    if check.names:
        assert result.metadata["names"].value == "a.csv, b.csv"
