"""Rows and documents of a batch: each line once, each stage again for one batch alone."""

from pathlib import Path

import pytest

from platform_assets.listings import stages
from platform_assets.listings.arrival import INCOMING, take_in
from platform_assets.listings.batch import batch_id, tick_of
from platform_assets.listings.stages import Made, make_csv, make_json
from resources.object_store import FolderObjectStore
from resources.unavailable import Unavailable
from resources.warehouse import DuckDbWarehouse, OvertakenError, Warehouse
from tests.platform_assets.listings.listing_files import FIRST, SECOND, SetLister, held, line


def _batch(batch: str, warehouse: Warehouse, folder: Path, *names: str) -> None:
    store = FolderObjectStore(folder)
    store.put(
        f"{INCOMING}{batch[11:16]}.txt", b"total 8\n" + line("/landed") + b"\n" + line("/caf\xe9") + b"\n"
    )
    take_in(batch, SetLister([*names]), store, warehouse)


def test_a_batch_is_named_by_its_tick() -> None:
    assert batch_id(tick_of(FIRST)) == FIRST
    assert sorted([SECOND, FIRST]) == [FIRST, SECOND]


def test_each_line_becomes_a_row_with_a_document_or_a_reject(warehouse: Warehouse, tmp_path: Path) -> None:
    _batch(FIRST, warehouse, tmp_path, "/a b", "/c, d")
    assert make_csv(FIRST, warehouse) == Made(5, 4, 1)
    assert make_json(FIRST, warehouse) == Made(4, 4)
    assert held(warehouse, "rejected_listings", "source, line, reason") == [
        (f"{INCOMING}10:05.txt", 1, "total_line")
    ]
    found = held(warehouse, "listing_json", "line, document")
    assert (1, '{"mod":"-rw-r--r--","no":"1","user":"root","group":"root","usrno":"1",'
               '"date":"Nov 20 10:00","file":"/a b"}') in found  # fmt: skip
    assert len(found) == 4


def test_a_stage_made_again_replaces_the_rows_of_its_batch_alone(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    for batch, names in ((FIRST, ["/a"]), (SECOND, ["/a", "/b"])):
        _batch(batch, warehouse, tmp_path, *names)
        make_csv(batch, warehouse)
        make_json(batch, warehouse)
    before = [held(warehouse, table) for table in ("listing_csv", "rejected_listings", "listing_json")]
    assert [len(rows) for rows in before] == [7, 2, 7]
    assert make_csv(FIRST, warehouse) == Made(4, 3, 1)
    assert make_json(FIRST, warehouse) == Made(3, 3)
    assert [held(warehouse, t) for t in ("listing_csv", "rejected_listings", "listing_json")] == before


def test_a_batch_of_many_lines_is_made_in_parts(
    duckdb_warehouse: DuckDbWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "ROWS", 3)
    _batch(FIRST, duckdb_warehouse, tmp_path, *(f"/{n}" for n in range(10)))
    assert make_csv(FIRST, duckdb_warehouse) == Made(13, 12, 1)
    assert make_json(FIRST, duckdb_warehouse) == Made(12, 12)
    assert len(set(held(duckdb_warehouse, "listing_json"))) == 12


def test_a_stage_whose_stage_before_is_missing_says_which(duckdb_warehouse: DuckDbWarehouse) -> None:
    with pytest.raises(Unavailable, match="has no listing_txt yet; materialize listing_txt"):
        make_csv(FIRST, duckdb_warehouse)
    with pytest.raises(Unavailable, match="has no listing_csv yet"):
        make_json(FIRST, duckdb_warehouse)


def test_of_two_runs_that_make_a_batch_at_once_one_writes_nothing(
    duckdb_warehouse: DuckDbWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _batch(FIRST, duckdb_warehouse, tmp_path, "/a")
    begin, others = stages._begin, [1]

    def overtaken(*arguments: object) -> str | None:
        found = begin(*arguments)  # type: ignore[arg-type]
        if others:
            others.clear()
            with duckdb_warehouse.session() as session:
                stages._commit(session, FIRST, found, 0, *spools)
        return found

    with duckdb_warehouse.spool("listings.listing_csv") as spool:
        spools = [spool]
        monkeypatch.setattr(stages, "_begin", overtaken)
        with pytest.raises(OvertakenError):
            make_csv(FIRST, duckdb_warehouse)
    assert held(duckdb_warehouse, "listing_csv") == []
