"""`make run`: the whole graph once, with its progress, then what there is and what is new."""

import time
from collections.abc import Iterator

import dagster as dg
from rich.console import Console

from platform_assets.console.ports import Ports
from platform_assets.console.progress import Progress
from platform_assets.console.summary import Figures, figures, show
from platform_assets.geo.raw_addresses import INCOMING
from platform_assets.jobs import extract_crm, load_addresses, refresh
from platform_assets.partitions import address_files, partition_of
from resources.object_store import ObjectStore, StoredObject
from resources.warehouse import Warehouse

_PAGE = 1_000


def run(console: Console, definitions: dg.Definitions, ports: Ports) -> None:
    """Load new address files, extract the CRM, refresh, then the summary. Raises RunFailed or Unavailable."""
    began = time.monotonic()
    before = _figures(ports.warehouse)
    with dg.DagsterInstance.get() as instance, Progress(console) as progress:
        for tags in loads(instance, ports.object_store, ports.warehouse):
            progress.run(definitions.resolve_job_def(load_addresses.name), instance, tags)
        progress.run(definitions.resolve_job_def(extract_crm.name), instance)
        progress.run(definitions.resolve_job_def(refresh.name), instance)
    show(console, ports, before, _figures(ports.warehouse), time.monotonic() - began)


def _figures(warehouse: Warehouse) -> Figures:
    with warehouse.session("summary") as session:
        return figures(session)


def loads(
    instance: dg.DagsterInstance, object_store: ObjectStore, warehouse: Warehouse
) -> Iterator[dict[str, str]]:
    """Tags of the runs that bring `geo/raw_addresses` up to date: one for all new files, one per changed file."""
    versions = {stored.key: stored.version for stored in _objects(object_store)}
    with warehouse.session("arrivals") as session:
        rows = session.rows(
            "SELECT source, next_position FROM ledger.positions WHERE STARTSWITH(source, :p)", p=INCOMING
        )
    known = {str(row["source"]): str(row["next_position"]) for row in rows}
    new = [partition_of(key) for key in sorted(versions.keys() - known.keys())]
    registered = set(instance.get_dynamic_partitions(str(address_files.name)))
    changed = [key for key, version in versions.items() if known.get(key, version) != version]
    gone = [
        key for key, version in known.items() if key not in versions and not version.startswith("deleted ")
    ]
    singles = sorted({*map(partition_of, (*changed, *gone)), *(p for p in new if p in registered)})
    fresh = [partition for partition in new if partition not in registered]
    instance.add_dynamic_partitions(
        str(address_files.name), [*fresh, *(p for p in singles if p not in registered)]
    )
    if fresh:
        yield {
            "dagster/asset_partition_range_start": fresh[0],
            "dagster/asset_partition_range_end": fresh[-1],
        }
    for partition in singles:
        yield {"dagster/partition": partition}


def _objects(object_store: ObjectStore) -> Iterator[StoredObject]:
    after = ""
    while page := object_store.list(INCOMING, after=after, limit=_PAGE):
        yield from page
        after = page[-1].key
