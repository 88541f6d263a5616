"""Which runs are ended at the start of a command, and which are left alone."""

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from platform_assets.console.recovery import HOST, end_dead_runs, lives, tags

LAUNCHED = {"dagster/grpc_info": json.dumps({"host": "localhost", "socket": "/tmp/gone"})}
ELSEWHERE = {"dagster/grpc_info": json.dumps({"host": "code-server", "port": 4000})}


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


@pytest.fixture
def other() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that lives until the test ends it."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def _begun(instance: dg.DagsterInstance, tags: dict[str, str], pid: int | None, at: float) -> str:
    """A run that a process began and that holds a slot; its id."""
    run = instance.add_run(dg.DagsterRun(job_name="refresh", tags=tags))
    event = dg.DagsterEvent(dg.DagsterEventType.PIPELINE_START.value, "refresh", pid=pid)
    entry = dg.EventLogEntry(None, 20, "", run.run_id, at, None, "refresh", event)  # type: ignore[no-untyped-call]
    instance.handle_new_event(entry)
    instance.event_log_storage.set_concurrency_slots(f"pool {run.run_id}", 1)
    instance.event_log_storage.claim_concurrency_slot(f"pool {run.run_id}", run.run_id, "step")
    return run.run_id


def _ended(instance: dg.DagsterInstance) -> tuple[list[str], str]:
    console = Console(file=io.StringIO(), record=True, width=200)
    return end_dead_runs(instance, console), console.export_text()


@pytest.mark.parametrize("tagged", [tags(), LAUNCHED], ids=["executed_here", "launched_here"])
def test_a_run_whose_process_is_gone_is_ended_and_gives_its_slot_back(
    instance: dg.DagsterInstance, other: "subprocess.Popen[bytes]", tagged: dict[str, str]
) -> None:
    run_id = _begun(instance, tagged, other.pid, time.time())
    assert _ended(instance) == ([], "")
    other.kill()
    other.wait()
    ended, said = _ended(instance)
    assert ended == [run_id]
    assert said == f"Ended, because their process was gone: refresh {run_id[:8]}.\n"
    run = instance.get_run_by_id(run_id)
    assert run
    assert run.status == dg.DagsterRunStatus.FAILURE
    assert not instance.event_log_storage.get_concurrency_run_ids()
    assert _ended(instance) == ([], "")


def test_a_process_that_was_killed_and_not_waited_for_is_gone(other: "subprocess.Popen[bytes]") -> None:
    now = time.time()
    assert lives(other.pid, now)
    other.kill()
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    assert not lives(other.pid, now)


def test_a_pid_that_another_process_took_over_is_no_mistake(
    instance: dg.DagsterInstance, other: "subprocess.Popen[bytes]"
) -> None:
    long_ago = _begun(instance, tags(), other.pid, time.time() - 3600)
    own = _begun(instance, tags(), os.getpid(), time.time())
    assert set(_ended(instance)[0]) == {long_ago, own}


@pytest.mark.parametrize(
    "tagged",
    [{HOST: "another"}, {HOST: "another", **LAUNCHED}, ELSEWHERE, {}],
    ids=["host", "both", "server", "none"],
)
def test_a_run_of_another_host_is_left_alone(instance: dg.DagsterInstance, tagged: dict[str, str]) -> None:
    _begun(instance, tagged, 2**22 - 1, time.time() - 3600)
    assert _ended(instance) == ([], "")


def test_a_run_of_which_no_process_is_known_is_left_alone(instance: dg.DagsterInstance) -> None:
    _begun(instance, tags(), None, time.time())
    assert _ended(instance) == ([], "")


def test_a_slot_that_a_finished_run_still_holds_is_freed(instance: dg.DagsterInstance) -> None:
    run = instance.get_run_by_id(_begun(instance, tags(), os.getpid(), time.time()))
    assert run
    instance.report_run_failed(run)
    assert instance.event_log_storage.get_concurrency_run_ids() == {run.run_id}
    assert _ended(instance) == ([], "")
    assert not instance.event_log_storage.get_concurrency_run_ids()
