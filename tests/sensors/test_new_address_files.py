"""The sensor of address files, situation by situation: what it finds, and what the runs then do."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from platform_assets.geo import openaddresses
from platform_assets.partitions import partition_of
from resources.unavailable import Unavailable
from sensors import new_address_files
from sensors.new_address_files import LOOKS, PAGE, Cursor
from tests.graph import graph_at
from tests.sensors.folders import WatchedFolder, address_file
from tests.sensors.site import INCOMING, Site, hours, site_of


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with graph_at(tmp_path) as graph:
        yield site_of(graph, WatchedFolder(tmp_path / "objects"))


def test_an_empty_bucket_asks_for_nothing_and_says_where_it_looked(site: Site) -> None:
    assert site.tick() == []
    assert str(site.store.uri(INCOMING)) in site.reason


def test_the_first_tick_asks_for_each_file_once_and_the_next_for_nothing(site: Site) -> None:
    site.put("2026-01-01_a.csv")
    site.put("2026-01-02_b.csv")
    assert site.names() == ["2026-01-01_a.csv", "2026-01-02_b.csv"]
    assert site.partitions() == [f"{INCOMING}2026-01-01_a.csv", f"{INCOMING}2026-01-02_b.csv"]
    assert [site.names() for _ in range(3)] == [[], [], []]


def test_a_loaded_file_is_left_alone_and_a_later_name_is_found_at_once(site: Site) -> None:
    site.put("2026-01-01.csv", ago=hours(5))
    site.execute(site.tick())
    assert site.tick() == []
    site.put("2026-01-02.csv", 1, 2)
    requests = site.tick()
    assert [request.partition_key for request in requests] == [f"{INCOMING}2026-01-02.csv"]
    site.execute(requests)
    assert site.loaded() == {"2026-01-01.csv": 1, "2026-01-02.csv": 2}


def test_an_overwritten_file_is_found_by_the_sweep_and_its_rows_are_replaced(site: Site) -> None:
    site.put("2026-01-01.csv", 1, 2, 3, ago=hours(5))
    site.put("2026-01-02.csv", ago=hours(5))
    site.execute(site.tick())
    site.put("2026-01-01.csv", 7)
    requests = site.tick()
    assert [request.partition_key for request in requests] == [f"{INCOMING}2026-01-01.csv"]
    site.execute(requests)
    assert site.loaded() == {"2026-01-01.csv": 1, "2026-01-02.csv": 1}
    assert site.tick() == []


def test_content_that_comes_back_is_loaded_again_although_its_etag_is_known(tmp_path: Path) -> None:
    with graph_at(tmp_path) as graph:
        site = site_of(graph, WatchedFolder(tmp_path / "objects", has_etags=True))
        for minutes, numbers in enumerate([(1, 2), (7,), (1, 2)]):
            site.put("ct.csv", *numbers, ago=hours(-minutes / 60))
            asked = site.tick()
            assert len(asked) == 1
            site.execute(asked)
            assert site.loaded() == {"ct.csv": len(numbers)}


def test_a_name_that_sorts_before_the_last_one_seen_is_found_by_the_sweep(site: Site) -> None:
    site.put("m.csv")
    site.execute(site.tick())
    site.put("a.csv")
    assert site.names() == ["a.csv"]


def test_an_old_file_moved_into_the_folder_is_new_there(site: Site, tmp_path: Path) -> None:
    site.put("m.csv")
    site.tick()
    site.tick()
    old = tmp_path / "old.csv"
    old.write_bytes(address_file(5))
    os.utime(old, (0, 1_500_000_000))
    old.rename(site.store.root / INCOMING / "a.csv")
    assert site.names() == ["a.csv"]


def test_a_file_deleted_between_listing_and_reading_leaves_no_partition_and_no_rows(site: Site) -> None:
    key = site.put("a.csv")
    site.put("b.csv")
    requests = site.tick()
    site.store.delete(key)
    site.execute(requests)
    assert site.loaded() == {"b.csv": 1}
    assert site.partitions() == [f"{INCOMING}b.csv"]
    assert site.tick() == []


def test_a_deleted_file_is_asked_for_once_and_its_run_removes_rows_and_partition(site: Site) -> None:
    key = site.put("a.csv")
    site.put("b.csv")
    site.execute(site.tick())
    site.store.delete(key)
    requests = site.tick()
    assert [request.partition_key for request in requests] == [key]
    assert [site.tick(), site.tick()] == [[], []], "the run is not yet done, and is not asked for again"
    site.execute(requests)
    assert site.loaded() == {"b.csv": 1}
    assert site.partitions() == [f"{INCOMING}b.csv"]
    assert site.tick() == []
    ledger = site.graph.rows("SELECT file, state FROM geo.address_files ORDER BY committed_at")
    assert [(str(r["file"]).removeprefix(INCOMING), r["state"]) for r in ledger] == [
        ("a.csv", "loaded"),
        ("b.csv", "loaded"),
        ("a.csv", "deleted"),
    ]


def test_a_deleted_file_that_comes_back_is_loaded_again(site: Site) -> None:
    key = site.put("a.csv")
    site.execute(site.tick())
    site.store.delete(key)
    site.execute(site.tick())
    site.put("a.csv", 1, 2)
    site.execute(site.tick())
    assert site.loaded() == {"a.csv": 2}


@pytest.mark.parametrize("ahead", [-24, 24], ids=["store_behind", "store_ahead"])
def test_a_store_with_another_clock_hides_no_overwritten_file(site: Site, ahead: int) -> None:
    site.put("a.csv", 1, ago=hours(-ahead))
    site.execute(site.tick())
    assert site.tick() == []
    site.put("a.csv", 1, 2, ago=hours(-ahead))
    site.execute(site.tick())
    assert site.loaded() == {"a.csv": 2}
    assert site.tick() == []


def test_a_tick_out_of_time_goes_on_where_it_stopped(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_address_files, "DEADLINE_S", -1.0)
    for name in ("a.csv", "b.csv", "c.csv"):
        site.put(name)
    assert [site.names() for _ in range(4)] == [["a.csv"], ["b.csv"], ["c.csv"], []]


def test_files_of_odd_names_are_loaded_under_their_own_names(site: Site) -> None:
    odd = ("a,b c'\"d.csv", "a%2Cb.csv", "sub/Groß 家....csv", "%.csv")
    keys = [site.put(name) for name in odd]
    requests = site.tick()
    assert {request.partition_key for request in requests} == {partition_of(key) for key in keys}
    site.execute(requests)
    assert site.loaded() == dict.fromkeys(odd, 1)
    assert site.tick() == []


def test_a_new_version_of_the_parser_asks_for_every_file_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put("a.csv", ago=hours(48))
    site.put("b.csv", ago=hours(48))
    site.execute(site.tick())
    assert [site.tick(), site.tick()] == [[], []]
    monkeypatch.setattr(openaddresses, "VERSION", f"{openaddresses.VERSION}+1")
    requests = site.tick()
    assert [request.partition_key for request in requests] == [f"{INCOMING}a.csv", f"{INCOMING}b.csv"]
    site.execute(requests)
    assert site.loaded() == {"a.csv": 1, "b.csv": 1}
    assert site.tick() == []


@pytest.mark.parametrize("cursor", ["nonsense", "[]", '{"told": "two"}'])
def test_a_cursor_broken_by_hand_is_named_in_a_sentence(cursor: str) -> None:
    with pytest.raises(Unavailable, match="cursor of new_address_files is .* empty it"):
        Cursor.parse(cursor)


def test_the_cursor_reads_what_it_wrote_and_that_of_an_older_release() -> None:
    cursor = Cursor("b", "a", "x", {"a": "1 2"})
    assert Cursor.parse(str(cursor)) == cursor
    assert Cursor.parse("") == Cursor() == Cursor.parse(None)
    assert Cursor.parse('{"epoch": 0, "last_key": "b"}') == Cursor("b")


@pytest.mark.parametrize("objects", [100, 100_000])
def test_a_tick_asks_the_store_no_more_of_a_large_bucket_than_of_a_small_one(
    site: Site, objects: int
) -> None:
    folder = site.store.root / INCOMING
    folder.mkdir(parents=True)
    for number in range(objects):
        os.close(os.open(folder / f"{number:06}.csv", os.O_CREAT))
    # As after months: everything seen, nothing new, the sweep on its way.
    site.cursor = str(Cursor(last_key=f"{INCOMING}{objects:06}"))
    site.graph.instance.add_dynamic_partitions(
        "address_files", [f"{INCOMING}{number:06}.csv" for number in range(200)]
    )
    for _ in range(2):
        site.store.calls.clear()
        site.store.seen = 0
        site.tick()
        assert site.store.calls["list"] == 2
        assert site.store.calls["head"] == LOOKS
        assert site.store.seen <= PAGE
