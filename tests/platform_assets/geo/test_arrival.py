"""One version of one file on its way into the warehouse."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from platform_assets.geo.arrival import Entry, take_in, version_of
from resources.object_store import FolderObjectStore, ObjectChanged, StoredObject
from resources.object_store.pinned import RANGE_BYTES
from resources.warehouse import DuckDbWarehouse
from tests.unprivileged import as_nobody, open_place

KEY = "geo/incoming/ct.csv"
HEADER = b"LON,LAT,NUMBER,STREET\n"
GOOD = b"-72.7,41.7,12,MAIN ST\n"
BAD = b"-72.7,41.7,,MAIN ST\n"


class Restless(FolderObjectStore):
    """Somebody replaces the file each time that it is about to be read, `times` times."""

    def __init__(self, root: Path, times: int) -> None:
        super().__init__(root)
        self.times = times

    def head(self, key: str) -> StoredObject | None:
        stored = super().head(key)
        if self.times and stored:
            self.times -= 1
            self.put(key, HEADER + GOOD * (self.times + 1))
        return stored


class Vanishing(FolderObjectStore):
    """Somebody deletes the file after it was looked at."""

    def head(self, key: str) -> StoredObject | None:
        stored = super().head(key)
        Path(self.uri(key).removeprefix("file://")).unlink(missing_ok=True)
        return stored


class Disturbed(FolderObjectStore):
    """Something happens to the file once, after its first range was read and before its second."""

    def __init__(self, root: Path, happens: Callable[[FolderObjectStore], object]) -> None:
        super().__init__(root)
        self.happens: Callable[[FolderObjectStore], object] | None = happens

    def open(self, stored: StoredObject) -> BinaryIO:
        stream = super().open(stored)
        if self.happens:
            self.happens(FolderObjectStore(Path(self.uri().removeprefix("file://"))))
            self.happens = None
        return stream


def _counts(warehouse: DuckDbWarehouse) -> tuple[int, ...]:
    """Rows, rejects, ledger entries."""
    with warehouse.session() as session:
        return tuple(
            int(str(session.rows(f"SELECT COUNT(*) AS n FROM geo.{table}")[0]["n"]))
            for table in ("raw_addresses", "rejected_addresses", "address_files")
        )


@pytest.fixture
def store(tmp_path: Path) -> FolderObjectStore:
    return FolderObjectStore(tmp_path / "objects")


def test_a_file_is_loaded_once_whatever_it_is_asked_for(
    store: FolderObjectStore, duckdb_warehouse: DuckDbWarehouse
) -> None:
    version = version_of(store.put(KEY, HEADER + GOOD + BAD))
    assert take_in(KEY, store, duckdb_warehouse) == Entry(KEY, "loaded", 2, 1, 1, version=version)
    again = take_in(KEY, store, duckdb_warehouse)
    assert (again.state, again.is_new, again.version) == ("loaded", False, version)
    assert _counts(duckdb_warehouse) == (1, 1, 1)


def test_a_new_version_replaces_rows_and_rejects(
    store: FolderObjectStore, duckdb_warehouse: DuckDbWarehouse
) -> None:
    store.put(KEY, HEADER + GOOD * 3 + BAD * 2)
    take_in(KEY, store, duckdb_warehouse)
    store.put(KEY, HEADER + GOOD)
    take_in(KEY, store, duckdb_warehouse)
    assert _counts(duckdb_warehouse) == (1, 0, 2)


def test_an_unreadable_version_takes_the_rows_of_the_one_before(
    store: FolderObjectStore, duckdb_warehouse: DuckDbWarehouse
) -> None:
    store.put(KEY, HEADER + GOOD * 3)
    take_in(KEY, store, duckdb_warehouse)
    store.put(KEY, b"no addresses here\n")
    entry = take_in(KEY, store, duckdb_warehouse)
    assert (entry.state, entry.read_rows, entry.rejected_rows) == ("rejected", 1, 1)
    assert entry.reason.startswith("unknown_format: ")
    assert _counts(duckdb_warehouse) == (0, 1, 2)


def test_a_deleted_file_takes_its_rows_once(
    store: FolderObjectStore, duckdb_warehouse: DuckDbWarehouse
) -> None:
    store.put(KEY, HEADER + GOOD + BAD)
    store.put("geo/incoming/other.csv", HEADER + GOOD)
    take_in(KEY, store, duckdb_warehouse)
    take_in("geo/incoming/other.csv", store, duckdb_warehouse)
    store.delete(KEY)
    assert take_in(KEY, store, duckdb_warehouse) == Entry(KEY, "deleted")
    assert not take_in(KEY, store, duckdb_warehouse).is_new
    assert _counts(duckdb_warehouse) == (1, 0, 3)


def test_a_file_that_may_not_be_read_is_a_reject_and_is_loaded_once_it_may() -> None:
    with open_place() as place:
        store, warehouse = FolderObjectStore(place / "objects"), DuckDbWarehouse(place / "warehouse.duckdb")
        store.put(KEY, HEADER + GOOD)
        assert take_in(KEY, store, warehouse).state == "loaded"
        (place / "objects" / KEY).chmod(0)
        with as_nobody():
            denied = take_in(KEY, store, warehouse)
            assert not take_in(KEY, store, warehouse).is_new
        (place / "objects" / KEY).chmod(0o666)
        opened = take_in(KEY, store, warehouse)
    assert (denied.state, denied.rejected_rows, opened.state, opened.loaded_rows) == (
        "rejected",
        1,
        "loaded",
        1,
    )
    assert denied.reason.startswith("access_denied: file:///")


def test_a_file_that_never_was_changes_nothing(
    store: FolderObjectStore, duckdb_warehouse: DuckDbWarehouse
) -> None:
    assert take_in(KEY, store, duckdb_warehouse) == Entry(KEY, "deleted", is_new=False)
    assert _counts(duckdb_warehouse) == (0, 0, 0)


def test_a_file_replaced_while_it_is_read_is_read_again(
    tmp_path: Path, duckdb_warehouse: DuckDbWarehouse
) -> None:
    store = Restless(tmp_path / "objects", 0)
    store.put(KEY, HEADER)
    store.times = 1
    assert take_in(KEY, store, duckdb_warehouse).loaded_rows == 1
    assert _counts(duckdb_warehouse) == (1, 0, 1)


def test_a_file_that_is_replaced_each_time_is_left_to_the_next_run(
    tmp_path: Path, duckdb_warehouse: DuckDbWarehouse
) -> None:
    store = Restless(tmp_path / "objects", 0)
    store.put(KEY, HEADER)
    store.times = 99
    with pytest.raises(ObjectChanged):
        take_in(KEY, store, duckdb_warehouse)
    assert _counts(duckdb_warehouse) == (0, 0, 0)


def test_a_file_deleted_after_it_was_looked_at_counts_as_deleted(
    tmp_path: Path, duckdb_warehouse: DuckDbWarehouse
) -> None:
    FolderObjectStore(tmp_path / "objects").put(KEY, HEADER + GOOD)
    entry = take_in(KEY, Vanishing(tmp_path / "objects"), duckdb_warehouse)
    assert (entry.state, entry.is_new) == ("deleted", False)
    assert _counts(duckdb_warehouse) == (0, 0, 0)


@pytest.mark.parametrize(
    ("happens", "state", "loaded"),
    [
        (lambda store: store.put(KEY, HEADER + GOOD * 3), "loaded", 3),
        (lambda store: store.put(KEY, b""), "rejected", 0),
        (lambda store: store.delete(KEY), "deleted", 0),
    ],
    ids=["replaced", "emptied", "deleted"],
)
def test_what_happens_to_a_file_half_way_through_it_leaves_no_row_of_the_first_half(
    tmp_path: Path,
    duckdb_warehouse: DuckDbWarehouse,
    happens: Callable[[FolderObjectStore], object],
    state: str,
    loaded: int,
) -> None:
    store = Disturbed(tmp_path / "objects", happens)
    store.put(KEY, HEADER + GOOD * (RANGE_BYTES // len(GOOD) + 1_000))
    entry = take_in(KEY, store, duckdb_warehouse)
    assert (entry.state, entry.loaded_rows) == (state, loaded)
    assert _counts(duckdb_warehouse)[0] == loaded


def test_a_file_of_no_bytes_is_one_reject(
    store: FolderObjectStore, duckdb_warehouse: DuckDbWarehouse
) -> None:
    store.put(KEY, b"")
    entry = take_in(KEY, store, duckdb_warehouse)
    assert (entry.state, entry.read_rows, entry.rejected_rows) == ("rejected", 1, 1)
    assert _counts(duckdb_warehouse) == (0, 1, 1)
