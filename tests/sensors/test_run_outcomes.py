"""People hear of a failed run and of its recovery once each, and of nobody's data."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from platform_assets.partitions import PARTITION
from resources.notifier import Notice, Notifier, WebhookNotifier
from resources.unavailable import Unavailable
from sensors import run_outcomes
from sensors.run_outcomes import TOLD, tell
from tests.graph import QUIET, SILENT
from tests.receivers import Receiver, receiver

UI = "https://dagster.bank.example"


class Order(dg.Config):
    """How the run is to end."""

    fails: str = ""


@dg.op
def step(config: Order) -> None:
    if config.fails == "ours":
        raise Unavailable("S3_BUCKET 'b' does not exist: create it.")
    if config.fails:
        raise ValueError(f"duplicate key: {config.fails}")


@dg.job
def loading() -> None:
    step()


@dataclass
class Desk:
    """An instance, somebody who is told, and the sensor between its ticks."""

    instance: dg.DagsterInstance
    it: Receiver
    cursor: str | None = None

    def run(self, fails: str = "", partition: str = "", **tags: str) -> str:
        result = loading.execute_in_process(
            instance=self.instance,
            run_config={**SILENT, "ops": {"step": {"config": {"fails": fails}}}},
            tags={**tags, **({PARTITION: partition} if partition else {})},
            raise_on_error=False,
        )
        return result.run_id

    def tick(self, notifier: Notifier | None = None) -> str:
        context = dg.build_sensor_context(instance=self.instance, cursor=self.cursor)
        result = tell(context, notifier or WebhookNotifier(self.it.url), "prod", UI)
        self.cursor = result.cursor
        assert isinstance(result.skip_reason, dg.SkipReason)
        return str(result.skip_reason.skip_message)

    def titles(self) -> list[str]:
        return [said["title"] for said in self.it.taken.values()]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    retries: dict[str, Any] = {**QUIET, "run_retries": {"enabled": True, "max_retries": 0}}
    with receiver() as it, dg.DagsterInstance.local_temp(str(tmp_path), retries) as instance:
        yield Desk(instance, it)


def test_a_failed_run_is_told_once_with_what_where_and_a_link(desk: Desk) -> None:
    run_id = desk.run("ours", "geo/incoming/a.csv")
    for _ in range(3):
        desk.tick()
    assert desk.it.asked == {f"{run_id}:failed": 1}
    said = desk.it.taken[f"{run_id}:failed"]
    assert said["title"] == "Failed: loading (geo/incoming/a.csv)"
    assert said["link"] == f"{UI}/runs/{run_id}"
    assert said["facts"] == {
        "error": "S3_BUCKET 'b' does not exist: create it.",
        "step": "step",
        "deployment": "prod",
        "run": run_id,
    }


def test_the_first_good_run_of_the_same_job_and_partition_is_its_recovery(desk: Desk) -> None:
    first, second = desk.run("ours", "a"), desk.run("ours", "a")
    desk.tick()
    desk.run(partition="b")
    desk.tick()
    assert desk.titles() == ["Failed: loading (a)"] * 2
    good = desk.run(partition="a")
    desk.run(partition="a")
    for _ in range(2):
        desk.tick()
    assert desk.titles()[2:] == ["Works again: loading (a)"]
    assert desk.it.taken[f"{second}:recovered"]["link"] == f"{UI}/runs/{good}"
    assert desk.it.taken[f"{second}:recovered"]["facts"]["had failed"] == f"{first}, {second}"
    desk.run("ours", "a")
    desk.tick()
    assert desk.titles()[3:] == ["Failed: loading (a)"]


def test_a_long_outage_has_one_recovery(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = [desk.run("ours", "a") for _ in range(5)]
    desk.tick()
    monkeypatch.setattr(run_outcomes, "PAGE", 2)
    desk.run(partition="a")
    for _ in range(3):
        desk.tick()
    assert desk.titles()[5:] == ["Works again: loading (a)"]
    assert desk.it.taken[f"{failed[-1]}:recovered"]["facts"]["had failed"] == ", ".join(failed)


def test_a_recovery_is_found_behind_many_runs_of_other_partitions(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_outcomes, "PAGE", 10)
    desk.run("ours")
    desk.tick()
    good: dict[str, Any] = {"status": dg.DagsterRunStatus.SUCCESS, "tags": {PARTITION: "b"}}
    for _ in range(25):
        desk.instance.create_run_for_job(loading, **good)
    desk.tick()
    assert desk.titles() == ["Failed: loading"]
    desk.run()
    desk.tick()
    assert desk.titles()[1:] == ["Works again: loading"]


def test_a_good_run_without_a_failure_is_no_news(desk: Desk) -> None:
    desk.run()
    assert desk.tick() == "No run failed and none recovered."
    assert not desk.it.asked


def test_an_attempt_that_dagster_repeats_is_no_failure_yet(desk: Desk) -> None:
    first = desk.run("ours")
    desk.instance.add_run_tags(first, {"dagster/will_retry": "true"})
    desk.tick()
    assert not desk.it.asked
    last = desk.run("ours")
    desk.instance.add_run_tags(first, {"dagster/auto_retry_run_id": last})
    for _ in range(2):
        desk.tick()
    assert desk.it.asked == {f"{last}:failed": 1}


def test_a_repetition_that_could_not_begin_makes_it_a_failure(desk: Desk) -> None:
    run_id = desk.run("ours")
    desk.instance.add_run_tags(run_id, {"dagster/will_retry": "true"})
    desk.tick()
    desk.instance.add_run_tags(run_id, {"dagster/will_retry": "false"})
    desk.tick()
    assert desk.it.asked == {f"{run_id}:failed": 1}


def test_a_run_of_which_dagster_never_says_whether_it_comes_again_is_a_failure_in_time(desk: Desk) -> None:
    runs = [
        desk.instance.create_run_for_job(loading, run_config={"ops": {"step": {"config": {}}}}) for _ in "ab"
    ]
    for run, minutes in zip(runs, (9, 11), strict=True):
        # The run storage alone hears of it, as when the process ends before the decision is written.
        event = dg.DagsterEvent(event_type_value="PIPELINE_FAILURE", job_name="loading")
        desk.instance.handle_run_event(run.run_id, event, datetime.now(UTC) - timedelta(minutes=minutes))
    for _ in range(2):
        desk.tick()
    assert desk.it.asked == {f"{runs[1].run_id}:failed": 1}


def test_a_notifier_that_is_down_breaks_nothing_and_is_asked_again(desk: Desk) -> None:
    run_id = desk.run("ours")
    with receiver("500") as away:
        for _ in range(2):
            assert "took no notice (it answered 500)" in desk.tick(WebhookNotifier(away.url))
    desk.tick()
    desk.tick()
    assert desk.it.asked == {f"{run_id}:failed": 1}


class _Killed(Notifier):
    """Hands the notice over, and the process ends."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier

    def notify(self, notice: Notice) -> None:
        self._notifier.notify(notice)
        raise KeyboardInterrupt


