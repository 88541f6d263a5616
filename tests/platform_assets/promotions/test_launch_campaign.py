"""The job, the command and the assets of a campaign, as Dagster runs them on an instance of their own."""

import datetime as dt
import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from rich.console import Console

from platform_assets.console import operations
from platform_assets.partitions import campaigns
from platform_assets.promotions.campaign import campaign_from
from platform_assets.promotions.effects import SOURCES
from platform_assets.promotions.launch_campaign import EXAMPLE, TAG
from platform_assets.promotions.measurement import ARMS, measure
from platform_assets.tables import asset_key
from resources import catalog
from resources.promotion_store import Promotion, SqlitePromotionStore
from resources.sql import statement
from resources.unavailable import Unavailable
from resources.warehouse import DuckDbWarehouse
from tests.graph import SILENT, Graph, graph_at
from tests.models import put

SHOPPERS = 400
SOLD = dt.datetime(2026, 10, 20)
CONFIG = {
    **EXAMPLE,
    "budget_eur": 300.0,
    "starts_at": "2026-10-01",
    "ends_at": "2026-11-01",
}


@pytest.fixture
def graph(tmp_path: Path, duckdb_warehouse: DuckDbWarehouse) -> Iterator[Graph]:
    """Shoppers of two segments, of whom each has bought once, in a warehouse that is there already."""
    with graph_at(tmp_path) as graph:
        users = range(SHOPPERS)
        put(
            graph.ports.warehouse,
            {
                "promotions.segments": [
                    {"user_id": user, "segment": ("at_risk", "needs_attention")[user % 2], "monetary_score": 1 + user % 5}
                    for user in users
                ],
                "promotions.sales": [
                    {"sale_id": f"{user}", "user_id": user, "sold_at": SOLD, "amount_eur": 5.0 + user % 7} for user in users
                ],
            },
        )  # fmt: skip
        yield graph


def _launch(graph: Graph, **given: object) -> dg.ExecuteInProcessResult:
    return graph.run("launch_campaign", config={"ops": {"launch": {"config": {**CONFIG, **given}}}})


def _materialize(graph: Graph, *tables: str, partition: str | None = None, again: bool = False) -> Any:
    config: dict[str, Any] = dict(SILENT)
    if again:
        config["ops"] = {"promotions__assignments": {"config": {"again": True}}}
    return graph.definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=graph.instance,
        asset_selection=[asset_key(table) for table in tables],
        partition_key=partition,
        run_config=config,
        raise_on_error=False,
    )


def _metadata(graph: Graph, table: str) -> Mapping[str, Any]:
    event = graph.instance.get_latest_materialization_event(asset_key(table))
    assert event
    assert event.asset_materialization
    return event.asset_materialization.metadata


def _said(result: Any) -> str:
    return str([event.event_specific_data for event in result.all_events if event.is_failure])


def _store(graph: Graph) -> SqlitePromotionStore:
    return SqlitePromotionStore(graph.deployment.home / "promotions.sqlite")


def test_a_launch_is_the_partition_of_a_campaign_with_its_checks(graph: Graph) -> None:
    result = _launch(graph)
    assert result.success
    assert graph.instance.get_dynamic_partitions(str(campaigns.name)) == ["win-back-1"]
    run = graph.instance.get_run_by_id(result.run_id)
    assert run
    assert run.tags[TAG] == "win-back-1"
    for table in ("promotions.assignments", "promotions.campaigns"):
        event = graph.instance.get_latest_materialization_event(asset_key(table))
        assert event
        assert event.asset_materialization
        assert event.asset_materialization.partition == "win-back-1"
    told = _metadata(graph, "promotions.assignments")
    assert told["assigned_users"].value == told["in_store"].value == told["sent"].value == 150
    assert told["audience_users"].value == SHOPPERS
    checks = [
        event.asset_check_evaluation_data
        for event in result.all_events
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]
    assert {check.check_name: check.passed for check in checks} == {
        "one_arm_each": True,
        "within_budget_and_caps": True,
        "the_ledgers_agree": True,
    }
    preview = str(told["preview"].value)
    assert "| segment | at_risk |" in preview
    assert "stored_id" not in preview


