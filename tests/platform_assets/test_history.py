"""Dagster's storage stays small, and what sensors and people still need stays in it."""

import datetime as dt
from pathlib import Path

import dagster as dg
import pytest

from platform_assets import history
from platform_assets.definitions import defs


def _finished(instance: dg.DagsterInstance, job: str) -> str:
    run = instance.add_run(dg.DagsterRun(job_name=job, status=dg.DagsterRunStatus.SUCCESS))
    return run.run_id


def test_old_refreshes_go_and_the_latest_and_all_loads_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "KEPT", 6)
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        load = _finished(instance, "load_addresses")
        old = [_finished(instance, "refresh") for _ in range(6 + 4)]
        under_way = instance.add_run(dg.DagsterRun(job_name="refresh", status=dg.DagsterRunStatus.STARTED))
        future = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
        assert history.prune(instance, "refresh", future - dt.timedelta(days=2)) == 0
        assert history.prune(instance, "refresh", future) == 5
        assert history.prune(instance, "refresh", future) == 0
        left = {run.run_id for run in instance.get_runs()}
    assert {load, under_way.run_id, *old[-5:]} == left


def test_the_job_runs_with_its_own_retention() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        job = defs.resolve_job_def("prune_history")
        assert job.execute_in_process(instance=instance).success
