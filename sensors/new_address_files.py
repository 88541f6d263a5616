"""New, overwritten and deleted address files: load each version once.

Time-ordered names are found at once, all others by a sweep that goes round. A tick costs the same whatever the bucket
holds: two pages of the listing, a few look-ups for each, and a deadline.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import dagster as dg
import msgspec

from platform_assets.geo.raw_addresses import INCOMING, incoming
from platform_assets.jobs import load_addresses
from platform_assets.partitions import address_files, key_of, partition_of
from resources.object_store import ObjectStore, StoredObject
from sensors.address_loads import Loads, range_of, wanted_of
from sensors.cursors import parsed

PAGE = 1_000
"""Objects of one page; a tick reads one of new names and one of the sweep."""

LOOKS = 25
"""Partitions that one tick looks up, to find deleted files."""

BACKLOG = 20
"""More new files than this are loaded by one run; the sweep pauses while so many loads are under way."""

TOLD = 100
"""Files that wait for a person and are listed; more are listed when these are released."""

DEADLINE_S = 20.0
_CHUNK = 100


@dataclass
class Cursor:
    """Where the sensor is; `told` has the files that wait for a person, and their versions."""

    last_key: str = ""
    sweep_key: str = ""
    looked_at: str = ""
    told: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None) -> "Cursor":
        """Raises Unavailable for a cursor that was edited wrongly."""
        return (
            parsed(text, cls, "new_address_files", "correct it, or empty it to look at every file again")
            if text
            else cls()
        )

    def __str__(self) -> str:
        return msgspec.json.encode(asdict(self)).decode()


@dataclass
class Sifted:
    """Objects of a page that are to be loaded, as far as it was looked at."""

    new: list[StoredObject] = field(default_factory=list)
    changed: list[StoredObject] = field(default_factory=list)
    last_key: str = ""


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
    cursor, loads = Cursor.parse(context.cursor), Loads.of(context.instance)
    found = _sift(loads, object_store.list(INCOMING, after=cursor.last_key, limit=PAGE), deadline, PAGE)
    cursor.last_key = found.last_key or cursor.last_key
    room = PAGE if is_confirm_required else BACKLOG - len(loads.under_way)
    swept = Sifted()
    if room > 0 and time.monotonic() < deadline:
        swept = _sweep(cursor, loads, object_store, deadline, room)
    gone = _gone(context.instance, cursor, object_store, deadline)
    new = _by_key([*found.new, *swept.new])
    # Every name comes by in the sweep; it alone tells what is changed, so that its pauses hold.
    requests = [] if is_confirm_required else _requests(loads, new, swept.changed)
    requests += [removal for key in gone if (removal := loads.removal(key))]
    is_news = _tell(cursor, [*new, *swept.changed]) if is_confirm_required else bool(new)
    partitions = [partition_of(stored.key) for stored in new]
    nothing = f"Nothing new under {object_store.uri(INCOMING)} after {cursor.last_key!r}."
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else nothing,
        cursor=str(cursor),
        dynamic_partitions_requests=[address_files.build_add_request(partitions)] if partitions else [],
        asset_events=[_observation(object_store, cursor, new, swept.changed)] if is_news else [],
    )


def _sift(loads: Loads, page: Sequence[StoredObject], deadline: float, room: int) -> Sifted:
    """What a page holds that is not loaded and not awaited, until the deadline or more than `room` changed files."""
    sifted = Sifted()
    for start in range(0, len(page), _CHUNK):
        for stored in loads.unloaded(page[start : start + _CHUNK]):
            # Checked for each, because each is a look-up; the first one always counts, so that ticks get on.
            if sifted.last_key and (time.monotonic() > deadline or len(sifted.changed) >= room):
                return sifted
            if not loads.is_known(stored.key):
                sifted.new.append(stored)
            elif not loads.is_awaited(stored.key, wanted_of(stored)):
                sifted.changed.append(stored)
            sifted.last_key = stored.key
        sifted.last_key = page[start : start + _CHUNK][-1].key
        if time.monotonic() > deadline:
            break
    return sifted


def _sweep(cursor: Cursor, loads: Loads, object_store: ObjectStore, deadline: float, room: int) -> Sifted:
    """One page of the sweep: every object comes by, whatever its name and its time."""
    after = cursor.sweep_key
    page = object_store.list(INCOMING, after=after, limit=PAGE)
    sifted = _sift(loads, page, deadline, room)
    is_end = len(page) < PAGE and (not page or sifted.last_key == page[-1].key)
    cursor.sweep_key = "" if is_end else sifted.last_key
    waiting = {stored.key: wanted_of(stored) for stored in sifted.changed}
    cursor.told = {
        key: wanted
        for key, wanted in cursor.told.items()
        if key <= after or (not is_end and key > sifted.last_key) or waiting.get(key) == wanted
    }
    return sifted


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


def _by_key(found: list[StoredObject]) -> list[StoredObject]:
    return [stored for _, stored in sorted({stored.key: stored for stored in found}.items())]


def _requests(loads: Loads, new: list[StoredObject], changed: list[StoredObject]) -> list[dg.RunRequest]:
    if len(new) > BACKLOG:
        return [range_of(new), *_requests(loads, [], changed)]
    return [loads.request(stored.key, wanted_of(stored)) for stored in (*new, *changed)]


def _tell(cursor: Cursor, waiting: list[StoredObject]) -> bool:
    """Add files to those that a person was told of; whether there was one to add."""
    before = dict(cursor.told)
    for stored in waiting:
        if stored.key in cursor.told or len(cursor.told) < TOLD:
            cursor.told[stored.key] = wanted_of(stored)
    return cursor.told != before


def _observation(
    object_store: ObjectStore, cursor: Cursor, new: list[StoredObject], changed: list[StoredObject]
) -> dg.AssetObservation:
    arrived = _by_key([*new, *changed])
    waiting = (
        f"materialize their partitions of geo/raw_addresses to release them: {', '.join(sorted(cursor.told))}"
        if cursor.told
        else "none"
    )
    return dg.AssetObservation(
        incoming.key,
        metadata={
            "dagster/uri": object_store.uri(INCOMING),
            "new_files": len(new),
            "changed_files": len(changed),
            "bytes": sum(stored.size_bytes for stored in arrived),
            "newest": arrived[-1].key,
            "waits_for_a_person": waiting,
        },
    )
