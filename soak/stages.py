"""The stages that are killed, each a part of the graph, run as `make run` runs it.

What a stage makes is in the domains; when and how it is killed is in `strikes`.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import dagster as dg

from platform_assets.console import recovery
from platform_assets.console.run import arrivals, loads
from platform_assets.definitions import ASSETS
from platform_assets.jobs import JOBS, extract_crm, list_files, load_addresses, refresh
from platform_assets.listings.arrival import INCOMING
from platform_assets.listings.batch import batch_id
from platform_assets.partitions import PARTITION, listing_batches
from soak.sides import Opened

_SILENT: Final = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
RUN: Final = "run"
"""Everything, in the order of `make run`: streets, for one, remember in which order they came."""

LISTINGS: Final = "listings"
_FIRST_TICK: Final = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)

_LOCATION: Final = ("tweets/located_tweets", "tweets/scored_tweets")


@dataclass(frozen=True)
class Stage:
    """Jobs, then the part of `refresh` whose keys `takes` says yes to; `needs` are stages before it."""

    takes: Callable[[str], bool]
    jobs: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


STAGES: Final[Mapping[str, Stage]] = {
    "addresses": Stage(lambda key: key.startswith("geo/"), (load_addresses.name,), ("files",)),
    "crm": Stage(lambda key: key.startswith("crm/"), (extract_crm.name,), ("crm",)),
    "tweets": Stage(lambda key: key.startswith("tweets/") and key not in _LOCATION, feeds=("topic",)),
    "location": Stage(lambda key: key in _LOCATION, feeds=("files", "topic"), needs=("addresses", "tweets")),
    "customer360": Stage(
        lambda key: not key.startswith(("geo/", "crm/", "tweets/")),
        feeds=("files", "crm", "topic"),
        needs=("addresses", "crm", "tweets", "location"),
    ),
    LISTINGS: Stage(lambda key: False, (list_files.name,), ("listings",)),
    RUN: Stage(lambda key: True, (load_addresses.name, extract_crm.name), feeds=("files", "crm", "topic")),
}


@dataclass(frozen=True)
class Graph:
    """The graph over the ports of one side, on its instance."""

    opened: Opened
    instance: dg.DagsterInstance

    def run(self, name: str) -> None:
        """Run a stage to its end; raises what made it fail."""
        stage = STAGES[name]
        for job in stage.jobs:
            for tags in self._tags(job):
                self._execute(job, tags, lambda key: True)
        self._execute(refresh.name, {}, stage.takes)

    def _batch(self) -> dict[str, str]:
        """The batch of the latest arrival, each of which lands a file: the same on both sides, killed or not."""
        count = sum(1 for _ in self.opened.object_store.all(INCOMING))
        batch = batch_id(_FIRST_TICK + dt.timedelta(minutes=count))
        self.instance.add_dynamic_partitions(str(listing_batches.name), [batch])
        return {PARTITION: batch}

    def _tags(self, job: str) -> Iterator[Mapping[str, str]]:
        if job == load_addresses.name:
            found = arrivals(self.opened.object_store, self.opened.warehouse)
            yield from loads(self.instance, found)
        elif job == list_files.name:
            yield self._batch()
        else:
            yield {}

    def _execute(self, name: str, tags: Mapping[str, str], takes: Callable[[str], bool]) -> None:
        job = self._definitions.resolve_job_def(name)
        keys = [key for key in job.asset_layer.selected_asset_keys if takes(key.to_user_string())]
        if not keys:
            return
        job.execute_in_process(
            instance=self.instance,
            tags={**tags, **recovery.tags()},
            asset_selection=keys,
            run_config=_SILENT,
        )

    @cached_property
    def _definitions(self) -> dg.Definitions:
        resources = self.opened.resources()
        return dg.Definitions(ASSETS, jobs=JOBS, resources=resources, executor=dg.in_process_executor)
