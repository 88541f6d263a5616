"""Address files that wait for a person: who is told of what, and when."""

from pathlib import Path

import pytest

from sensors import new_address_files
from tests.graph import graph_at
from tests.sensors.folders import WatchedFolder
from tests.sensors.site import site_of


def test_with_confirmation_a_file_waits_until_a_person_releases_it(tmp_path: Path) -> None:
    with graph_at(tmp_path, GEO_CONFIRM="1") as graph:
        site = site_of(graph, WatchedFolder(tmp_path / "objects"))
        first, second = site.put("a.csv"), site.put("b.csv")
        assert [site.tick(), site.tick()] == [[], []]
        assert site.partitions() == [first, second]
        assert site.loaded() == {}
        assert graph.run("load_addresses", partition=second).success
        assert site.loaded() == {"b.csv": 1}, "the file that waits holds up nobody"
        site.put("b.csv", 1, 2)
        assert site.tick() == [], "each version is released by a person"
        site.store.delete(second)
        site.execute(site.tick())
        assert site.loaded() == {}


def test_what_waits_for_a_person_is_told_once_for_each_version(tmp_path: Path) -> None:
    with graph_at(tmp_path, GEO_CONFIRM="1") as graph:
        site = site_of(graph, WatchedFolder(tmp_path / "objects"))
        first, second = site.put("a.csv"), site.put("b.csv")
        assert site.told() == f"{first}, {second}"
        assert [site.told(), site.told()] == ["", ""]
        assert graph.run("load_addresses", partition=second).success
        assert site.told() == ""
        site.put("b.csv", 1, 2)
        assert site.told() == f"{first}, {second}"
        assert site.told() == ""
        assert graph.run("load_addresses", partition=first).success
        third = site.put("c.csv")
        assert site.told() == f"{second}, {third}"


def test_a_long_list_of_what_waits_is_cut_and_goes_on_when_files_are_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_address_files, "TOLD", 2)
    with graph_at(tmp_path, GEO_CONFIRM="1") as graph:
        site = site_of(graph, WatchedFolder(tmp_path / "objects"))
        first, second, third = site.put("a.csv"), site.put("b.csv"), site.put("c.csv")
        assert [site.told(), site.told()] == [f"{first}, {second}", ""]
        assert graph.run("load_addresses", partition=first).success
        assert site.told() == f"{second}, {third}"
