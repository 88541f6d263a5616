"""Jobs by which a person has something done again: the same data come of it, and nothing leaves twice."""

from collections.abc import Iterator
from typing import Any

import pytest

from platform_assets.console.operations import sheet_of
from platform_assets.geo.repair import corrections
from platform_assets.partitions import partition_of
from tests.graph import SILENT, Graph, graph_at, own_copy

REJECTED = "SELECT file FROM geo.rejected_addresses WHERE line > 0 GROUP BY file ORDER BY COUNT(*) DESC, file LIMIT 1"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    with graph_at(own_copy(tmp_path_factory)) as graph:
        yield graph


def _run(graph: Graph, job: str, partition: str, step: str, **config: Any) -> Any:
    """A job with what its launchpad form sets."""
    return graph.definitions.resolve_job_def(job).execute_in_process(
        instance=graph.instance,
        partition_key=partition,
        run_config={**SILENT, "ops": {step: {"config": config}}},
        raise_on_error=False,
    )


def _told(result: Any, asset: str) -> Any:
    made = [e.step_materialization_data.materialization for e in result.get_asset_materialization_events()]
    return next(m.metadata for m in made if m.asset_key.to_user_string() == asset)


def test_a_quadrant_is_located_anew_with_all_that_depends_on_it(graph: Graph) -> None:
    everything = "SELECT * FROM tweets.located_tweets ORDER BY tweet_id"
    before, sent = graph.rows(everything), graph.rows("SELECT * FROM customer360.deliveries")
    result = _run(graph, "replay_quadrant", "northeast", "tweets__located_tweets", again=True)
    assert result.success
    assert _told(result, "tweets/located_tweets")["was_written"].value
    assert _told(result, "customer360/offers")["was_written"].value
    assert _told(result, "customer360/deliveries")["delivered"].value == 0
    assert graph.rows(everything) == before
    assert graph.rows("SELECT * FROM customer360.deliveries") == sent
    assert len(sent) > 5


def test_a_file_is_taken_in_again_and_its_corrected_rejects_are_handed_back(graph: Graph) -> None:
    file = str(graph.one(REJECTED))
    count = f"SELECT COUNT(*) AS n FROM geo.raw_addresses WHERE file = '{file}'"
    before = graph.one(count)
    result = _run(graph, "replay_file", partition_of(file), "geo__raw_addresses", again=True)
    assert result.success
    assert _told(result, "geo/raw_addresses")["read_rows"].value > before
    assert graph.one(count) == before

    sheet = sheet_of(file, graph.ports.warehouse)
    given = next(row for row in corrections(_mended(sheet)).rows if row.values["NUMBER"] == "4711")
    graph.ports.object_store.put("geo/repaired/x.csv", _mended(sheet).encode())
    result = _run(
        graph, "repair_rejects", partition_of(file), "geo__raw_addresses", repaired="geo/repaired/x.csv"
    )
    assert result.success
    assert graph.one(count) == before + 1
    found = graph.rows(
        f"SELECT line, street FROM geo.raw_addresses WHERE file = '{file}' AND house_number = '4711'"
    )
    assert found == [{"line": given.place[1], "street": "MAIN ST"}]


def test_a_sheet_that_is_not_there_or_of_another_file_fails_in_a_sentence(graph: Graph) -> None:
    files = [
        str(row["file"]) for row in graph.rows("SELECT DISTINCT file FROM geo.raw_addresses ORDER BY file")
    ]
    rejected = str(graph.one(REJECTED))
    other = next(file for file in files if file != rejected)
    graph.ports.object_store.put("geo/repaired/y.csv", sheet_of(rejected, graph.ports.warehouse).encode())
    for sheet, told in (
        ("geo/repaired/none.csv", "There is no object"),
        ("geo/repaired/y.csv", "but the run is of"),
    ):
        result = _run(graph, "repair_rejects", partition_of(other), "geo__raw_addresses", repaired=sheet)
        failed = [event for event in result.all_events if event.is_step_failure]
        assert told in str(failed[0].event_specific_data)


def _mended(sheet: str) -> str:
    """The sheet with its first record corrected and all others untouched."""
    header, first, *_ = sheet.splitlines()
    file, version, member, line = first.split(",")[:4]
    return f"{header}\n{file},{version},{member},{line},r,d,raw,-72.68,41.76,4711,MAIN ST,,HARTFORD,,CT,06103,,\n"
