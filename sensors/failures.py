"""What may be said of a run that failed: its job and partition, its steps, and its error in one line.

Errors are told by their own sentence only where Quadrant or Dagster wrote it: any other may quote a customer's row.
"""

import dagster as dg
from dagster import DagsterEventType
from dagster_shared.error import SerializableErrorInfo

from platform_assets.partitions import PARTITION, RANGE_END, RANGE_START

OURS = frozenset(
    {
        "Unavailable",
        "OvertakenError",
        "UnreconciledError",
        "ObjectGone",
        "ObjectChanged",
        "ObjectDenied",
        "DagsterAssetCheckFailedError",
    }
)
"""Names of errors whose sentence holds names and numbers, and nothing of a person."""

_WIDTH = 300
_STEPS_SHOWN = 5


def subject(run: dg.DagsterRun) -> str:
    """Job and partition of a run."""
    first, last = run.tags.get(RANGE_START), run.tags.get(RANGE_END)
    partition = run.tags.get(PARTITION) or (first if first == last else f"{first} to {last}")
    return f"{run.job_name} ({partition})" if partition else run.job_name


def failed_steps(instance: dg.DagsterInstance, run: dg.DagsterRun) -> tuple[str, str]:
    """Steps that failed, comma separated, and the error of the first, or of the run itself, in one line."""
    entries = instance.all_logs(
        run.run_id, of_type={DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE}
    )
    events = [entry.dagster_event for entry in entries if entry.dagster_event]
    steps = [event for event in events if event.event_type == DagsterEventType.STEP_FAILURE]
    names = [str(event.step_key) for event in steps]
    shown = ", ".join(names[:_STEPS_SHOWN]) + (" ..." if len(names) > _STEPS_SHOWN else "")
    for event in (*steps, *events):
        error = getattr(event.event_specific_data, "error", None)
        if isinstance(error, SerializableErrorInfo):
            return shown, _line(_told(error))
    return shown, _line(str(events[-1].message)) if events else "It ended without saying why."


def _told(error: SerializableErrorInfo) -> str:
    """The sentence of the innermost error of ours, else only the name of the innermost."""
    causes = [error]
    while causes[-1].cause:
        causes.append(causes[-1].cause)
    for cause in reversed(causes):
        if cause.cls_name in OURS:
            # Dagster puts the name of the class before what the error says.
            return cause.message.split(": ", 1)[-1]
    return f"{causes[-1].cls_name} (its text stays in the run, because it may quote a row)"


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
