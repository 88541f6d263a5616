"""New, overwritten and deleted sales files: one refresh takes all of them in.

A tick lists some pages and compares a digest of the whole folder with that of the last step that took it in; a folder
of more pages is gone through in several ticks.
"""

import time
from dataclasses import asdict, dataclass

import dagster as dg
import msgspec

from platform_assets.jobs import refresh
from platform_assets.promotions.arrival import INCOMING, TABLES, listing
from platform_assets.promotions.sales import LISTING
from platform_assets.tables import asset_key
from resources.object_store import ObjectStore
from sensors.cursors import parsed
from sensors.under_way import waiting_for

PAGE = 1_000
PAGES = 5
"""Objects of one page, and pages of one tick."""

DEADLINE_S = 20.0


@dataclass
class Cursor:
    """Where the sensor is in the folder, and the digest of what it has passed."""

    last_key: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str | None) -> "Cursor":
        """Raises Unavailable for a cursor that was edited wrongly."""
        return parsed(text, cls, "new_sales_files", "empty it to begin anew") if text else cls()

    def __str__(self) -> str:
        return msgspec.json.encode(asdict(self)).decode()


@dg.sensor(
    job=refresh,
    minimum_interval_seconds=10,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=f"Looks for new, overwritten and deleted objects under {INCOMING}; at most {PAGE * PAGES} a tick.",
)
def new_sales_files(
    context: dg.SensorEvaluationContext, object_store: dg.ResourceParam[ObjectStore]
) -> dg.SensorResult | dg.SkipReason:
    """Go on through the folder; at its end, ask for a refresh when it is not as it was taken in."""
    cursor, deadline = Cursor.parse(context.cursor), time.monotonic() + DEADLINE_S
    for _ in range(PAGES):
        page = object_store.list(INCOMING, after=cursor.last_key, limit=PAGE)
        cursor.digest = listing(page, cursor.digest)
        cursor.last_key = page[-1].key if page else cursor.last_key
        if len(page) < PAGE:
            return _compared(context.instance, cursor.digest)
        if time.monotonic() > deadline:
            break
    so_far = dg.SkipReason(f"Looked at {INCOMING} up to {cursor.last_key!r}.")
    return dg.SensorResult(skip_reason=so_far, cursor=str(cursor))


def _compared(instance: dg.DagsterInstance, digest: str) -> dg.SensorResult:
    """A request when the folder is not the one that was taken in; the next tick begins anew either way."""
    event = instance.get_latest_materialization_event(asset_key(TABLES[0]))
    taken = (
        event.asset_materialization.metadata.get(LISTING) if event and event.asset_materialization else None
    )
    begin = str(Cursor())
    if digest == (taken.value if taken else ""):
        return dg.SensorResult(skip_reason=f"{INCOMING} is as it was taken in.", cursor=begin)
    if skip := waiting_for(instance, refresh.name):
        return dg.SensorResult(skip_reason=skip, cursor=begin)
    # With the time of the last taking in: one that failed is not asked for again, the hourly refresh tries it.
    run_key = f"{digest} after {event.timestamp if event else 0}"
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=run_key)], cursor=begin)