def test_a_launch_takes_the_id_so_that_whoever_asks_the_store_knows_of_it(graph: Graph) -> None:
    result = _launch(graph)
    with _store(graph) as store:
        held = store.reservation("win-back-1")
    assert held
    assert (held.inputs, held.state) == (campaign_from(CONFIG).canonical(), "launched")
    assert held.run_id == result.run_id


def test_an_id_that_others_have_taken_is_refused_and_nothing_is_decided(graph: Graph) -> None:
    theirs = campaign_from({**CONFIG, "promotion_id": "P999"}).canonical()
    with _store(graph) as store:
        store.reserve("win-back-1", theirs, dt.datetime.now(dt.UTC))
    result = _launch(graph)
    assert not result.success
    assert 'Campaign win-back-1 was launched with promotion_id "P999", not "P100"' in _said(result)
    assert graph.one("SELECT COUNT(*) AS n FROM promotions.campaigns") == 0


def test_the_id_of_a_launch_that_failed_may_be_taken_with_corrected_fields(graph: Graph) -> None:
    assert not _launch(graph, audience=["champions"]).success
    assert _launch(graph).success
    with _store(graph) as store:
        held = store.reservation("win-back-1")
    assert held
    assert held.inputs == campaign_from(CONFIG).canonical()
    other = _launch(graph, audience=["champions"])
    assert "was launched with audience" in _said(other)


def test_what_the_ledger_has_counts_whatever_the_store_says(graph: Graph) -> None:
    assert _launch(graph).success
    invented = campaign_from({**CONFIG, "holdout_share": 0.5}).canonical()
    true = campaign_from(CONFIG).canonical()
    with _store(graph) as store:
        store.reserve("win-back-1", invented, dt.datetime.now(dt.UTC), instead_of=true)
        result = _launch(graph, holdout_share=0.5)
        assert not result.success
        assert "Campaign win-back-1 was launched with holdout_share 0.2, not 0.5" in _said(result)
        held = store.reservation("win-back-1")
    assert held
    assert (held.inputs, held.state) == (true, "reserved")


def test_a_campaign_that_would_end_before_its_launch_takes_no_id(graph: Graph) -> None:
    result = _launch(graph, starts_at="", ends_at="2026-11-01")
    assert "ends_at is 2026-11-01T00:00:00+00:00; it is a time after the start" in _said(result)
    with _store(graph) as store:
        assert store.reservation("win-back-1") is None


def test_the_form_of_the_launchpad_is_a_campaign_as_it_is(graph: Graph) -> None:
    job = graph.definitions.resolve_job_def("launch_campaign")
    assert job.execute_in_process(instance=graph.instance, raise_on_error=False).success
    fields = job.nodes[0].definition.config_schema.config_type.fields  # type: ignore[union-attr]
    assert all(field.description for field in fields.values())


def test_what_is_used_and_bought_is_measured_and_shown(graph: Graph) -> None:
    assert _launch(graph).success
    with _store(graph) as store:
        used = store.unused_for(range(SHOPPERS), SOLD.replace(tzinfo=dt.UTC)).promotions[:30]
        for promotion in used:
            store.use(promotion.user_id, "P100", f"r{promotion.user_id}", SOLD.replace(tzinfo=dt.UTC))
    tables = ("promotions.uses", "promotions.rejected_promotions", "promotions.effects")
    assert _materialize(graph, *tables).success
    (effect,) = graph.rows("SELECT * FROM promotions.effects")
    assert (effect["uses"], effect["cost_eur"], effect["treated_users"]) == (30, 60.0, 150)
    # The latest sale is the moment that campaigns are seen from.
    assert (effect["state"], effect["measured_to"]) == ("running", SOLD + dt.timedelta(seconds=1))
    assert effect["treated_redemption"] == pytest.approx(0.2)
    told = _metadata(graph, "promotions.effects")
    assert re.match(r"!\[What each campaign brought\]\(data:image/png;base64,", str(told["chart"].value))
    assert len(str(told["chart"].value)) < 70_000
    assert "win-back-1 | So far" in str(told["verdicts"].value)
    assert _metadata(graph, "promotions.uses")["loaded_rows"].value == 30
    with graph.ports.warehouse.session() as session:
        as_of = SOLD + dt.timedelta(seconds=1)
        assert not measure(session, graph.ports.warehouse, as_of).was_written
        assert measure(session, graph.ports.warehouse, as_of + dt.timedelta(days=30)).was_written


