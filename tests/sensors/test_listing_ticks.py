"""The clock of the listings, situation by situation."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from platform_assets.listings.arrival import INCOMING
from sensors import listing_ticks
from sensors.listing_ticks import AT_ONCE, TRIES
from tests.graph import graph_at
from tests.platform_assets.listings.listing_files import FIRST, line
from tests.sensors.listing_clock import Clock

FAILED, DONE = dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[Clock]:
    with graph_at(tmp_path) as graph:
        yield Clock(graph)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is due at once."""
    monkeypatch.setattr(listing_ticks, "REST", dt.timedelta())


def test_each_minute_is_a_batch_with_a_partition_of_its_own(clock: Clock) -> None:
    (clock.root / "a").touch()
    assert [clock.tick(), clock.tick()] == [["2026-11-21T12:00:00Z"], ["2026-11-21T12:01:00Z"]]
    partitions = clock.graph.instance.get_dynamic_partitions("listing_batches")
    assert list(partitions) == ["2026-11-21T12:00:00Z", "2026-11-21T12:01:00Z"]


def test_where_there_is_nothing_to_list_the_tick_says_where_it_looked(clock: Clock) -> None:
    assert clock.tick() == []
    assert clock.reason.startswith(
        f"LISTING_ROOT ({clock.root.as_uri()}) holds no file, and nothing landed under"
    )
    clock.root.rmdir()
    assert clock.tick() == []
    assert clock.reason.startswith("LISTING_ROOT is not set, and nothing landed under file:///")
    assert "objects/listings/incoming since the last batch" in clock.reason
    assert not clock.graph.instance.get_dynamic_partitions("listing_batches")


def test_a_file_that_landed_asks_for_batches_until_it_is_taken_in(clock: Clock) -> None:
    clock.graph.ports.object_store.put(f"{INCOMING}a.txt", line("/a"))
    first, second = clock.tick(), clock.tick()
    assert [len(first), len(second)] == [1, 1]
    clock.take_in(first[0])
    assert clock.tick() == []
    clock.graph.ports.object_store.put(f"{INCOMING}a.txt", line("/b"))
    assert len(clock.tick()) == 1


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTED])
def test_ticks_never_overlap(clock: Clock, status: dg.DagsterRunStatus) -> None:
    (clock.root / "a").touch()
    clock.ran(FIRST, status)
    assert clock.tick() == []
    assert clock.reason == "1 runs of list_files are under way; ticks never overlap."


def _fail(clock: Clock, *batches: str) -> None:
    clock.graph.instance.add_dynamic_partitions("listing_batches", list(batches))
    for batch in batches:
        clock.ran(batch, FAILED)


def test_a_batch_that_failed_is_tried_again_before_anything_new(clock: Clock) -> None:
    (clock.root / "a").touch()
    _fail(clock, FIRST)
    assert clock.tick() == []
    assert clock.reason.startswith(f"Batch {FIRST} failed and is tried again after ")


@pytest.mark.usefixtures("at_once")
def test_late_batches_catch_up_oldest_first_and_a_few_at_a_time(clock: Clock) -> None:
    (clock.root / "a").touch()
    late = [f"2026-11-21T11:0{n}:00Z" for n in range(3)]
    _fail(clock, *reversed(late))
    # While the last run has failed, one is tried and the others wait.
    assert clock.tick() == late[:1]
    clock.ran(late[0], DONE)
    assert clock.tick() == [*late[1 : 1 + AT_ONCE], "2026-11-21T12:01:00Z"]


@pytest.mark.usefixtures("at_once")
def test_a_batch_that_fails_time_and_again_is_left_to_a_person(clock: Clock) -> None:
    (clock.root / "a").touch()
    _fail(clock, FIRST)
    for _ in range(TRIES - 1):
        assert clock.tick() == [FIRST]
        clock.ran(FIRST, FAILED)
    assert clock.tick() == [f"2026-11-21T12:0{TRIES - 1}:00Z"]


@pytest.mark.usefixtures("at_once")
def test_a_batch_that_somebody_brought_to_its_end_or_removed_is_not_tried_again(clock: Clock) -> None:
    second = "2026-11-21T10:06:00Z"
    _fail(clock, FIRST, second)
    clock.ran(FIRST, DONE)
    clock.graph.instance.delete_dynamic_partition("listing_batches", second)
    assert clock.tick() == []


def test_a_large_folder_is_left_to_the_run(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_ticks, "PAGE", 1)
    monkeypatch.setattr(listing_ticks, "PAGES", 2)
    for name in "ab":
        clock.graph.ports.object_store.put(f"{INCOMING}{name}.txt", line(name))
    batch = clock.tick()[0]
    clock.take_in(batch)
    assert len(clock.tick()) == 1
