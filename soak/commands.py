"""Whole `make run` processes, killed at any moment of their life.

They run with the environment of this process; only the places of a local deployment are given to them.
"""

import subprocess
import sys
import time
from pathlib import Path

import dagster as dg

from soak.sides import Side
from soak.strikes import Course, Plan, StageFailedError
from soak.worker import DEADLINE_S, ENDED, READY

_ROOT = Path(__file__).parents[1]
_UNDER_WAY = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])


def course(side: Side, planned: Plan | None) -> Course:
    """Run the command to its end, or kill it `wait_s` after its start. Raises StageFailedError."""
    places = [f"QUADRANT_HOME={side.sources.home}", f"DAGSTER_HOME={side.dagster_home}"]
    command = ["env", *places, sys.executable, "-m", "platform_assets", "run"]
    began = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            said = process.communicate(timeout=planned.wait_s if planned else DEADLINE_S)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            said = process.communicate()[0]
        took_s = time.monotonic() - began
        is_killed = process.returncode == -9
        if process.returncode != 0 and not (is_killed and planned):
            raise StageFailedError(f"`make run` ended with {process.returncode}: {said[-600:]}")
    if is_killed and side.after_kill:
        side.after_kill()
    return Course(_said(side, is_killed=is_killed), took_s, is_killed)


def _said(side: Side, *, is_killed: bool) -> tuple[str, ...]:
    """In work is a command that left a run under way; whether it was in a write is not known."""
    if not is_killed:
        return (READY, ENDED)
    with side.instance() as instance:
        # READY is also what is said last, so it counts as work and not as a write.
        return (READY,) if instance.get_runs(_UNDER_WAY) else ()
