"""What Dagster keeps of past runs: refreshes and listings are many, some 1,400 a day, and nothing else removes them.

Loads and extractions stay: by their events the sensors know which version of a file is loaded.
"""

import datetime as dt

import dagster as dg

KEPT = 100
"""So many of the latest runs of each job stay, however old they are."""

_CHUNK = 500


class Retention(dg.Config):
    """How long runs are kept: those of `refresh`, and the many of `list_files` and `prune_listings`."""

    keep_days: int = 14
    keep_listings_hours: int = 24


def prune(instance: dg.DagsterInstance, job: str, before: dt.datetime) -> int:
    """Delete the finished runs of a job that were made before a time, but for the latest `KEPT`; how many."""
    latest = instance.get_runs(dg.RunsFilter(job_name=job), limit=KEPT)
    if len(latest) < KEPT:
        return 0
    kept = {run.run_id for run in latest}
    old = dg.RunsFilter(
        job_name=job,
        created_before=before,
        statuses=[dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED],
    )
    deleted = 0
    while found := [run.run_id for run in instance.get_runs(old, limit=_CHUNK) if run.run_id not in kept]:
        for run_id in found:
            instance.delete_run(run_id)
        deleted += len(found)
    return deleted


@dg.op(description="Delete runs that nobody looks at any more from Dagster's storage; no table changes.")
def delete_old_runs(context: dg.OpExecutionContext, config: Retention) -> None:
    """Told in the log, for there is nothing to materialize."""
    listings = dt.timedelta(hours=config.keep_listings_hours)
    kept = {
        "refresh": dt.timedelta(days=config.keep_days),
        "list_files": listings,
        "prune_listings": listings,
    }
    for job, time in kept.items():
        before = dt.datetime.now(dt.UTC) - time
        context.log.info("%d runs of %s before %s deleted", prune(context.instance, job, before), job, before)


@dg.job(
    description="Keep Dagster's own storage small: finished runs of the last days stay, older ones go.",
    tags={"quadrant/job": "prune_history"},
    executor_def=dg.in_process_executor,
)
def prune_history() -> None:
    """One op."""
    delete_old_runs()