def test_columns_of_effects_come_from_where_they_are_summed() -> None:
    assert set(SOURCES) == set(catalog.tables()["promotions.effects"].schema.names)
    summed = ARMS.lineage(catalog.types())
    for column, source in (
        ("incremental_revenue_eur", "revenue_eur"),
        ("redemption_low", "redeemed"),
        ("uses", "uses"),
    ):
        assert sorted(SOURCES[column]) == summed[source]
    assert {table for sources in SOURCES.values() for table, _ in sources} == set(ARMS.inputs)


def test_the_partition_of_a_campaign_sends_what_the_store_has_lost_and_of_no_campaign_says_so(
    graph: Graph,
) -> None:
    assert _launch(graph).success
    with _store(graph) as store:
        store.withdraw_campaign("win-back-1")
        assert _materialize(
            graph, "promotions.assignments", "promotions.campaigns", partition="win-back-1"
        ).success
        assert store.count("win-back-1") == 0
        tables = ("promotions.assignments", "promotions.campaigns")
        assert _materialize(graph, *tables, partition="win-back-1", again=True).success
        assert store.count("win-back-1") == 150
    graph.instance.add_dynamic_partitions(str(campaigns.name), ["never-launched"])
    result = _materialize(graph, "promotions.assignments", "promotions.campaigns", partition="never-launched")
    assert not result.success
    assert "Campaign never-launched was not launched; launch it by the job launch_campaign" in _said(result)


def test_nothing_is_sent_while_the_ledger_is_broken(graph: Graph) -> None:
    assert _launch(graph).success
    with graph.ports.warehouse.session() as session:
        session.execute(statement("UPDATE promotions.campaigns SET budget_eur = 10"), {})
    result = _launch(graph, campaign_id="another")
    assert not result.success
    assert (
        "The check within_budget_and_caps of promotions/assignments is broken, so nothing is sent"
        in _said(result)
    )
    with _store(graph) as store:
        assert store.count("another") == 0


def test_a_wrong_form_is_answered_with_a_sentence_and_leaves_nothing(graph: Graph) -> None:
    result = _launch(graph, audience=["vip"])
    assert not result.success
    assert "audience is 'vip'; it is one or more of champions" in _said(result)
    assert graph.one("SELECT COUNT(*) AS n FROM promotions.campaigns") == 0
    assert graph.instance.get_dynamic_partitions(str(campaigns.name)) == []


def test_a_command_that_asks_for_what_cannot_be_runs_nothing(graph: Graph) -> None:
    given = {**CONFIG, "audience": "at_risk", "holdout_share": 0.9}
    with pytest.raises(Unavailable, match="holdout_share is 0.9; it is a share from 0 to 0.5"):
        operations.launch_campaign(Console(quiet=True), graph.definitions, given)


def test_what_is_no_promotion_is_listed_until_somebody_mends_it(graph: Graph) -> None:
    with _store(graph) as store:
        store.add([Promotion("a", "r", 1, "P1", False, None)])
    home = graph.deployment.home / "promotions.sqlite"
    with sqlite3.connect(home) as connection:
        connection.execute(
            "INSERT INTO promoAdobe (_id, userId, promotionId, used) VALUES ('b', 'x y', 'P1', 'maybe')"
        )
        connection.execute(
            "INSERT INTO promoAdobe (_id, requestId, userId, promotionId, used) VALUES ('c', 'r', 2, 7, 'false')"
        )
    assert _materialize(graph, "promotions.rejected_promotions").success
    (row,) = graph.rows("SELECT stored_id, reason FROM promotions.rejected_promotions")
    assert row["stored_id"] == "b"
    told = _metadata(graph, "promotions.rejected_promotions")
    assert (told["seen"].value, told["corrected"].value >= 1, told["rejected_rows"].value) == (3, True, 1)
    assert told[str(row["reason"])].value == 1
    connection.close()
