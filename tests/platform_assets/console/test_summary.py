"""What a person reads after a run."""

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
from rich.console import Console

from platform_assets.console.figures import Figures, figures
from platform_assets.console.listing_ticks import Ticked
from platform_assets.console.run import run
from platform_assets.console.summary import show
from resources import catalog
from samples.listing_tree import FOLDER
from tests.graph import Graph, graph_at, own_copy


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """A small world after its first run."""
    home = own_copy(tmp_path_factory)
    # The files of a copy have other names, so all of them would be news.
    shutil.rmtree(home / FOLDER)
    with graph_at(home) as graph:
        yield graph


@pytest.fixture(scope="module")
def now(graph: Graph) -> Figures:
    with graph.ports.warehouse.session() as session:
        return figures(session)


def _shown(graph: Graph, before: Figures, now: Figures) -> str:
    console = Console(file=io.StringIO(), record=True, width=200)
    show(console, graph.ports, before, now, 12.3)
    return console.export_text()


def test_every_table_is_counted(graph: Graph, now: Figures) -> None:
    tables = [table for table in catalog.tables() if not table.startswith("ledger.")]
    assert list(now.rows) == tables
    for table in ("geo.addresses", "crm.customers", "tweets.tweets", "customer360.offers"):
        assert now.rows[table] == graph.one(f"SELECT COUNT(*) AS n FROM {table}") > 0


def test_figures_are_those_of_the_tables(graph: Graph, now: Figures) -> None:
    assert sum(now.categories.values()) == now.rows["tweets.tweets"]
    assert sum(now.homes.values()) == now.rows["crm.customers"]
    assert sum(now.segments.values()) == now.rows["promotions.segments"] > 0
    rejected = sum(rows for table, rows in now.rows.items() if ".rejected_" in table)
    assert sum(int(str(row["n"])) for row in now.rejects) == rejected > 0
    assert now.outcomes == {
        "open cases": graph.one("SELECT COUNT(*) AS n FROM customer360.support_cases WHERE state = 'open'"),
        "offers": now.rows["customer360.offers"],
        "household merges": now.rows["customer360.household_merges"],
    }


def test_each_outcome_has_an_example_with_its_reason(now: Figures) -> None:
    assert {
        name for name, n in zip(("case", "offer", "merge"), now.outcomes.values(), strict=True) if n
    } == set(now.examples)
    assert all(example["reason"] and example["who"] and example["what"] for example in now.examples.values())


def test_the_first_run_says_that_everything_is_new_and_where_it_lies(graph: Graph, now: Figures) -> None:
    said = _shown(graph, Figures(), now)
    assert "Everything is new: this was the first run." in said
    assert "Done in 12.3 s." in said
    assert f"{now.rows['geo.addresses']:,}" in said
    assert graph.ports.warehouse.uri() in said
    assert f"From {now.rows['promotions.sales']:,} receipts." in said
    assert all(segment in said for segment in now.segments)
    for row in now.rejects:
        assert str(row["reason"]) in said
    assert all(f"{n:,} {name}" in said for name, n in now.outcomes.items())


def test_a_later_run_says_what_was_added(graph: Graph, now: Figures) -> None:
    before = replace(
        now,
        rows={**now.rows, "tweets.raw_tweets": now.rows["tweets.raw_tweets"] - 5},
        outcomes={**now.outcomes, "offers": now.outcomes["offers"] - 1},
    )
    assert "New: +5 rows in tweets.raw_tweets, +1 offer." in _shown(graph, before, now)
    assert "Nothing was new, nothing was recomputed." in _shown(graph, now, now)


def test_an_empty_warehouse_has_a_summary_too(graph: Graph) -> None:
    empty = Figures(rows=dict.fromkeys(catalog.tables(), 0), outcomes=dict.fromkeys(("a", "b", "c"), 0))
    assert "Rejected, and why" in _shown(graph, empty, empty)


def test_ticks_tell_what_they_read_and_what_became_of_it(graph: Graph, now: Figures) -> None:
    ticked = Ticked(ticks=2, lines=64, rejected=9, posted=34, known=21, pending=0, dead=0, stored=34)
    said = _shown(graph, now, replace(now, listings=ticked))
    assert "64 lines read in 2 ticks, 9 rejected; documents: 34 posted, 21 already known" in said
    assert "The API stores 34 documents, each once." in said
    assert "New: +34 documents posted." in said
    said = _shown(graph, now, replace(now, listings=replace(ticked, pending=3, dead=1, stored=None)))
    assert "3 wait for the API, 1 are dead letters" in said
    assert "The API stores" not in said
    assert "ticks" not in _shown(graph, now, now)


def test_what_a_tweet_says_is_no_markup(graph: Graph, now: Figures) -> None:
    example: dict[str, object] = {"who": "Ann [red]Doe", "what": "[/bold] :)", "reason": "[x]"}
    said = _shown(graph, now, replace(now, examples={"case": example}))
    assert "Ann [red]Doe · [/bold] :)" in said


def test_a_run_without_news_says_so_for_every_asset(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(graph.deployment.home / "dagster"))
    console = Console(file=io.StringIO(), record=True, width=200)
    run(console, graph.definitions, graph.ports, graph.deployment.home)
    said = console.export_text()
    assert "Nothing was new, nothing was recomputed." in said
    done = [line for line in said.splitlines() if line.startswith("done")]
    assert len(done) > 15
    assert all("as before" in line for line in done), said
