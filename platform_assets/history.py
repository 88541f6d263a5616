"""What Dagster keeps of past runs: refreshes are many, each leaves up to a megabyte, and nothing else removes them.

Loads and extractions stay: by their events the sensors know which version of a file is loaded.
"""

import datetime as dt

import dagster as dg

KEPT = 100
"""So many of the latest refreshes stay, however old they are."""

_CHUNK = 500


class Retention(dg.Config):
    """How long the runs of `refresh` are kept."""

    keep_days: int = 14


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


@dg.op(description="Delete refreshes that nobody looks at any more from Dagster's storage; no table changes.")
def delete_old_refreshes(context: dg.OpExecutionContext, config: Retention) -> None:
    """Told in the log, for there is nothing to materialize."""
    before = dt.datetime.now(dt.UTC) - dt.timedelta(days=config.keep_days)
    context.log.info(
        "%d runs of refresh before %s deleted", prune(context.instance, "refresh", before), before
    )


@dg.job(
    description="Keep Dagster's own storage small: finished refreshes of the last days stay, older ones go.",
    tags={"quadrant/job": "prune_history"},
    executor_def=dg.in_process_executor,
)
def prune_history() -> None:
    """One op."""
    delete_old_refreshes()
