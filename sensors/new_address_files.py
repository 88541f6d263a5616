"""New, overwritten and deleted address files: load each version once.

Time-ordered names are found at once, all others by a sweep that goes round. A tick costs the same whatever the bucket
holds: two pages of the listing and a few look-ups.
"""

import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg
import msgspec

from platform_assets.geo.raw_addresses import INCOMING, VERSION, incoming
from platform_assets.jobs import load_addresses
from platform_assets.partitions import address_files, key_of, partition_of
from platform_assets.tables import asset_key
from resources.object_store import ObjectStore, StoredObject
from resources.unavailable import Unavailable

PAGE = 1_000
"""Objects of one page; a tick reads one of new names and one of the sweep."""

LOOKS = 25
"""Partitions that one tick looks up, to find deleted files."""

BACKLOG = 20
"""More new files than this are loaded by one run."""

SKEW = timedelta(minutes=15)
"""How far the clock of the store may be from ours."""

DEADLINE_S = 20.0


@dataclass
class Cursor:
    """Where the sensor is. `epoch` is part of each run key: raise it by hand to load every file again."""

    epoch: int = 0
    last_key: str = ""
    sweep_key: str = ""
    sweep_began_at: float = 0.0
    swept_before_at: float = 0.0
    looked_at: str = ""

    @classmethod
    def parse(cls, text: str | None) -> "Cursor":
        """Raises Unavailable for a cursor that was edited wrongly."""
        try:
            return msgspec.json.decode(text.encode(), type=cls) if text else cls()
        except msgspec.DecodeError as error:
            raise Unavailable(
                f"The cursor of new_address_files is {text!r}, which cannot be read ({error}); correct it, or empty it "
                "to look at every file again."
            ) from error

    def __str__(self) -> str:
        return msgspec.json.encode(asdict(self)).decode()


def sensor_for(*, is_confirm_required: bool) -> dg.SensorDefinition:
    """The sensor; with `is_confirm_required` it registers files and leaves it to a person to load each."""

    @dg.sensor(
        name="new_address_files",
        job=load_addresses,
        minimum_interval_seconds=10,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Looks for new, overwritten and deleted objects under {INCOMING}; at most {PAGE} of each a tick.",
    )
    def new_address_files(
        context: dg.SensorEvaluationContext, object_store: dg.ResourceParam[ObjectStore]
    ) -> dg.SensorResult:
        return look(context, object_store, is_confirm_required=is_confirm_required)

    return new_address_files


def look(
    context: dg.SensorEvaluationContext, object_store: ObjectStore, *, is_confirm_required: bool
) -> dg.SensorResult:
    """One tick: list, compare, request."""
    deadline = time.monotonic() + DEADLINE_S
    now = datetime.now(UTC)
    cursor = Cursor.parse(context.cursor)
    found = object_store.list(INCOMING, after=cursor.last_key, limit=PAGE)
    cursor.last_key = found[-1].key if found else cursor.last_key
    changed = _sweep(cursor, object_store, now) if time.monotonic() < deadline else []
    gone = _gone(context.instance, cursor, object_store, deadline)
    # A later epoch asks for what is loaded, too; but only when it first comes by.
    looked = changed if cursor.epoch else [*found, *changed]
    arrived = {stored.key: stored for stored in found if cursor.epoch}
    arrived |= {stored.key: stored for stored in looked if not _is_loaded(context.instance, stored)}
    known = {
        key for key in arrived if context.instance.has_dynamic_partition("address_files", partition_of(key))
    }
    new = [stored for key, stored in sorted(arrived.items()) if key not in known]
    requests = (
        [] if is_confirm_required else _requests(cursor.epoch, new, [arrived[key] for key in sorted(known)])
    )
    requests += [_removal(context.instance, cursor.epoch, key) for key in gone]
    partitions = [partition_of(stored.key) for stored in new]
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None
        if requests
        else f"Nothing new under {object_store.uri(INCOMING)} after {cursor.last_key!r}.",
        cursor=str(cursor),
        dynamic_partitions_requests=[address_files.build_add_request(partitions)] if partitions else [],
        asset_events=[_observation(object_store, new, is_confirm_required)] if new else [],
    )


