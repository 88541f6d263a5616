"""The clock of the listings: a batch each minute, one after the other, and what failed once more before anything new.

A tick looks whether there is something to list and which runs there are; it never opens the warehouse.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import dagster as dg

from platform_assets.jobs import list_files
from platform_assets.listings.arrival import INCOMING, landed
from platform_assets.listings.batch import batch_id
from platform_assets.listings.listing_txt import LANDED, TROUBLE, last_told
from platform_assets.partitions import PARTITION, listing_batches
from resources.lister import Lister
from resources.object_store import ObjectStore
from resources.unavailable import Unavailable
from sensors.under_way import UNDER_WAY, count

TRIES = 4
"""So many runs of a batch fail before it is left to a person."""

REST = timedelta(minutes=1)
"""Doubled with each failure: 2 minutes, 4 and 8, so that a store or a warehouse that is away has time to come back."""

AT_ONCE = 2
"""Late batches that one tick asks for, the oldest first."""

LOOK_BACK = timedelta(days=1)
"""How long a failed batch is tried again; a little longer than all its tries take."""

PAGE = 1_000
PAGES = 5
"""Landed objects of one page, and pages of one tick; a larger folder is left to the run."""

_RUNS = 200


class Late(NamedTuple):
    """A batch whose last run failed, how often, and when it may be tried again."""

    batch: str
    failures: int
    due: datetime


@dg.schedule(
    name="listing_ticks",
    job=list_files,
    cron_schedule="* * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Each minute a batch of the listings, unless one is under way or there is nothing to list.",
)
def listing_ticks(
    context: dg.ScheduleEvaluationContext,
    lister: dg.ResourceParam[Lister],
    object_store: dg.ResourceParam[ObjectStore],
) -> list[dg.RunRequest] | dg.SkipReason:
    """One tick."""
    instance = context.instance
    if under_way := count(instance, list_files.name, UNDER_WAY):
        return dg.SkipReason(f"{under_way} runs of {list_files.name} are under way; ticks never overlap.")
    late = _late(instance)
    for given_up in (each for each in late if each.failures >= TRIES):
        context.log.warning(
            "Batch %s failed %d times and is left to a person: materialize its partition.", *given_up[:2]
        )
    open_ = [each for each in late if each.failures < TRIES]
    due = [each for each in open_ if each.due <= datetime.now(UTC)]
    requests = [_request(each.batch, each.failures) for each in due[:AT_ONCE]]
    # What made the last run fail would make the next one fail too; nothing is lost by a tick that lists nothing.
    if open_ and _has_failed_last(instance):
        wait = f"Batch {open_[0].batch} failed and is tried again after {open_[0].due:%H:%M:%S}, before any other."
        return requests[:1] or dg.SkipReason(wait)
    if _is_something_to_list(instance, lister, object_store):
        batch = batch_id(context.scheduled_execution_time)
        instance.add_dynamic_partitions(str(listing_batches.name), [batch])
        requests.append(_request(batch, 0))
    return requests or dg.SkipReason(_nothing(instance, lister, object_store))


def _request(batch: str, failures: int) -> dg.RunRequest:
    """Failures are part of the key, because Dagster starts no run key twice."""
    return dg.RunRequest(run_key=f"{batch}:{failures}" if failures else batch, partition_key=batch)


def _late(instance: dg.DagsterInstance) -> list[Late]:
    """Batches whose last run failed within a day, oldest first."""
    failed = dg.RunsFilter(
        job_name=list_files.name,
        statuses=[dg.DagsterRunStatus.FAILURE],
        created_after=datetime.now(UTC) - LOOK_BACK,
    )
    batches = {run.tags.get(PARTITION, "") for run in instance.get_runs(failed, limit=_RUNS)}
    known = set(instance.get_dynamic_partitions(str(listing_batches.name)))
    return [late for batch in sorted(batches & known) if (late := _late_batch(instance, batch))]


def _late_batch(instance: dg.DagsterInstance, batch: str) -> Late | None:
    """None for a batch that somebody brought to its end, or stopped, after it failed."""
    of_batch = dg.RunsFilter(job_name=list_files.name, tags={PARTITION: batch})
    records = instance.get_run_records(of_batch, limit=_RUNS)
    if not records or records[0].dagster_run.status != dg.DagsterRunStatus.FAILURE:
        return None
    failures = sum(record.dagster_run.status == dg.DagsterRunStatus.FAILURE for record in records)
    return Late(batch, failures, _utc(records[0].update_timestamp) + 2**failures * REST)


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _has_failed_last(instance: dg.DagsterInstance) -> bool:
    last: Sequence[dg.DagsterRun] = instance.get_runs(dg.RunsFilter(job_name=list_files.name), limit=1)
    return bool(last) and last[0].status == dg.DagsterRunStatus.FAILURE


def _is_something_to_list(instance: dg.DagsterInstance, lister: Lister, object_store: ObjectStore) -> bool:
    """A root with an entry or news of its trouble, or a folder of landed files that is not as it was taken in."""
    told = last_told(instance)
    try:
        if next(iter(lister.lines()), None) is not None:
            return True
        trouble = ""
    except Unavailable as error:
        trouble = str(error)
    if trouble != told.get(TROUBLE, ""):
        return True
    digest, after = "", ""
    for _ in range(PAGES):
        page = object_store.list(INCOMING, after=after, limit=PAGE)
        digest = landed(page, digest)
        if len(page) < PAGE:
            return bool(digest != told.get(LANDED, ""))
        after = page[-1].key
    return True


def _nothing(instance: dg.DagsterInstance, lister: Lister, object_store: ObjectStore) -> str:
    root = f"LISTING_ROOT ({lister.uri()}) holds no file" if lister.uri() else "LISTING_ROOT is not set"
    # Only trouble that the last batch told of is no news.
    root = last_told(instance).get(TROUBLE) or root
    return f"{root.rstrip('.')}, and nothing landed under {object_store.uri(INCOMING)} since the last batch."
