"""Old batches leave, and nothing that was not posted leaves with them."""

import datetime as dt
from pathlib import Path

import pytest

from platform_assets.listings.arrival import INCOMING, take_in
from platform_assets.listings.batch import batch_id, tick_of
from platform_assets.listings.retention import delete_landed, prune
from platform_assets.listings.stages import make_csv, make_json
from resources.lister import NoLister
from resources.object_store import FolderObjectStore, StoredObject
from resources.warehouse import DuckDbWarehouse, Warehouse
from tests.graph import graph_at
from tests.models import put
from tests.platform_assets.listings.listing_files import FIRST, SECOND, THIRD, SetLister, held

TABLES = ("listing_txt", "listing_csv", "listing_json")


@pytest.fixture
def full(warehouse: Warehouse, tmp_path: Path) -> Warehouse:
    """Three batches, the last of which got no further than its text; what the first one holds was entered."""
    store = FolderObjectStore(tmp_path / "objects")
    for batch, names in ((FIRST, ["/a", "bad\tname"]), (SECOND, ["/a", "/b"]), (THIRD, ["/c"])):
        take_in(batch, SetLister(names), store, warehouse)
        if batch != THIRD:
            make_csv(batch, warehouse)
            make_json(batch, warehouse)
    _enter(warehouse, FIRST)
    return warehouse


def _enter(warehouse: Warehouse, batch: str) -> None:
    with warehouse.session() as session:
        hashes = session.rows(
            "SELECT DISTINCT content_hash FROM listings.listing_json WHERE batch_id = :batch AND content_hash"
            " NOT IN (SELECT content_hash FROM listings.posted_listings)",
            batch=batch,
        )
    put(
        warehouse,
        {"listings.posted_listings": [{**row, "batch_id": batch, "state": "posted"} for row in hashes]},
    )


def _batches(warehouse: Warehouse) -> list[list[object]]:
    return [sorted({row[0] for row in held(warehouse, table, "batch_id")}, key=str) for table in TABLES]


def test_a_batch_leaves_once_it_is_old_and_its_documents_are_entered(full: Warehouse) -> None:
    later = tick_of(THIRD) + dt.timedelta(hours=1)
    assert list(prune(full, tick_of(FIRST))) == []
    assert list(prune(full, later)) == [(FIRST, True), (SECOND, False), (THIRD, False)]
    assert _batches(full) == [[SECOND, THIRD], [SECOND], [SECOND]]
    _enter(full, SECOND)
    assert list(prune(full, later)) == [(SECOND, True), (THIRD, False)]
    assert _batches(full) == [[THIRD], [], []]
    with full.session() as session:
        positions = session.rows("SELECT source FROM ledger.positions WHERE STARTSWITH(source, 'listings/')")
    assert sorted(str(row["source"]) for row in positions) == [
        "listings/listing_txt",
        f"listings/listing_txt/{THIRD}",
    ]
    assert len(held(full, "posted_listings", "content_hash")) == 3


def test_a_batch_that_stood_still_leaves_when_it_was_brought_to_its_end(full: Warehouse) -> None:
    make_csv(THIRD, full)
    make_json(THIRD, full)
    _enter(full, THIRD)
    assert list(prune(full, tick_of(THIRD) + dt.timedelta(seconds=1)))[2] == (THIRD, True)


def test_landed_files_are_deleted_once_their_present_version_was_taken_in(
    duckdb_warehouse: DuckDbWarehouse, tmp_path: Path
) -> None:
    store = FolderObjectStore(tmp_path / "objects")
    for name, content in (("a", b""), ("b", b""), ("broken", b"\x1f\x8b broken")):
        store.put(f"{INCOMING}{name}.txt", content)
    take_in(FIRST, NoLister(), store, duckdb_warehouse)
    store.put(f"{INCOMING}b.txt", b"another version\n")
    now = dt.datetime.now(dt.UTC)
    assert delete_landed(store, duckdb_warehouse, now - dt.timedelta(hours=1)) == 0
    assert delete_landed(store, duckdb_warehouse, now + dt.timedelta(hours=1)) == 1
    assert [each.key.removeprefix(INCOMING) for each in store.all(INCOMING)] == ["b.txt", "broken.txt"]


class _WrittenMeanwhile(FolderObjectStore):
    """Somebody writes `b.txt` anew when the first file is being deleted."""

    def delete_unchanged(self, stored: StoredObject) -> bool:
        if stored.key.endswith("a.txt"):
            self.put(f"{INCOMING}b.txt", b"nobody has read this\n")
        return super().delete_unchanged(stored)


def test_a_version_that_comes_while_files_are_deleted_stays(
    duckdb_warehouse: DuckDbWarehouse, tmp_path: Path
) -> None:
    store = _WrittenMeanwhile(tmp_path / "objects")
    for name in "ab":
        store.put(f"{INCOMING}{name}.txt", b"")
    take_in(FIRST, NoLister(), store, duckdb_warehouse)
    assert delete_landed(store, duckdb_warehouse, dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)) == 1
    assert take_in(SECOND, NoLister(), store, duckdb_warehouse).lines == 1


def test_the_job_removes_rows_and_partitions_of_old_batches_and_partitions_without_any(
    tmp_path: Path,
) -> None:
    with graph_at(tmp_path) as graph:
        put(graph.ports.warehouse, {"ledger.positions": [_done("listing_txt"), _done("listing_json")]})
        later = batch_id(dt.datetime.now(dt.UTC))
        graph.instance.add_dynamic_partitions(
            "listing_batches", [FIRST, "2020-01-01T00:00:00Z", THIRD, later]
        )
        put(
            graph.ports.warehouse,
            {"ledger.positions": [{**_done("listing_txt"), "source": f"listings/listing_txt/{THIRD}"}]},
        )
        config = {"ops": {"remove_old_batches": {"config": {"keep_hours": 1, "delete_files": True}}}}
        assert graph.run("prune_listings", config=config).success
        assert list(graph.instance.get_dynamic_partitions("listing_batches")) == [THIRD, later]
        assert (
            graph.one("SELECT COUNT(*) AS n FROM ledger.positions WHERE STARTSWITH(source, 'listings/')") == 1
        )


def _done(stage: str) -> dict[str, object]:
    return {"source": f"listings/{stage}/{FIRST}", "next_position": "1"}
