"""Loads that are under way, that failed, that are many: what the sensor of address files asks for meanwhile."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensors import address_loads
from sensors.new_address_files import BACKLOG
from tests.graph import graph_at
from tests.sensors.folders import WatchedFolder, address_file
from tests.sensors.site import INCOMING, Site, hours, site_of


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with graph_at(tmp_path) as graph:
        yield site_of(graph, WatchedFolder(tmp_path / "objects"))


def test_a_backlog_is_loaded_by_one_run_that_loads_each_file_and_no_other(site: Site) -> None:
    site.put("05.csv")
    site.execute(site.tick())
    names = [f"{number:02}.csv" for number in range(BACKLOG + 2)]
    for name in names[:5] + names[6:]:
        site.put(name)
    requests = site.tick()
    assert len(requests) == 1
    site.execute(requests)
    assert sorted(site.loaded()) == names
    assert site.graph.one("SELECT COUNT(*) AS n FROM geo.address_files") == len(names)
    assert site.tick() == []


def test_a_backlog_under_way_is_not_asked_for_file_by_file(site: Site) -> None:
    for number in range(BACKLOG + 2):
        site.put(f"{number:02}.csv")
    requests = site.tick()
    run = site.begin(requests[0])
    site.put("05.csv", 1, 2)
    assert [site.tick(), site.tick()] == [[], []]
    site.put("99.csv")
    assert site.names() == ["99.csv"], "what is new is not held up"
    site.graph.instance.report_run_canceled(run)
    site.store.put(f"{INCOMING}05.csv", address_file(1))
    site.execute(requests)
    site.put("05.csv", 1, 2)
    assert site.names() == ["05.csv"]


def test_a_file_overwritten_while_it_is_loaded_is_asked_for_after(site: Site) -> None:
    site.put("a.csv")
    run = site.begin(site.tick()[0])
    site.put("a.csv", 1, 2)
    assert site.tick() == []
    site.graph.instance.report_run_canceled(run)
    site.execute(site.tick())
    assert site.loaded() == {"a.csv": 2}


def test_the_sweep_pauses_while_many_loads_are_under_way_and_goes_on_where_it_was(site: Site) -> None:
    for number in range(3 * BACKLOG):
        site.put(f"{number:02}.csv")
    site.graph.instance.add_dynamic_partitions(
        "address_files", [f"{INCOMING}{number:02}.csv" for number in range(3 * BACKLOG)]
    )
    first = site.tick()
    assert len(first) == BACKLOG
    runs = [site.begin(request) for request in first]
    assert site.tick() == []
    for run in runs:
        site.graph.instance.report_run_canceled(run)
    assert site.names() == [f"{number:02}.csv" for number in range(BACKLOG, 2 * BACKLOG)]


def test_a_load_that_failed_is_asked_for_again_after_a_rest(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put("a.csv", ago=hours(48))
    first = site.tick()[0]
    for _ in range(3):
        site.graph.instance.report_run_failed(site.begin(first))
        assert site.tick() == [], "Dagster tries again by itself"
    monkeypatch.setattr(address_loads, "REST", dt.timedelta(seconds=-60))
    again = site.tick()
    assert [request.partition_key for request in again] == [f"{INCOMING}a.csv"]
    assert [site.tick(), site.tick()] == [[], []]
    monkeypatch.undo()
    site.graph.instance.report_run_failed(site.begin(again[0]))
    assert site.tick() == []
    site.put("a.csv", 1, 2)
    site.execute(site.tick())
    assert site.loaded() == {"a.csv": 2}, "another version need not rest"


def test_a_backlog_that_failed_is_asked_for_again_file_by_file(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(BACKLOG + 1):
        site.put(f"{number:02}.csv")
    site.graph.instance.report_run_failed(site.begin(site.tick()[0]))
    assert site.tick() == []
    monkeypatch.setattr(address_loads, "REST", dt.timedelta(seconds=-60))
    assert len(site.names() + site.names()) == BACKLOG + 1


def test_a_removal_that_failed_is_asked_for_again_after_a_rest(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = site.put("a.csv")
    site.execute(site.tick())
    site.store.delete(key)
    site.graph.instance.report_run_failed(site.begin(site.tick()[0]))
    assert site.tick() == []
    monkeypatch.setattr(address_loads, "REST", dt.timedelta(seconds=-60))
    site.execute(site.tick())
    assert site.partitions() == []