def _sweep(cursor: Cursor, object_store: ObjectStore, now: datetime) -> list[StoredObject]:
    """One page of the sweep: objects written since the last time round began, whatever their names."""
    if not cursor.sweep_key:
        cursor.swept_before_at, cursor.sweep_began_at = cursor.sweep_began_at, now.timestamp()
    page = object_store.list(INCOMING, after=cursor.sweep_key, limit=PAGE)
    cursor.sweep_key = page[-1].key if len(page) == PAGE else ""
    since = datetime.fromtimestamp(cursor.swept_before_at, UTC) - SKEW if cursor.swept_before_at else None
    return [stored for stored in page if since is None or stored.modified_at >= since]


def _last_load(instance: dg.DagsterInstance, key: str) -> dg.EventLogRecord | None:
    loads = dg.AssetRecordsFilter(
        asset_key=asset_key("geo.raw_addresses"), asset_partitions=[partition_of(key)]
    )
    return next(iter(instance.fetch_materializations(loads, limit=1).records), None)


def _is_loaded(instance: dg.DagsterInstance, stored: StoredObject) -> bool:
    """Whether the last load took in this very version."""
    last = _last_load(instance, stored.key)
    made = last.asset_materialization if last else None
    return made is not None and dg.MetadataValue.text(stored.version) == made.metadata.get(VERSION)


def _gone(
    instance: dg.DagsterInstance, cursor: Cursor, object_store: ObjectStore, deadline: float
) -> list[str]:
    """Keys whose object is deleted, among the next few partitions."""
    page = instance.get_paginated_dynamic_partitions(
        "address_files", limit=LOOKS, ascending=True, cursor=cursor.looked_at or None
    )
    keys = []
    for partition in page.results:
        if time.monotonic() > deadline:
            break
        if object_store.head(key_of(partition)) is None:
            keys.append(key_of(partition))
    cursor.looked_at = page.cursor if page.has_more else ""
    return keys


def _removal(instance: dg.DagsterInstance, epoch: int, key: str) -> dg.RunRequest:
    # The run removes the partition; until then the key stays the same and the request is not repeated.
    last = _last_load(instance, key)
    after = last.storage_id if last else 0
    return _request(f"{epoch}:{key}:deleted after {after}", partition_of(key))


def _requests(epoch: int, new: list[StoredObject], known: Iterable[StoredObject]) -> list[dg.RunRequest]:
    if len(new) > BACKLOG:
        # New partitions are added in this order, so that the range from first to last holds just them.
        tags = {
            "dagster/asset_partition_range_start": partition_of(new[0].key),
            "dagster/asset_partition_range_end": partition_of(new[-1].key),
        }
        singles = [dg.RunRequest(run_key=f"{epoch}:{new[0].key}:{new[-1].key}:{len(new)}", tags=tags)]
    else:
        singles = [_version(epoch, stored) for stored in new]
    return singles + [_version(epoch, stored) for stored in known]


def _version(epoch: int, stored: StoredObject) -> dg.RunRequest:
    # With the time, because content that comes back later has the ETag of its first time.
    written_at = stored.modified_at.isoformat()
    return _request(f"{epoch}:{stored.key}:{stored.version}:{written_at}", partition_of(stored.key))


def _request(run_key: str, partition: str) -> dg.RunRequest:
    return dg.RunRequest(run_key=run_key, partition_key=partition)


def _observation(
    object_store: ObjectStore, new: list[StoredObject], is_confirm_required: bool
) -> dg.AssetObservation:
    waiting = (
        "yes: materialize its partition of geo/raw_addresses to release a file"
        if is_confirm_required
        else "no"
    )
    return dg.AssetObservation(
        incoming.key,
        metadata={
            "dagster/uri": object_store.uri(INCOMING),
            "new_files": len(new),
            "bytes": sum(stored.size_bytes for stored in new),
            "newest": new[-1].key,
            "waits_for_a_person": waiting,
        },
    )
