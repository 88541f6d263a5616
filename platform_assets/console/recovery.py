"""Runs whose process is gone are ended here, so that they hold no slot and no sensor counts them as under way.

What such a run had committed stays, and the next run goes on from there; a run whose process lives is never touched.
"""

import contextlib
import json
import os
import platform
import subprocess
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import dagster as dg
from rich.console import Console

HOST = "quadrant/host"
_LAUNCHED = "dagster/grpc_info"
_UNDER_WAY = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
_SLACK_S = 5.0


def tags() -> dict[str, str]:
    """Tags of a run that this process executes itself: its host, and that no daemon is to retry it."""
    return {HOST: platform.node(), "dagster/max_retries": "0"}


def end_dead_runs(instance: dg.DagsterInstance, console: Console) -> list[str]:
    """End the runs of this machine whose process is gone, free their slots, and say so; the ids of those ended."""
    for run_id in instance.event_log_storage.get_concurrency_run_ids():
        holder = instance.get_run_by_id(run_id)
        if holder and holder.is_finished and _is_of_this_host(holder.tags):
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)
    dead = [run for run in instance.get_runs(dg.RunsFilter(statuses=_UNDER_WAY)) if _is_dead(instance, run)]
    for run in dead:
        instance.report_run_failed(run, "The process of this run was gone; what it had committed stays.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    if dead:
        ended = ", ".join(f"{run.job_name} {run.run_id[:8]}" for run in dead)
        console.print(f"Ended, because their process was gone: {ended}.", highlight=False)
    return [run.run_id for run in dead]


def _is_dead(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    worker = _worker(instance, run.run_id) if _is_of_this_host(run.tags) else None
    return worker is not None and not lives(*worker)


def _is_of_this_host(tags: Mapping[str, str]) -> bool:
    """Whether this process tagged it on this host, or a code server of this machine was asked to run it."""
    if HOST in tags:
        return tags[HOST] == platform.node()
    return json.loads(tags.get(_LAUNCHED, "{}")).get("host") in ("localhost", "127.0.0.1")


def _worker(instance: dg.DagsterInstance, run_id: str) -> tuple[int, float] | None:
    """Process that executes a run, and when it said so; before the start, whoever spoke last of the run."""
    spoken = instance.all_logs(
        run_id, of_type={dg.DagsterEventType.ENGINE_EVENT, dg.DagsterEventType.PIPELINE_START}
    )
    said = [
        (event.event_type == dg.DagsterEventType.PIPELINE_START, entry.timestamp, event.pid)
        for entry in spoken
        if (event := entry.dagster_event) and event.pid
    ]
    if not said:
        return None
    _, at, pid = max(said)
    return pid, at


def lives(pid: int, at: float) -> bool:
    """Whether the process that had this pid at this time (seconds since 1970) lives, and no later one has its pid."""
    # This process runs nothing yet: a run with its pid is of one before it, as after a restart of a container.
    if pid == os.getpid():
        return False
    began = _began_at(pid)
    return began is not None and began <= at + _SLACK_S


def _began_at(pid: int) -> float | None:
    """When a process began, in seconds since 1970; None if there is none or only its exit code is left."""
    if Path("/proc/self/stat").exists():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            # proc(5): what follows the name in brackets begins with the state; the start is the 22nd field of all.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
            return None if fields[0] == "Z" else booted + int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return None
    said = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        env={"PATH": "/bin:/usr/bin", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    state, _, began = said.strip().partition(" ")
    if not state or state.startswith("Z"):
        return None
    return datetime.strptime(began.strip(), "%a %b %d %H:%M:%S %Y").astimezone().timestamp()
