"""The schedule of the listings between its ticks, as Dagster's daemon evaluates it.

What it must ask for is said in the tests.
"""

import datetime as dt

import dagster as dg

from platform_assets.listings.listing_txt import listing_txt
from platform_assets.partitions import PARTITION
from resources.deployments import resources_for
from tests.graph import Graph
from tests.sensors.runs import run_of

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


class Clock:
    """A graph, and the schedule between its ticks; a run key starts one run, as with Dagster's daemon."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.minute = 0
        self.reason = ""
        self._started: set[str] = set()
        self.root = graph.deployment.home / "listed"
        self.root.mkdir()

    def tick(self) -> list[str]:
        """The batches that the next minute asks for."""
        graph = self.graph
        schedule = graph.definitions.resolve_schedule_def("listing_ticks")
        with dg.build_schedule_context(
            instance=graph.instance,
            scheduled_execution_time=NOON + dt.timedelta(minutes=self.minute),
            resources={**resources_for(graph.deployment), **graph.replaced},
            repository_def=graph.definitions.get_repository_def(),
        ) as context:
            data = schedule.evaluate_tick(context)
        self.minute += 1
        self.reason = data.skip_message or ""
        fresh = [request for request in data.run_requests or [] if request.run_key not in self._started]
        self._started |= {str(request.run_key) for request in fresh}
        return [str(request.tags[PARTITION]) for request in fresh]

    def take_in(self, batch: str) -> None:
        """What the first stage of a batch does."""
        instance, replaced = self.graph.instance, self.graph.replaced
        resources = {**resources_for(self.graph.deployment), **replaced}
        done = dg.materialize([listing_txt], instance=instance, partition_key=batch, resources=resources)
        assert done.success

    def ran(self, batch: str, status: dg.DagsterRunStatus) -> None:
        """A run of a batch as Dagster's storage knows it, without its work."""
        self.graph.instance.add_run(run_of("list_files", status, {PARTITION: batch}))
