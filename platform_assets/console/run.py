"""`make run`: the whole graph once, with its progress, then what there is and what is new."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
from rich.console import Console

from platform_assets.console import listing_ticks, sample_campaign
from platform_assets.console.figures import Figures, figures
from platform_assets.console.ports import Ports
from platform_assets.console.progress import Progress
from platform_assets.console.recovery import end_dead_runs
from platform_assets.console.summary import show
from platform_assets.geo import arrival
from platform_assets.geo.arrival import Arrivals, version_of
from platform_assets.geo.raw_addresses import INCOMING
from platform_assets.jobs import extract_crm, list_files, load_addresses, refresh, segment_shoppers
from platform_assets.partitions import PARTITION, address_files, partition_of, range_tags
from platform_assets.promotions.launch_campaign import launch_campaign
from resources.object_store import ObjectStore
from resources.warehouse import Warehouse


def run(
    console: Console,
    definitions: dg.Definitions,
    ports: Ports,
    home: Path,
    *,
    is_confirm_required: bool = False,
) -> None:
    """Load new address files, extract the CRM, refresh, list files, then the summary; a sample campaign once.

    Raises RunFailed or Unavailable, and KeyboardInterrupt when it was stopped.
    """
    began = time.monotonic()
    before = _figures(ports.warehouse)
    with dg.DagsterInstance.get() as instance:
        end_dead_runs(instance, console)
        found = arrivals(ports.object_store, ports.warehouse)
        if is_confirm_required:
            _register(instance, found.new)
            if found.new or found.changed:
                waiting = ", ".join([*found.new, *found.changed])
                console.print(f"Waiting for a person, who materializes geo/raw_addresses for them: {waiting}")
            found = Arrivals([], [], found.gone)
        with Progress(console) as progress:
            for tags in loads(instance, found):
                progress.run(definitions.resolve_job_def(load_addresses.name), instance, tags)
            progress.run(definitions.resolve_job_def(extract_crm.name), instance)
            if sample_campaign.is_due(home, ports):
                progress.run(definitions.resolve_job_def(segment_shoppers.name), instance)
                launch = definitions.resolve_job_def(launch_campaign.name)
                progress.run(launch, instance, sample_campaign.TAGS, sample_campaign.CONFIG)
                sample_campaign.follow(home, ports)
            progress.run(definitions.resolve_job_def(refresh.name), instance)
            ticks = definitions.resolve_job_def(list_files.name)
            ticked = [
                progress.run(ticks, instance, tags) for tags in listing_ticks.ticks(instance, home, ports)
            ]
    now = replace(_figures(ports.warehouse), listings=listing_ticks.told(ticked, ports.listing_api))
    show(console, ports, before, now, time.monotonic() - began)


def arrivals(object_store: ObjectStore, warehouse: Warehouse) -> Arrivals:
    """What the store holds, compared with the versions that the warehouse took in."""
    versions = {stored.key: version_of(stored) for stored in object_store.all(INCOMING)}
    return arrival.arrivals(versions, INCOMING, warehouse)


def loads(instance: dg.DagsterInstance, found: Arrivals) -> Iterator[dict[str, str]]:
    """Tags of the runs that bring `geo/raw_addresses` up to date: one for all new files, one per other file."""
    fresh = _register(instance, found.new)
    released = sorted(set(map(partition_of, found.new)) - set(fresh))
    if fresh:
        yield range_tags(fresh[0], fresh[-1])
    others = [partition_of(key) for key in (*found.changed, *found.gone)]
    _register(instance, [*found.changed, *found.gone])
    for partition in [*released, *others]:
        yield {PARTITION: partition}


def _register(instance: dg.DagsterInstance, keys: Iterable[str]) -> list[str]:
    """Add partitions for keys that have none, in this order; those added."""
    registered = set(instance.get_dynamic_partitions(str(address_files.name)))
    fresh = [partition for partition in map(partition_of, keys) if partition not in registered]
    instance.add_dynamic_partitions(str(address_files.name), fresh)
    return fresh


def _figures(warehouse: Warehouse) -> Figures:
    with warehouse.session("summary") as session:
        return figures(session)
