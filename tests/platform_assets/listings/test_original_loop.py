"""What the original's loop loses between its stages, and that here nothing is lost: traps 1, 2, 3 and 9."""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from platform_assets.listings.arrival import INCOMING, Listed, take_in
from platform_assets.listings.stages import make_csv, make_json
from resources.lister import NoLister
from resources.object_store import FolderObjectStore
from resources.warehouse import DuckDbWarehouse, OvertakenError
from tests import killing, original_listings
from tests.killing import Killer, Place
from tests.platform_assets.listings.listing_files import FIRST, SECOND, SetLister, held, line

pytestmark = pytest.mark.skipif(bool(original_listings.lacking()), reason=original_listings.lacking())

NAMES = [f"/file-{number}" for number in range(6)]


@pytest.fixture
def store(tmp_path: Path) -> FolderObjectStore:
    return FolderObjectStore(tmp_path / "objects")


def _names(sheet: Path) -> list[str]:
    return [text.rpartition(",")[2] for text in sheet.read_text().splitlines()]


def _files(warehouse: DuckDbWarehouse) -> list[tuple[object, ...]]:
    return held(warehouse, "listing_csv", "batch_id, file")


def test_a_listing_that_is_read_while_it_is_written_is_read_to_its_end(
    duckdb_warehouse: DuckDbWarehouse, store: FolderObjectStore, tmp_path: Path
) -> None:
    source, sheet = tmp_path / "listing.txt", tmp_path / "listing.csv"
    landed = tmp_path / "objects" / INCOMING / "listing.txt"
    landed.parent.mkdir(parents=True)
    with source.open("wb") as theirs, landed.open("wb") as ours:
        for file in (theirs, ours):
            file.writelines(line(name) + b"\n" for name in NAMES[:3])
            file.flush()
        original_listings.loop(source, sheet)
        take_in(FIRST, NoLister(), store, duckdb_warehouse)
        for file in (theirs, ours):
            file.writelines(line(name) + b"\n" for name in NAMES[3:])
    original_listings.loop(source, sheet)
    take_in(SECOND, NoLister(), store, duckdb_warehouse)
    # The second half went into a file that was removed; nobody ever reads it.
    assert _names(sheet) == NAMES[:3]
    assert not source.exists()
    make_csv(SECOND, duckdb_warehouse)
    assert _files(duckdb_warehouse) == [(SECOND, name) for name in NAMES]


def test_a_listing_that_nobody_has_read_yet_is_not_overwritten_by_the_next_one(
    duckdb_warehouse: DuckDbWarehouse, store: FolderObjectStore, tmp_path: Path
) -> None:
    source, sheet = tmp_path / "listing.txt", tmp_path / "listing.csv"
    for batch, names in ((FIRST, NAMES[:3]), (SECOND, NAMES[3:])):
        source.write_bytes(b"".join(line(name) + b"\n" for name in names))
        original_listings.loop(source, sheet)
        take_in(batch, SetLister(names), store, duckdb_warehouse)
        make_csv(batch, duckdb_warehouse)
    # The stage csv-to-json was slow, so that it comes only now.
    assert _names(sheet) == NAMES[3:]
    for batch in (SECOND, FIRST):
        make_json(batch, duckdb_warehouse)
    assert len(held(duckdb_warehouse, "listing_json")) == len(NAMES)
    assert _files(duckdb_warehouse) == [(FIRST, n) for n in NAMES[:3]] + [(SECOND, n) for n in NAMES[3:]]


def test_a_stage_that_dies_leaves_its_source_to_the_next_turn(
    duckdb_warehouse: DuckDbWarehouse, tmp_path: Path
) -> None:
    source, sheet = tmp_path / "listing.txt", tmp_path / "listing.csv"
    source.write_bytes(b"".join(line(name) + b"\n" for name in NAMES))
    assert original_listings.loop(source, sheet, before_filter="kill -9 $$") == -signal.SIGKILL
    original_listings.loop(source, sheet)
    # The copy lay in the pod, which is gone.
    assert not source.exists()
    assert not sheet.exists()
    landed = tmp_path / INCOMING / "listing.txt"
    landed.parent.mkdir(parents=True)
    landed.write_bytes(b"".join(line(name) + b"\n" for name in NAMES))
    (tmp_path / "listed").mkdir()
    place = Place(tmp_path, tmp_path / "warehouse.duckdb")
    killing.die("listing", place, Killer("deleted", 2))
    assert held(duckdb_warehouse, "listing_csv") == []
    killing.run("listing", place)
    assert _files(duckdb_warehouse) == [(killing.BATCH, name) for name in NAMES]


def test_ticks_at_the_same_time_do_not_write_into_each_other(
    duckdb_warehouse: DuckDbWarehouse, store: FolderObjectStore, tmp_path: Path
) -> None:
    source = tmp_path / "listing.txt"
    lines = [line(name) + b"\n" for name in NAMES]
    with source.open("wb", buffering=0) as slow:
        slow.write(b"".join(lines[:2]))
        with source.open("wb", buffering=0) as late:
            late.write(line("/other"))
            slow.write(b"".join(lines[2:]))
    assert b"\0" in source.read_bytes()
    assert lines[0] not in source.read_bytes()
    batches = {FIRST: SetLister(NAMES), SECOND: SetLister([*NAMES, "/other"])}
    store.put(f"{INCOMING}landed.txt", line("/landed"))

    def tick(batch: str) -> Listed | None:
        try:
            return take_in(batch, batches[batch], store, duckdb_warehouse)
        except OvertakenError:
            return None

    with ThreadPoolExecutor() as pool:
        first, second = pool.map(tick, batches)
    # Who was overtaken time and again has written nothing, and the next tick asks for it once more.
    taken = [first or tick(FIRST), second or tick(SECOND)]
    assert [each and each.root_lines for each in taken] == [6, 7]
    # What landed is in one of them.
    assert sum(len(each.entries) for each in taken if each) == 1
    assert len(held(duckdb_warehouse, "listing_txt")) == 6 + 7 + 1
