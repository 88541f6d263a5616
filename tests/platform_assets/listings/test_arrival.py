"""What a tick takes in: the root as it is, and each version of what landed once."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from platform_assets.listings import arrival
from platform_assets.listings.arrival import INCOMING, Listed, take_in
from resources.lister import FolderLister, NoLister
from resources.object_store import FolderObjectStore, StoredObject
from resources.warehouse import DuckDbWarehouse, OvertakenError, Warehouse
from tests.platform_assets.listings.listing_files import FIRST, SECOND, THIRD, SetLister, held, line
from tests.unprivileged import as_nobody, open_place


@pytest.fixture
def store(tmp_path: Path) -> FolderObjectStore:
    return FolderObjectStore(tmp_path / "objects")


def _said(listed: Listed) -> list[str]:
    return [str(entry).removeprefix(INCOMING) for entry in listed.entries]


def test_a_batch_holds_the_root_as_it_was_and_what_landed_since(
    warehouse: Warehouse, store: FolderObjectStore
) -> None:
    lister = SetLister(["/a", "/b"])
    store.put(f"{INCOMING}n.txt", line("/n") + b"\n")
    first = take_in(FIRST, lister, store, warehouse)
    assert (first.lines, first.root_lines, _said(first)) == (3, 2, ["n.txt: loaded, 1 lines"])
    lister.names = ["/b"]
    second = take_in(SECOND, lister, store, warehouse)
    assert (second.lines, second.root_lines, _said(second)) == (1, 1, [])
    store.put(f"{INCOMING}n.txt", gzip.compress(line("/n", 22) + b"\r\n" + line("/o") + b"\r\n"))
    assert _said(take_in(THIRD, NoLister(), store, warehouse)) == ["n.txt: loaded, 2 lines"]
    assert held(warehouse, "listing_txt", "batch_id, source, line, text") == [
        (FIRST, "file:///listed", 1, line("/a").decode()),
        (FIRST, "file:///listed", 2, line("/b").decode()),
        (FIRST, f"{INCOMING}n.txt", 1, line("/n").decode()),
        (SECOND, "file:///listed", 1, line("/b").decode()),
        (THIRD, f"{INCOMING}n.txt", 1, line("/n", 22).decode()),
        (THIRD, f"{INCOMING}n.txt", 2, line("/o").decode()),
    ]
    assert held(warehouse, "listing_files", "batch_id, file, state, read_rows") == [
        (FIRST, f"{INCOMING}n.txt", "loaded", 1),
        (THIRD, f"{INCOMING}n.txt", "loaded", 2),
    ]


def test_a_batch_that_was_taken_in_stays_as_it_is(
    duckdb_warehouse: DuckDbWarehouse, store: FolderObjectStore
) -> None:
    take_in(FIRST, SetLister(["/a"]), store, duckdb_warehouse)
    before = held(duckdb_warehouse, "listing_txt")
    store.put(f"{INCOMING}n.txt", line("/n"))
    again = take_in(FIRST, SetLister(["/a", "/b"]), store, duckdb_warehouse)
    assert (again.is_new, again.lines) == (False, 1)
    assert held(duckdb_warehouse, "listing_txt") == before
    # Also one in which there was nothing.
    store.delete(f"{INCOMING}n.txt")
    assert take_in(SECOND, NoLister(), store, duckdb_warehouse).is_new
    assert not take_in(SECOND, SetLister(["/a"]), store, duckdb_warehouse).is_new


def test_a_file_that_cannot_be_read_is_told_and_harms_no_other(
    duckdb_warehouse: DuckDbWarehouse, store: FolderObjectStore
) -> None:
    whole = gzip.compress(b"".join(line(f"/{n}") + b"\n" for n in range(99)))
    for name, content in (("a", whole[:-9]), ("b", line("/b")), ("c", b"")):
        store.put(f"{INCOMING}{name}.txt", content)
    said = _said(take_in(FIRST, NoLister(), store, duckdb_warehouse))
    assert said[0].startswith("a.txt: rejected, corrupt_archive: It is cut short or damaged")
    assert said[1:] == ["b.txt: loaded, 1 lines", "c.txt: loaded, 0 lines"]
    assert held(duckdb_warehouse, "listing_txt", "source") == [(f"{INCOMING}b.txt",)]
    assert take_in(SECOND, NoLister(), store, duckdb_warehouse).entries == ()


def test_a_file_that_may_not_be_read_is_told_and_is_taken_in_once_it_may() -> None:
    with open_place() as place:
        store, warehouse = FolderObjectStore(place / "objects"), DuckDbWarehouse(place / "warehouse.duckdb")
        for name in ("a", "closed/b", "c"):
            store.put(f"{INCOMING}{name}.txt", line(f"/{name}"))
        folder = place / "objects" / INCOMING
        (folder / "loop.txt").symlink_to("loop.txt")
        (folder / "a.txt").chmod(0)
        (folder / "closed").chmod(0)
        # So that nobody need load a module, nor own the warehouse.
        take_in(FIRST, NoLister(), FolderObjectStore(place / "other"), warehouse)
        with as_nobody():
            denied, loaded = _said(take_in(SECOND, NoLister(), store, warehouse))
        assert denied.startswith("a.txt: rejected, access_denied: file:///")
        assert loaded == "c.txt: loaded, 1 lines"
        (folder / "a.txt").chmod(0o666)
        (folder / "closed").chmod(0o777)
        opened = take_in(THIRD, NoLister(), store, warehouse)
        assert _said(opened) == ["a.txt: loaded, 1 lines", "closed/b.txt: loaded, 1 lines"]


def test_more_files_or_bytes_than_a_batch_takes_wait_for_the_next_ones(
    duckdb_warehouse: DuckDbWarehouse, store: FolderObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrival, "MAX_FILES", 2)
    for name in "abcde":
        store.put(f"{INCOMING}{name}.txt", line(name))
    taken = [take_in(batch, NoLister(), store, duckdb_warehouse) for batch in (FIRST, SECOND)]
    assert [(len(each.entries), each.left) for each in taken] == [(2, 3), (2, 1)]
    monkeypatch.setattr(arrival, "MAX_BYTES", 60)
    store.put(f"{INCOMING}large.txt", line("x" * 60))
    last = take_in(THIRD, NoLister(), store, duckdb_warehouse)
    assert (_said(last)[:1], last.left) == (["e.txt: loaded, 1 lines"], 1)
    large = take_in("2026-11-21T10:08:00Z", NoLister(), store, duckdb_warehouse)
    assert _said(large) == ["large.txt: rejected, too_large: It holds more than 60 bytes."]


class _Edited(FolderObjectStore):
    """Somebody writes to a file once it was opened."""

    def open(self, stored: StoredObject) -> IO[bytes]:  # type: ignore[override]
        stream = super().open(stored)
        if stored.key.endswith("b.txt"):
            with (Path(self.uri(stored.key).removeprefix("file://"))).open("ab") as file:
                file.write(b"\n" + line("/more") * 400_000)
        return stream


def test_a_file_that_changes_while_it_is_read_waits_for_the_next_batch(
    duckdb_warehouse: DuckDbWarehouse, tmp_path: Path
) -> None:
    store = _Edited(tmp_path / "objects")
    for name in "ab":
        store.put(f"{INCOMING}{name}.txt", (line(f"/{name}") + b"\n") * 300_000)
    taken = take_in(FIRST, NoLister(), store, duckdb_warehouse)
    assert (_said(taken), taken.left) == (["a.txt: loaded, 300000 lines"], 1)


def test_a_root_that_cannot_be_listed_keeps_nothing_waiting_that_landed(
    duckdb_warehouse: DuckDbWarehouse, store: FolderObjectStore, tmp_path: Path
) -> None:
    store.put(f"{INCOMING}n.txt", line("/n"))
    for name in "ab":
        (tmp_path / "root" / name).mkdir(parents=True)
        (tmp_path / "root" / name / "x").touch()
    # What was listed before it turned out to be too much is no listing.
    taken = take_in(FIRST, FolderLister(tmp_path / "root", max_files=1), store, duckdb_warehouse)
    assert (taken.lines, taken.root_lines, _said(taken)) == (1, 0, ["n.txt: loaded, 1 lines"])
    assert "which holds more than 1 files" in taken.trouble
    assert held(duckdb_warehouse, "listing_txt") == [(FIRST, f"{INCOMING}n.txt", 1)]
    away = take_in(SECOND, FolderLister(tmp_path / "away"), store, duckdb_warehouse)
    assert "cannot be listed (No such file or directory)" in away.trouble
    assert take_in(THIRD, NoLister(), store, duckdb_warehouse).trouble == ""


class _Overtaking(SetLister):
    """While it lists, somebody else takes a batch in."""

    def __init__(self, warehouse: Warehouse, store: FolderObjectStore, batches: list[str]) -> None:
        super().__init__(["/a"])
        self.others = (warehouse, store, batches)

    def lines(self) -> Iterator[bytes]:
        warehouse, store, batches = self.others
        if batches:
            take_in(batches.pop(0), NoLister(), store, warehouse)
        return super().lines()


def test_of_two_ticks_at_once_one_wins_and_the_other_writes_nothing_of_what_landed(
    warehouse: Warehouse, store: FolderObjectStore
) -> None:
    store.put(f"{INCOMING}n.txt", line("/n"))
    same = take_in(FIRST, _Overtaking(warehouse, store, [FIRST]), store, warehouse)
    assert not same.is_new
    assert held(warehouse, "listing_txt") == [(FIRST, f"{INCOMING}n.txt", 1)]
    store.put(f"{INCOMING}o.txt", line("/o"))
    other = take_in(SECOND, _Overtaking(warehouse, store, [THIRD]), store, warehouse)
    assert (other.root_lines, other.entries) == (1, ())
    assert held(warehouse, "listing_txt")[1:] == [
        (SECOND, "file:///listed", 1),
        (THIRD, f"{INCOMING}o.txt", 1),
    ]


def test_a_tick_that_is_overtaken_time_and_again_writes_nothing(
    duckdb_warehouse: DuckDbWarehouse, store: FolderObjectStore
) -> None:
    others = [f"2026-11-21T11:00:0{n}Z" for n in range(9)]
    with pytest.raises(OvertakenError):
        take_in(FIRST, _Overtaking(duckdb_warehouse, store, others), store, duckdb_warehouse)
    assert held(duckdb_warehouse, "listing_txt") == []