def test_a_kill_between_telling_and_remembering_repeats_the_key(desk: Desk) -> None:
    run_id = desk.run("ours")
    with pytest.raises(KeyboardInterrupt):
        desk.tick(_Killed(WebhookNotifier(desk.it.url)))
    desk.tick()
    assert desk.it.asked == {f"{run_id}:failed": 2}
    assert len(desk.it.taken) == 1
    run = desk.instance.get_run_by_id(run_id)
    assert run
    assert run.tags[TOLD] == "failed"


def test_what_somebody_else_wrote_into_an_error_is_not_repeated(desk: Desk) -> None:
    run_id = desk.run("Sandra Lewis, sandra@x.example")
    desk.tick()
    said = desk.it.taken[f"{run_id}:failed"]
    assert "Sandra" not in str(said)
    assert said["facts"]["error"].startswith("ValueError")


def test_a_run_whose_process_was_gone_says_so(desk: Desk) -> None:
    run = desk.instance.create_run_for_job(loading, run_config={"ops": {"step": {"config": {}}}})
    desk.instance.report_run_failed(run, "The process of this run was gone; what it had committed stays.")
    desk.tick()
    assert "process of this run was gone" in desk.it.taken[f"{run.run_id}:failed"]["facts"]["error"]


def test_a_cursor_that_cannot_be_read_is_told_in_a_sentence(desk: Desk) -> None:
    desk.cursor = "{"
    with pytest.raises(Unavailable, match="cursor of run_outcomes"):
        desk.tick()
