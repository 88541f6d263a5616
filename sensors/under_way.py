"""Which runs of a job wait or work, by which a sensor knows that it need not ask again.

What a sensor then asks for is in its own module.
"""

import dagster as dg

WAITING = (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING)
UNDER_WAY = (*WAITING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)


def count(instance: dg.DagsterInstance, job: str, statuses: tuple[dg.DagsterRunStatus, ...]) -> int:
    """How many runs of a job are in one of these states."""
    return instance.get_runs_count(dg.RunsFilter(job_name=job, statuses=list(statuses)))


def waiting_for(instance: dg.DagsterInstance, job: str) -> dg.SkipReason | None:
    """Why nothing is asked for while a run waits to begin: it will see all there is by then."""
    waiting = count(instance, job, WAITING)
    return dg.SkipReason(f"{waiting} runs of {job} wait to begin; they take all of it.") if waiting else None
