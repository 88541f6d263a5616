"""A root that cannot be listed: what landed goes on, people hear of it once, and once more when it is back."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from platform_assets.listings.arrival import INCOMING
from resources.notifier import WebhookNotifier
from sensors.run_outcomes import tell
from tests.graph import Graph, Watch, graph_at
from tests.platform_assets.listings.listing_files import line
from tests.receivers import Receiver, receiver
from tests.sensors.listing_clock import Clock


class House:
    """A graph whose root is a folder that a test takes away, the clock, and somebody who is told."""

    def __init__(self, graph: Graph, it: Receiver) -> None:
        self.graph, self.clock, self.it = graph, Clock(graph), it
        self.root = self.clock.root
        self._watch = Watch(graph, "listing_root")

    def minute(self) -> list[str]:
        """All that happens in one, and the states of the runs of both jobs."""
        ended = [self.graph.run("list_files", partition=batch).success for batch in self.clock.tick()]
        ended += [self.graph.run("tell_of_root").success for _ in self._watch.tick()]
        tell(dg.build_sensor_context(instance=self.graph.instance), WebhookNotifier(self.it.url), "prod", "")
        return ["done" if is_good else "failed" for is_good in ended]

    def landed(self, name: str) -> None:
        """A file that lists one other lands."""
        self.graph.ports.object_store.put(f"{INCOMING}{name}.txt", line(f"/{name}"))

    def posted(self) -> int:
        """Documents that the API has."""
        return int(
            self.graph.one("SELECT COUNT(*) AS n FROM listings.posted_listings WHERE state = 'posted'")
        )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with graph_at(tmp_path, LISTING_ROOT=str(tmp_path / "listed")) as graph, receiver() as it:
        yield House(graph, it)


def test_what_landed_is_posted_while_the_root_is_away_and_people_are_told_once_of_that_and_of_its_return(
    house: House,
) -> None:
    (house.root / "x").touch()
    assert house.minute() == ["done"]
    house.root.rename(house.root.with_name("away"))
    house.landed("a")
    assert (house.minute(), house.posted()) == (["done", "failed"], 2)
    house.landed("b")
    assert (house.minute(), house.posted()) == (["done"], 3)
    # Known trouble, and nothing that landed, asks for nothing.
    assert house.minute() == []
    assert "cannot be listed (No such file or directory)" in house.clock.reason
    (said,) = house.it.taken.values()
    assert said["title"] == "Failed: tell_of_root"
    assert said["facts"]["error"].startswith(f"LISTING_ROOT is '{house.root}', which cannot be listed")
    house.root.with_name("away").rename(house.root)
    (house.root / "x").unlink()
    # Also when it comes back empty.
    assert (house.minute(), house.minute()) == (["done", "done"], [])
    assert [said["title"] for said in house.it.taken.values()][1:] == ["Works again: tell_of_root"]


def test_a_root_that_never_was_in_trouble_asks_for_nothing(house: House) -> None:
    assert house.minute() == []
    house.landed("a")
    assert house.minute() == ["done"]
    assert not house.it.taken
