"""Dagster as in production, in small: PostgreSQL for its storage, a code server, the daemon, runs in processes of their own.

What is run there, and what must come of it, is in the tests.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import dagster as dg
import yaml
from dagster._core.events import DagsterEventType

from servers.processes import free_ports

ROOT = Path(__file__).parents[2]
Found = TypeVar("Found")
_DEADLINE_S = 400.0
_FINISHED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)


@dataclass(frozen=True)
class Site:
    """A running Dagster; `home` is its DAGSTER_HOME."""

    home: Path
    instance: dg.DagsterInstance
    environment: Mapping[str, str]

    def launch(self, job: str, **tags: str) -> None:
        """`dagster job launch`, then wait for the run, which must succeed."""
        before = {run.run_id for run in self.runs(job)}
        self.command("job", "launch", "-j", job, "--tags", json.dumps(tags))
        (run,) = self.finished(job, 1, before)
        assert run.status == dg.DagsterRunStatus.SUCCESS, self.said(run.run_id)

    def command(self, *arguments: str) -> None:
        """One of Dagster's own commands, on this instance."""
        command = [sys.executable, "-m", "dagster", *arguments, "-w", str(self.home / "workspace.yaml")]
        done = subprocess.run(
            command, cwd=self.home, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def runs(self, job: str) -> list[dg.DagsterRun]:
        """All runs of a job."""
        return list(self.instance.get_runs(dg.RunsFilter(job_name=job)))

    def finished(self, job: str, count: int, before: set[str]) -> list[dg.DagsterRun]:
        """The runs of a job that were not there before, when so many have ended."""

        def ended() -> list[dg.DagsterRun] | None:
            runs = [run for run in self.runs(job) if run.run_id not in before]
            return runs if len(runs) == count and all(run.status in _FINISHED for run in runs) else None

        return eventually(ended)

    def said(self, run_id: str) -> str:
        """What a run reported as going wrong."""
        kinds = {DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE}
        records = self.instance.get_records_for_run(run_id, of_type=kinds).records
        return "\n".join(str(record.event_log_entry.dagster_event) for record in records)


@contextmanager
def site(home: Path, settings: Mapping[str, str]) -> Iterator[Site]:
    """Dagster with the instance of `deploy/dagster.yaml`, whose variables are among `settings`."""
    home.mkdir()
    (home / "dagster.yaml").write_text((ROOT / "deploy" / "dagster.yaml").read_text())
    (port,) = free_ports(1)
    server = {"host": "127.0.0.1", "port": port, "location_name": "quadrant"}
    (home / "workspace.yaml").write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}))
    # Away from the clone, whose .env would come before these settings.
    environment = {**os.environ, **settings, "DAGSTER_HOME": str(home), "PYTHONPATH": str(ROOT)}
    code = [
        "dagster",
        "code-server",
        "start",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-m",
        "tests.real.location",
    ]
    daemon = ["dagster._daemon", "run", "-w", str(home / "workspace.yaml")]
    with (
        dg.DagsterInstance.from_config(str(home)) as instance,
        _running([*code, "--location-name", "quadrant"], home, "code.log", environment),
        _running(daemon, home, "daemon.log", environment),
    ):
        yield Site(home, instance, environment)


def eventually(condition: Callable[[], Found | None], deadline_s: float = _DEADLINE_S) -> Found:
    """What a condition gives once it holds."""
    end = time.monotonic() + deadline_s
    while (found := condition()) is None:
        assert time.monotonic() < end, f"not so within {deadline_s:g} s"
        time.sleep(0.2)
    return found


@contextmanager
def _running(arguments: list[str], home: Path, log: str, environment: Mapping[str, str]) -> Iterator[None]:
    """A process of Dagster's until the block ends."""
    with (home / log).open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)
