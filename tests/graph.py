"""How tests run the graph: an instance of their own, silent, and sensors that tick as Dagster's daemon does."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from platform_assets.console import listing_ticks, sample_campaign
from platform_assets.console.ports import Ports, of_a_run, opened
from platform_assets.console.run import arrivals, loads
from platform_assets.definitions import definitions_for
from platform_assets.jobs import extract_crm, list_files, load_addresses, refresh, segment_shoppers
from platform_assets.partitions import listing_batches
from resources.deployments import Deployment, deployment_from, resources_for
from samples import world

SMALL = world.WorldConfig(addresses=1_500, customers=220, tweets=300, seed=3, shoppers=200)
SILENT = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
QUIET: dict[str, Any] = {"telemetry": {"enabled": False}, "nux": {"enabled": False}}


@dataclass
class Graph:
    """The definitions of one deployment on an instance of their own."""

    deployment: Deployment
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    ports: Ports
    replaced: dict[str, Any] = field(default_factory=dict)
    """Ports that stand in for those of the deployment, in runs and sensors."""

    def run(
        self,
        job: str,
        tags: Mapping[str, str] | None = None,
        partition: str | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> dg.ExecuteInProcessResult:
        """Execute a job, whether it succeeds or not."""
        return self.definitions.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            tags=dict(tags or {}),
            partition_key=partition,
            run_config={**SILENT, **(config or {})},
            resources=self.replaced or None,
            raise_on_error=False,
        )

    def bring_up_to_date(self) -> dg.ExecuteInProcessResult:
        """What `make run` does; the result of the refresh."""
        for tags in loads(self.instance, arrivals(self.ports.object_store, self.ports.warehouse)):
            assert self.run(load_addresses.name, tags).success
        assert self.run(extract_crm.name).success
        if sample_campaign.is_due(self.deployment.home, self.ports):
            assert self.run(segment_shoppers.name).success
            assert self.run("launch_campaign", config=sample_campaign.CONFIG).success
            sample_campaign.follow(self.deployment.home, self.ports)
        result = self.run(refresh.name)
        assert result.success
        # Once, because each tick lists everything again, and takes as long.
        if not self.instance.get_dynamic_partitions(str(listing_batches.name)):
            for tags in listing_ticks.ticks(self.instance, self.deployment.home, self.ports):
                assert self.run(list_files.name, tags).success
        return result

    def rows(self, text: str) -> list[dict[str, object]]:
        """Rows of a SELECT, in a session of its own."""
        with self.ports.warehouse.session("test") as session:
            return session.rows(text)

    def one(self, text: str) -> Any:
        """The only value of a SELECT."""
        return next(iter(self.rows(text)[0].values()))


@contextmanager
def graph_at(home: Path, **settings: str) -> Iterator[Graph]:
    """A local deployment whose state lies in `home`."""
    deployment = deployment_from({"QUADRANT_HOME": str(home), **settings})
    with (
        opened(deployment, "message_log", *of_a_run(deployment)) as ports,
        # Not the ephemeral one: a sensor resolves its new partitions only on an instance that can be told by a reference.
        dg.DagsterInstance.from_config(str(dagster_home(home))) as instance,
    ):
        yield Graph(deployment, definitions_for(deployment), instance, ports)


def dagster_home(home: Path) -> Path:
    """The DAGSTER_HOME of a home, silent; its events are in one file, quicker than Dagster's file for each run."""
    folder = home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    events = {
        "module": "dagster._core.storage.event_log",
        "class": "ConsolidatedSqliteEventLogStorage",
        "config": {"base_dir": str(folder / "history")},
    }
    (folder / "dagster.yaml").write_text(yaml.safe_dump({**QUIET, "event_log_storage": events}))
    return folder


def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small world and all that a run makes of it, made once for all processes; `own_copy` is one to change."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    home, done = shared / "small", shared / "small.done"
    with (shared / "small.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not done.exists():
            world.write(world.make(SMALL), home)
            with graph_at(home) as graph:
                graph.bring_up_to_date()
            done.touch()
    return home


def own_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small world after its first run."""
    home = copied(small_home(tmp_path_factory), tmp_path_factory.mktemp("own") / "home")
    dagster_home(home)
    return home


def copied(world_of: Path, home: Path) -> Path:
    """A copy of a home; its objects are links, because a folder tells versions by their inodes."""
    shutil.copytree(world_of, home, symlinks=True, ignore=shutil.ignore_patterns("objects"))
    shutil.copytree(world_of / "objects", home / "objects", copy_function=os.link)
    return home


@dataclass
class Watch:
    """A sensor between its ticks: adds partitions, and starts no run key twice, as the daemon does."""

    graph: Graph
    sensor: str
    cursor: str | None = None
    reason: str = ""
    _started: set[str] = field(default_factory=set)

    def tick(self) -> list[dg.RunRequest]:
        """The runs that this tick really starts."""
        definitions, instance = self.graph.definitions, self.graph.instance
        sensor = definitions.resolve_sensor_def(self.sensor)
        with dg.SensorEvaluationContext(
            instance.get_ref(),
            last_tick_completion_time=None,
            last_run_key=None,
            cursor=self.cursor,
            repository_name=None,
            repository_def=definitions.get_repository_def(),
            sensor_name=self.sensor,
            resources={**resources_for(self.graph.deployment), **self.graph.replaced},
        ) as context:
            data = sensor.evaluate_tick(context)
        for request in data.dynamic_partitions_requests or []:
            instance.add_dynamic_partitions(request.partitions_def_name, list(request.partition_keys))
        self.cursor, self.reason = data.cursor, data.skip_message or ""
        fresh = [r for r in data.run_requests or [] if r.run_key is None or r.run_key not in self._started]
        self._started |= {request.run_key for request in fresh if request.run_key}
        return fresh

    def execute(self, requests: list[dg.RunRequest]) -> None:
        """Run what a tick asked for; each run must succeed."""
        for request in requests:
            job = self.graph.definitions.resolve_sensor_def(self.sensor).job.name
            result = self.graph.run(job, request.tags)
            assert result.success
