"""The sensor of sales files, situation by situation."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from platform_assets.promotions import sales
from platform_assets.promotions.arrival import INCOMING
from resources.deployments import resources_for
from resources.unavailable import Unavailable
from sensors import new_sales_files
from sensors.new_sales_files import Cursor
from tests.graph import Graph, Watch, graph_at
from tests.platform_assets.promotions.sales_files import HEADER, receipt
from tests.sensors.folders import WatchedFolder
from tests.sensors.runs import run_of


class Till(Watch):
    """A graph, its folder of sales files, and the sensor that watches it."""

    store: WatchedFolder

    def put(self, name: str, *numbers: int) -> None:
        self.store.put(INCOMING + name, HEADER + b"".join(map(receipt, numbers)))

    def take_in(self) -> None:
        """What the refresh does with the folder."""
        resources = {**resources_for(self.graph.deployment), **self.graph.replaced}
        done = dg.materialize([sales.sales], instance=self.graph.instance, resources=resources)
        assert done.success


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    with graph_at(tmp_path) as graph:
        yield till_of(graph)


def till_of(graph: Graph) -> Till:
    till = Till(graph, "new_sales_files")
    till.store = WatchedFolder(graph.deployment.home / "objects", has_etags=True)
    graph.replaced["object_store"] = till.store
    return till


def test_an_empty_folder_asks_for_nothing(till: Till) -> None:
    assert till.tick() == []
    assert "as it was taken in" in till.reason


def test_each_change_of_the_folder_asks_for_one_refresh_until_it_is_taken_in(till: Till) -> None:
    till.put("b.csv", 1)
    assert [len(till.tick()), len(till.tick())] == [1, 0]
    till.put("a.csv", 2)
    assert [len(till.tick()), len(till.tick())] == [1, 0]
    till.take_in()
    assert till.tick() == []
    till.put("a.csv", 3)
    assert len(till.tick()) == 1
    till.take_in()
    till.store.delete(f"{INCOMING}a.csv")
    assert len(till.tick()) == 1
    till.take_in()
    assert till.tick() == []
    assert till.graph.one("SELECT LISTAGG(DISTINCT sale_id, ',') AS s FROM promotions.sales") == "R1"
    # What comes back is asked for again, although the folder has been like this before.
    till.put("a.csv", 2)
    assert len(till.tick()) == 1


def test_while_a_refresh_waits_to_begin_nothing_is_asked_for(till: Till) -> None:
    till.put("a.csv", 1)
    run = run_of("refresh", dg.DagsterRunStatus.QUEUED)
    till.graph.instance.add_run(run)
    assert till.tick() == []
    assert "1 runs of refresh wait" in till.reason
    till.graph.instance.report_run_canceled(run)
    assert len(till.tick()) == 1


def test_a_large_folder_is_gone_through_in_ticks_of_the_same_cost(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_sales_files, "PAGE", 2)
    monkeypatch.setattr(new_sales_files, "PAGES", 3)
    for number in range(15):
        till.put(f"{number:02d}.csv", number)
    found = []
    for _ in range(3):
        till.store.seen = 0
        found.append(len(till.tick()))
        assert till.store.seen <= 6
    assert found == [0, 0, 1]
    till.take_in()
    assert [len(till.tick()) for _ in range(3)] == [0, 0, 0]
    till.put("00.csv", 99)
    assert [len(till.tick()) for _ in range(3)] == [0, 0, 1]


def test_a_cursor_that_was_edited_wrongly_is_told() -> None:
    assert Cursor.parse(str(Cursor("a", "b"))) == Cursor("a", "b")
    with pytest.raises(Unavailable, match="empty it to begin anew"):
        Cursor.parse("{")
