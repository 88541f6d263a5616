"""`make run` is killed or stopped: the next one ends what is dead, goes on, and makes what one clean run makes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from resources.warehouse import DuckDbWarehouse
from samples import world
from samples.listing_tree import FOLDER, KEY
from soak.contents import AUDIT, contents
from tests.graph import SMALL, copied, own_copy

ROOT = Path(__file__).parents[1]
DEADLINE_S = 180.0
KILLS = (
    ("load_addresses", "geo__raw_addresses"),
    ("refresh", "customer360__categories"),
)
OF_THE_COPY = frozenset({"file_version", "modified_at", "published_at", "topic_id"})
"""Columns that tell which copy of a file or a topic it was."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small world, of which nothing was made yet."""
    home = tmp_path_factory.mktemp("killed") / "made"
    world.write(world.make(SMALL), home)
    # Listings are of the minute, and their stages are killed in tests of their own.
    shutil.rmtree(home / FOLDER)
    (home / "objects" / KEY).unlink()
    return home


@pytest.fixture
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a run that nobody disturbed has made of it, and of no listings, which a home of `made` has not."""
    found = _rows(own_copy(tmp_path_factory))
    return {table: [] if table.startswith("listings.") else rows for table, rows in found.items()}


def _copy(made: Path, home: Path) -> Path:
    """A copy with a Dagster home of its own, set as that of `make run`."""
    copied(made, home)
    (home / "dagster").mkdir()
    settings = (ROOT / "dagster.yaml").read_text().replace(".quadrant/dagster", str(home / "dagster"))
    (home / "dagster" / "dagster.yaml").write_text(settings)
    return home


@contextmanager
def _command(home: Path) -> Iterator["subprocess.Popen[str]"]:
    """`make run` in a process of its own, which is gone afterwards."""
    known = ("PATH", "HOME", "LANG", "TMPDIR")
    environ = {name: os.environ[name] for name in known if name in os.environ}
    environ |= {"QUADRANT_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
    with subprocess.Popen(
        [sys.executable, "-m", "platform_assets", "run"],
        cwd=ROOT, env=environ, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def _end(process: "subprocess.Popen[str]") -> str:
    """All that a command said until its end, in one line."""
    return " ".join(process.communicate(timeout=DEADLINE_S)[0].split())


@contextmanager
def _instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        yield instance


def _wait(process: "subprocess.Popen[str]", condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert process.poll() is None, _end(process)
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_in(instance: dg.DagsterInstance, job: str, step: str) -> bool:
    """Whether the newest run of a job has begun a step."""
    return any(
        stats.step_key == step and stats.start_time
        for run in instance.get_runs(dg.RunsFilter(job_name=job), limit=1)
        for stats in instance.get_run_step_stats(run.run_id)
    )


def _rows(home: Path) -> dict[str, list[str]]:
    """All that a person reads in a warehouse, but for when it was written, and of which copy of a file."""
    found = contents(DuckDbWarehouse(home / "warehouse.duckdb", wait_s=5), AUDIT | OF_THE_COPY)
    return {table: rows for table, rows in found.items() if not table.startswith("ledger.")}


def test_however_often_it_is_killed_the_next_run_ends_the_dead_one_and_makes_what_a_clean_run_makes(
    made: Path, clean: dict[str, list[str]], tmp_path: Path
) -> None:
    home = _copy(made, tmp_path / "home")
    dead: list[dg.DagsterRun] = []
    with _instance(home) as instance:
        for job, step in KILLS:
            with _command(home) as process:
                _wait(process, partial(_is_in, instance, job, step))
                process.kill()
                said = _end(process)
            assert all(f"gone: {run.job_name} {run.run_id[:8]}." in said for run in dead[-1:])
            # The one before was ended, so there is one.
            dead += instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
            assert dead[-1].job_name == job
        with _command(home) as process:
            said = _end(process)
        assert process.returncode == 0, said
        assert said.count("gone: ") == 1
        ended = [instance.get_run_by_id(run.run_id) for run in dead]
        assert [run.status for run in ended if run] == [dg.DagsterRunStatus.FAILURE] * len(KILLS)
        assert not instance.event_log_storage.get_concurrency_run_ids()
    found = _rows(home)
    assert {table for table in clean if found[table] != clean[table]} == set()
    assert all(clean[table] for table in ("geo.addresses", "crm.household_members", "customer360.categories"))


def test_runs_that_wait_for_a_slot_leave_each_other_alone_and_can_be_stopped(
    made: Path, tmp_path: Path
) -> None:
    home = _copy(made, tmp_path / "home")
    with _instance(home) as instance:
        storage = instance.event_log_storage
        storage.initialize_concurrency_limit_to_default("warehouse")
        storage.claim_concurrency_slot("warehouse", "somebody", "else")
        with _command(home) as one, _command(home) as other:
            _wait(one, lambda: len(storage.get_concurrency_run_ids()) == 3)
            one.send_signal(signal.SIGINT)
            other.send_signal(signal.SIGTERM)
            for process in (one, other):
                said = _end(process)
                # A shell tells 130 of both: Python ends itself by a signal that came while a text was executed.
                assert process.returncode in (130, -signal.SIGINT), said
                assert said.endswith("Stopped.")
                assert "Traceback" not in said
                assert "Ended" not in said
        assert storage.get_concurrency_run_ids() == {"somebody"}
        stopped = instance.get_runs()
    assert [run.is_finished for run in stopped] == [True, True]
