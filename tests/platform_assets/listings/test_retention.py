"""Old batches leave, and nothing that was not posted leaves with them."""

import datetime as dt
from pathlib import Path

import pytest

from platform_assets.listings.arrival import take_in
from platform_assets.listings.batch import tick_of
from platform_assets.listings.retention import prune
from platform_assets.listings.stages import make_csv, make_json
from resources.object_store import FolderObjectStore
from resources.warehouse import Warehouse
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
