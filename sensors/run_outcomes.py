"""A run failed, or a job works again: tell people, once each.

What is said is in `failures`; how it reaches people is the matter of the notifier port.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

import dagster as dg
import msgspec
from dagster import RunRecord

from platform_assets.partitions import PARTITION, RANGE_END, RANGE_START
from resources.notifier import Notice, Notifier
from resources.unavailable import Unavailable
from sensors.cursors import parsed
from sensors.failures import failed_steps, subject

TOLD = "quadrant/told"
"""Tag of a run that people were told of: `failed`, and `recovered` once they know that its job works again."""

FIRST_LOOK = timedelta(days=1)
"""How far a sensor without a cursor looks back."""

PAGE = 200
"""Runs that are asked for at once; new failures that one tick looks at."""

KNOWN_FOR = timedelta(days=30)
"""How long a failure waits for its job to work again."""

DECIDED_IN = timedelta(minutes=10)
"""How long Dagster has to say whether it tries again; a daemon that died in between never says it."""

_SAME = (PARTITION, RANGE_START, RANGE_END)
_WILL_RETRY = "dagster/will_retry"
_LATER_RUNS = 5000


@dataclass
class Cursor:
    """Failures updated from `since` on are looked at; `down` is why nobody took the last notice."""

    since: float = 0.0
    down: str = ""

    @classmethod
    def parse(cls, text: str | None) -> "Cursor":
        """Raises Unavailable for a cursor that was edited wrongly."""
        return parsed(text, cls, "run_outcomes", "empty it to look back a day") if text else cls()

    def __str__(self) -> str:
        return msgspec.json.encode(asdict(self)).decode()


def sensor_for(deployment: str, ui_url: str) -> dg.SensorDefinition:
    """The sensor of a deployment, whose UI is at `ui_url`."""

    @dg.sensor(
        name="run_outcomes",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells of runs that failed for good, and of jobs that work again; once each.",
    )
    def run_outcomes(
        context: dg.SensorEvaluationContext, notifier: dg.ResourceParam[Notifier]
    ) -> dg.SensorResult:
        return tell(context, notifier, deployment, ui_url)

    return run_outcomes


def tell(
    context: dg.SensorEvaluationContext, notifier: Notifier, deployment: str, ui_url: str
) -> dg.SensorResult:
    """One tick. A notifier that is down is asked again by the next one, and the log says so once."""
    cursor, instance = Cursor.parse(context.cursor), context.instance
    told, down = 0, ""
    try:
        for notice, remember in _outcomes(instance, cursor, deployment, ui_url):
            notifier.notify(notice)
            # Killed just here, the notice is sent again; its key lets the receiver drop it.
            remember()
            told += 1
    except Unavailable as error:
        down = str(error)
        if down != cursor.down:
            context.log.warning("%s It is tried again every half minute.", down)
    cursor.down = down
    said = down or f"Told {told} outcomes." if told or down else "No run failed and none recovered."
    return dg.SensorResult(skip_reason=said, cursor=str(cursor))


def _outcomes(
    instance: dg.DagsterInstance, cursor: Cursor, deployment: str, ui_url: str
) -> Iterator[tuple[Notice, Callable[[], None]]]:
    """What is to be told, and what remembers that it was; the cursor moves past what was."""
    since = datetime.fromtimestamp(cursor.since, UTC) if cursor.since else datetime.now(UTC) - FIRST_LOOK
    failures = instance.get_run_records(
        dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=since - timedelta(seconds=1)),
        limit=PAGE,
        order_by="update_timestamp",
        ascending=True,
    )
    waiting: list[float] = []
    for record in failures:
        run = record.dagster_run
        if _is_undecided(instance, record):
            waiting.append(record.update_timestamp.timestamp())
        elif TOLD not in run.tags and run.tags.get(_WILL_RETRY) != "true":
            yield _failure(instance, run, deployment, ui_url), _remember(instance, [run.run_id], "failed")
    seen = [record.update_timestamp.timestamp() for record in failures]
    cursor.since = min(waiting or seen[-1:] or [since.timestamp()])
    yield from _recoveries(instance, deployment, ui_url)


def _is_undecided(instance: dg.DagsterInstance, record: RunRecord) -> bool:
    """Whether another attempt may follow: Dagster writes its decision after the failure, and may take it back."""
    run, is_old = record.dagster_run, record.update_timestamp < datetime.now(UTC) - DECIDED_IN
    is_open = instance.run_retries_enabled and _WILL_RETRY not in run.tags and not is_old
    return is_open or run.is_complete_and_waiting_to_retry


def _recoveries(
    instance: dg.DagsterInstance, deployment: str, ui_url: str
) -> Iterator[tuple[Notice, Callable[[], None]]]:
    known = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.FAILURE],
        tags={TOLD: "failed"},
        created_after=datetime.now(UTC) - KNOWN_FOR,
    )
    groups: dict[tuple[object, ...], list[RunRecord]] = {}
    for record in _records(instance, known):
        groups.setdefault(_identity(record.dagster_run), []).append(record)
    for failures in groups.values():
        last = failures[-1]
        if good := _good_after(instance, last):
            failed_ids = [record.dagster_run.run_id for record in failures]
            yield (
                Notice(
                    f"{last.dagster_run.run_id}:recovered",
                    f"Works again: {subject(last.dagster_run)}",
                    f"{ui_url}/runs/{good.run_id}",
                    {"deployment": deployment, "run": good.run_id, "had failed": ", ".join(failed_ids[-5:])},
                ),
                _remember(instance, failed_ids, "recovered"),
            )


def _good_after(instance: dg.DagsterInstance, failed: RunRecord) -> dg.DagsterRun | None:
    """The first good run of the same job and partition that began after this one."""
    run = failed.dagster_run
    later = _records(
        instance,
        dg.RunsFilter(
            job_name=run.job_name,
            statuses=[dg.DagsterRunStatus.SUCCESS],
            tags={tag: run.tags[tag] for tag in _SAME if tag in run.tags},
            created_after=failed.create_timestamp,
        ),
    )
    found = (record.dagster_run for record in islice(later, _LATER_RUNS))
    return next((good for good in found if _identity(good) == _identity(run)), None)


def _records(instance: dg.DagsterInstance, runs: dg.RunsFilter) -> Iterator[RunRecord]:
    """The first made first, page by page."""
    last: str | None = None
    while page := instance.get_run_records(runs, limit=PAGE, cursor=last, ascending=True):
        yield from page
        last = page[-1].dagster_run.run_id


def _identity(run: dg.DagsterRun) -> tuple[object, ...]:
    """What makes a later run the same again: job and partitions, and the assets where they have no job."""
    is_nameless = run.job_name.startswith("__")
    return run.job_name, *(run.tags.get(tag) for tag in _SAME), is_nameless and run.asset_selection


def _failure(instance: dg.DagsterInstance, run: dg.DagsterRun, deployment: str, ui_url: str) -> Notice:
    steps, error = failed_steps(instance, run)
    facts = {"error": error, "step": steps, "deployment": deployment, "run": run.run_id}
    return Notice(
        f"{run.run_id}:failed",
        f"Failed: {subject(run)}",
        f"{ui_url}/runs/{run.run_id}",
        {name: fact for name, fact in facts.items() if fact},
    )


def _remember(instance: dg.DagsterInstance, run_ids: list[str], told: str) -> Callable[[], None]:
    def remember() -> None:
        for run_id in run_ids:
            instance.add_run_tags(run_id, {TOLD: told})

    return remember
