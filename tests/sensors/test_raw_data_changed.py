"""The sensor that asks for a refresh after loads and extractions, situation by situation."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.graph import Graph, Watch, graph_at
from tests.sensors.runs import run_of


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with graph_at(tmp_path) as graph:
        yield graph


@pytest.fixture
def watch(graph: Graph) -> Watch:
    return Watch(graph, "raw_data_changed")


def _make(graph: Graph, table: str) -> None:
    graph.instance.report_runless_asset_event(dg.AssetMaterialization(table.split("/")))


def _begin(graph: Graph) -> dg.DagsterRun:
    """A refresh as Dagster's storage knows it, without its work."""
    run = dg.DagsterRun(job_name="refresh")
    graph.instance.add_run(run)
    _tell(graph, run, dg.DagsterEventType.RUN_START)
    return run


def _tell(graph: Graph, run: dg.DagsterRun, event: dg.DagsterEventType) -> None:
    graph.instance.report_dagster_event(dg.DagsterEvent(event.value, run.job_name), run.run_id)


def _under_way(graph: Graph, job: str) -> dg.DagsterRun:
    run = dg.DagsterRun(job_name=job, status=dg.DagsterRunStatus.STARTED)
    graph.instance.add_run(run)
    return run


def test_before_anything_is_loaded_it_asks_for_nothing(watch: Watch) -> None:
    assert watch.tick() == []


@pytest.mark.parametrize(
    "table", ["geo/raw_addresses", "crm/raw_customers", "crm/raw_portfolios", "promotions/campaigns"]
)
def test_a_load_or_an_extraction_asks_for_one_refresh(graph: Graph, watch: Watch, table: str) -> None:
    _make(graph, table)
    assert len(watch.tick()) == 1
    assert [watch.tick(), watch.tick()] == [[], []]
    _make(graph, table)
    assert len(watch.tick()) == 1


def test_a_new_sensor_asks_for_nothing_that_a_refresh_has_seen(graph: Graph, watch: Watch) -> None:
    _make(graph, "geo/raw_addresses")
    _tell(graph, _begin(graph), dg.DagsterEventType.RUN_SUCCESS)
    assert watch.tick() == []
    _make(graph, "crm/raw_customers")
    assert len(watch.tick()) == 1


def test_what_is_loaded_while_a_refresh_runs_asks_for_another_one(graph: Graph, watch: Watch) -> None:
    run = _begin(graph)
    _make(graph, "geo/raw_addresses")
    _make(graph, "customer360/offers")
    _tell(graph, run, dg.DagsterEventType.RUN_SUCCESS)
    assert len(watch.tick()) == 1


@pytest.mark.parametrize("job", ["load_addresses", "extract_crm"])
def test_while_a_load_is_under_way_it_waits_for_the_end(graph: Graph, watch: Watch, job: str) -> None:
    run = _under_way(graph, job)
    _make(graph, "geo/raw_addresses")
    assert watch.tick() == []
    assert f"1 runs of {job}" in watch.reason
    graph.instance.report_run_canceled(run)
    assert len(watch.tick()) == 1


def test_while_a_refresh_waits_to_begin_no_other_is_asked_for(graph: Graph, watch: Watch) -> None:
    run = run_of("refresh", dg.DagsterRunStatus.QUEUED)
    graph.instance.add_run(run)
    _make(graph, "geo/raw_addresses")
    assert [watch.tick(), watch.tick()] == [[], []]
    assert "1 runs of refresh wait" in watch.reason
    graph.instance.report_run_canceled(run)
    assert len(watch.tick()) == 1
