"""What the instance knows of loads of address files: versions taken in, runs under way, failures.

When a file is looked at belongs in `new_address_files`. Nothing here opens the warehouse or the store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg

from platform_assets.geo.arrival import version_of
from platform_assets.geo.raw_addresses import VERSION
from platform_assets.jobs import load_addresses
from platform_assets.partitions import (
    PARTITION,
    RANGE_END,
    RANGE_START,
    key_of,
    partition_of,
    range_tags,
)
from platform_assets.tables import asset_key
from resources.object_store import StoredObject
from sensors.under_way import UNDER_WAY

REST = timedelta(minutes=15)
"""How long a load that failed is left alone: Dagster's own retries come first, and a cause needs time to pass."""

WANTED = "quadrant/wanted"
"""Tag of a run that a sensor asked for: the version it is to load."""

_RAW = asset_key("geo.raw_addresses")


@dataclass(frozen=True)
class Loads:
    """Loads as they are at the beginning of a tick."""

    instance: dg.DagsterInstance
    under_way: Sequence[dg.DagsterRun]
    failed: Sequence[dg.DagsterRun]
    """Those that failed within REST."""

    @classmethod
    def of(cls, instance: dg.DagsterInstance) -> "Loads":
        """Two queries."""
        job, since = load_addresses.name, datetime.now(UTC) - REST
        failures = dg.RunsFilter(job_name=job, statuses=[dg.DagsterRunStatus.FAILURE], updated_after=since)
        return cls(
            instance,
            under_way=instance.get_runs(dg.RunsFilter(job_name=job, statuses=list(UNDER_WAY))),
            failed=instance.get_runs(failures),
        )

    def is_awaited(self, key: str, wanted: str) -> bool:
        """Whether a run is loading this file, or failed to load this version a moment ago."""
        return any(_covers(run, key) for run in self.under_way) or any(
            _covers(run, key) and run.tags.get(WANTED, wanted) == wanted for run in self.failed
        )

    def is_known(self, key: str) -> bool:
        """Whether the file has a partition, that is: was found before."""
        return self.instance.has_dynamic_partition("address_files", partition_of(key))

    def unloaded(self, page: Sequence[StoredObject]) -> list[StoredObject]:
        """Objects whose last load took in another version, or that have none; two queries."""
        last = self._last({partition_of(stored.key) for stored in page})
        found = dg.AssetRecordsFilter(asset_key=_RAW, storage_ids=list(last.values()))
        records = self.instance.fetch_materializations(found, limit=len(last)).records if last else []
        versions = {
            record.partition_key: record.asset_materialization.metadata.get(VERSION)
            for record in records
            if record.asset_materialization
        }
        return [
            stored
            for stored in page
            if versions.get(partition_of(stored.key)) != dg.MetadataValue.text(version_of(stored))
        ]

    def removal(self, key: str) -> dg.RunRequest | None:
        """A run that finds the object gone; None while one is awaited."""
        # The run removes the partition; until then the last load stays the same and the request is not repeated.
        wanted = f"deleted after {self._last({partition_of(key)}).get(partition_of(key), 0)}"
        return None if self.is_awaited(key, wanted) else self.request(key, wanted)

    def request(self, key: str, wanted: str) -> dg.RunRequest:
        """One file's load. Failures are part of its key, because Dagster starts no run key twice."""
        partition = partition_of(key)
        failures = self.instance.get_runs_count(
            dg.RunsFilter(
                job_name=load_addresses.name,
                tags={PARTITION: partition},
                statuses=[dg.DagsterRunStatus.FAILURE],
            )
        )
        return dg.RunRequest(
            run_key=f"{key}:{wanted}:{failures}", partition_key=partition, tags={WANTED: wanted}
        )

    def _last(self, partitions: set[str]) -> dict[str, int]:
        """The storage id of the last load of each partition that has one."""
        kind = dg.DagsterEventType.ASSET_MATERIALIZATION
        return dict(self.instance.get_latest_storage_id_by_partition(_RAW, kind, partitions))


def wanted_of(stored: StoredObject) -> str:
    """What a load of this object is to take in."""
    # With the time, because content that comes back later has the ETag of its first time.
    return f"{version_of(stored)} {stored.modified_at.isoformat()}"


def range_of(new: Sequence[StoredObject]) -> dg.RunRequest:
    """One run for many new files: partitions are added in their order, so that the range holds just them."""
    first, last = new[0].key, new[-1].key
    newest = max(stored.modified_at for stored in new).isoformat()
    return dg.RunRequest(
        run_key=f"{first}:{last}:{len(new)}:{newest}",
        tags=range_tags(partition_of(first), partition_of(last)),
    )


def _covers(run: dg.DagsterRun, key: str) -> bool:
    if RANGE_START in run.tags and RANGE_END in run.tags:
        return key_of(run.tags[RANGE_START]) <= key <= key_of(run.tags[RANGE_END])
    return run.tags.get(PARTITION) == partition_of(key)
