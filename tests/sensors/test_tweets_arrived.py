"""The sensor of the topic, situation by situation."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import msgspec
import pytest

from resources.unavailable import Unavailable
from tests.graph import Graph, Watch, graph_at
from tests.sensors.runs import run_of


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with graph_at(tmp_path) as graph:
        yield graph


def _publish(graph: Graph, *texts: str) -> None:
    graph.ports.message_log.append(
        "tweets",
        [(None, msgspec.json.encode({"tweet": text, "screen_name": "sam", "geo": None})) for text in texts],
    )


def test_an_empty_topic_asks_for_nothing(graph: Graph) -> None:
    watch = Watch(graph, "tweets_arrived")
    assert watch.tick() == []
    assert "tweets" in watch.reason


def test_tweets_ask_for_one_run_however_often_the_sensor_looks(graph: Graph) -> None:
    watch = Watch(graph, "tweets_arrived")
    _publish(graph, "one", "two")
    assert len(watch.tick()) == 1
    assert [watch.tick(), watch.tick()] == [[], []]
    _publish(graph, "three")
    before = watch.cursor
    requests = watch.tick()
    assert len(requests) == 1
    watch.cursor = before
    assert watch.tick() == [], "a tick that is repeated after a crash has the run key of the first"


@pytest.mark.parametrize(
    "status", [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING]
)
def test_while_a_refresh_waits_to_begin_nothing_is_asked_for_and_then_one_run_for_all(
    graph: Graph, status: dg.DagsterRunStatus
) -> None:
    watch = Watch(graph, "tweets_arrived")
    _publish(graph, "one")
    assert len(watch.tick()) == 1
    run = run_of("refresh", status)
    graph.instance.add_run(run)
    before = watch.cursor
    for text in ("two", "three"):
        _publish(graph, text)
        assert watch.tick() == []
        assert "1 runs of refresh wait" in watch.reason
    assert watch.cursor == before
    graph.instance.report_run_canceled(run)
    assert [len(watch.tick()), len(watch.tick())] == [1, 0]


def test_a_refresh_that_has_begun_may_have_one_more_behind_it(graph: Graph) -> None:
    watch = Watch(graph, "tweets_arrived")
    graph.instance.add_run(dg.DagsterRun(job_name="refresh", status=dg.DagsterRunStatus.STARTED))
    _publish(graph, "one")
    assert len(watch.tick()) == 1


def test_a_new_sensor_asks_for_nothing_that_a_run_has_read(graph: Graph) -> None:
    _publish(graph, "one", "two")
    assert graph.run("refresh").success
    watch = Watch(graph, "tweets_arrived")
    assert watch.tick() == []
    _publish(graph, "three")
    assert len(watch.tick()) == 1


def test_a_topic_that_was_made_anew_asks_for_a_run_although_it_ends_where_the_old_one_did(
    graph: Graph, tmp_path: Path
) -> None:
    watch = Watch(graph, "tweets_arrived")
    _publish(graph, "one")
    assert len(watch.tick()) == 1
    graph.ports.message_log.close()
    for path in tmp_path.glob("log.sqlite*"):
        path.unlink()
    _publish(graph, "two")
    assert len(watch.tick()) == 1


def test_the_run_that_is_asked_for_takes_the_tweets_in(graph: Graph) -> None:
    watch = Watch(graph, "tweets_arrived")
    _publish(graph, "one", "two")
    watch.execute(watch.tick())
    assert graph.one("SELECT COUNT(*) AS n FROM tweets.tweets") == 2


@pytest.mark.parametrize("cursor", ["nonsense", "[1]", '{"0": "two"}'])
def test_a_cursor_broken_by_hand_is_named_in_a_sentence(graph: Graph, cursor: str) -> None:
    with pytest.raises(Unavailable, match="cursor of tweets_arrived is .* empty it"):
        Watch(graph, "tweets_arrived", cursor).tick()
