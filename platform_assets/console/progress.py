"""A run of a job with a live line per asset.

Here belongs how a run looks in a terminal; what it does is the job's.
"""

import signal
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from platform_assets.console import recovery
from resources.unavailable import Unavailable

# The lines on the screen are the log; the event log keeps the rest.
_SILENT = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_INTERRUPTIONS = (KeyboardInterrupt.__name__, dg.DagsterExecutionInterruptedError.__name__)


class RunFailed(Exception):  # noqa: N818 - it names what happened
    """A run failed; the message is a sentence for the person who started it."""


@dataclass
class Line:
    """One step on the screen."""

    name: str
    state: str = "waits"
    began_at: float = 0.0
    took_s: float = 0.0
    rows: dict[str, int] = field(default_factory=dict)
    written: int = 0
    was_written: bool = False


@dataclass
class Outcome:
    """What a run did: the metadata of its last materialization of each asset."""

    materialized: dict[str, Mapping[str, Any]]
    took_s: float

    def number(self, asset: str, name: str) -> int:
        """A number that an asset reported, 0 when it did not."""
        return int(self.materialized.get(asset, {}).get(name) or 0)


class Progress:
    """A growing table of steps; a context manager that keeps it on the screen while jobs run."""

    def __init__(self, console: Console) -> None:
        """Draw on `console`; without a terminal each step is a line when it ends."""
        self._console = console
        # While it is live, the console writes to a proxy that says it is no terminal.
        self._is_live = console.is_terminal
        self._lines: dict[str, Line] = {}
        self._live = Live(console=console, refresh_per_second=8, get_renderable=self._drawn, transient=False)

    def __enter__(self) -> "Progress":
        if self._is_live:
            self._live.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._is_live:
            self._live.__exit__(None, None, None)

    def run(
        self,
        job: dg.JobDefinition,
        instance: dg.DagsterInstance,
        tags: Mapping[str, str] | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Execute a job in this process; `config` is that of its steps.

        Raises RunFailed with one sentence when it fails, KeyboardInterrupt when SIGINT or SIGTERM ended it.
        """
        self._lines |= {f"{job.name}.{node.name}": Line(node.name.replace("__", "/")) for node in _nodes(job)}
        began = time.monotonic()
        run_id = dg.DagsterRun(job_name=job.name).run_id
        found: dict[str, Mapping[str, Any]] = {}
        instance.add_event_listener(run_id, lambda event: self._seen(job.name, event, found))
        instance.add_event_listener(run_id, _interrupt_while_waiting)
        try:
            result = job.execute_in_process(
                instance=instance,
                run_config={**_SILENT, **(config or {})},
                run_id=run_id,
                tags={**(tags or {}), **recovery.tags()},
                raise_on_error=False,
            )
        finally:
            # A step that is interrupted keeps its slot.
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)
        if any(map(_is_interruption, result.all_events)):
            raise KeyboardInterrupt
        if not result.success:
            raise RunFailed(_sentence(job.name, result.all_events))
        return Outcome(found, time.monotonic() - began)

    def _seen(self, job: str, entry: dg.EventLogEntry, found: dict[str, Mapping[str, Any]]) -> None:
        event = entry.dagster_event
        line = self._lines.get(f"{job}.{event.step_key}") if event else None
        if event is None or line is None:
            return
        if event.event_type == dg.DagsterEventType.STEP_START:
            line.state, line.began_at = "runs", time.monotonic()
        elif event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION:
            _note(line, event, found)
        elif event.event_type in (dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_FAILURE):
            line.state = "done" if event.event_type == dg.DagsterEventType.STEP_SUCCESS else "failed"
            line.took_s = time.monotonic() - line.began_at
            if not self._is_live:
                self._console.print(_plain(line))

    def _drawn(self) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for line in self._lines.values():
            table.add_row(*_cells(line))
        return table


def _interrupt_while_waiting(entry: dg.EventLogEntry) -> None:
    """Let signals end the run also between steps, where it may wait for a slot and Dagster only notes them."""
    event = entry.dagster_event
    if event is None or event.event_type != dg.DagsterEventType.LOGS_CAPTURED:
        return
    if threading.current_thread() is not threading.main_thread():
        return
    with dg.raise_execution_interrupts():
        pass  # Raises what was noted before.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def _is_interruption(event: dg.DagsterEvent) -> bool:
    error = getattr(event.event_specific_data, "error", None)
    return error is not None and error.cls_name in _INTERRUPTIONS


def _nodes(job: dg.JobDefinition) -> Iterable[Any]:
    return job.graph.nodes_in_topological_order


def _note(line: Line, event: dg.DagsterEvent, found: dict[str, Mapping[str, Any]]) -> None:
    made = event.step_materialization_data.materialization
    metadata = {name: value.value for name, value in made.metadata.items()}
    name = made.asset_key.to_user_string()
    found[name] = metadata
    line.rows[name] = int(str(metadata.get("dagster/row_count") or 0))
    written = (
        metadata.get("rows_written") or metadata.get("loaded_rows") or metadata.get("rejected_rows") or 0
    )
    line.written = max(line.written, int(str(written)))
    line.was_written |= bool(written) or bool(metadata.get("was_written"))


def _cells(line: Line) -> tuple[Any, ...]:
    if line.state == "waits":
        return Text(" "), Text(line.name, style="dim"), "", "", ""
    if line.state == "runs":
        return (
            Spinner("dots"),
            Text(line.name, style="bold"),
            "",
            "",
            Text(f"{time.monotonic() - line.began_at:.1f} s", style="dim"),
        )
    if line.state == "failed":
        return Text("✗", style="red"), Text(line.name, style="red"), "", "", Text(f"{line.took_s:.1f} s")
    rows = Text(f"{_rows(line):,} rows", justify="right")
    news = Text(
        f"{line.written:,} written" if line.was_written else "as before",
        style="" if line.was_written else "dim",
    )
    return Text("✓", style="green"), Text(line.name), rows, news, Text(f"{line.took_s:.1f} s", style="dim")


def _rows(line: Line) -> int:
    """Of the table that the step is named after; an op that is named after none has filled what it tells first."""
    return line.rows.get(line.name, next(iter(line.rows.values()), 0))


def _plain(line: Line) -> str:
    news = f"{line.written:,} written" if line.was_written else "as before"
    return f"{line.state:6} {line.name:30} {_rows(line):>10,} rows  {news:>18}  {line.took_s:.1f} s"


def _sentence(job: str, events: Iterable[dg.DagsterEvent]) -> str:
    """The innermost cause, in a sentence."""
    for event in events:
        data = getattr(event, "event_specific_data", None)
        error = getattr(data, "error", None)
        if error is None:
            continue
        while error.cause is not None and error.cls_name != Unavailable.__name__:
            error = error.cause
        sentence = error.message.strip().split(f"{error.cls_name}: ", 1)[-1]
        where = f" in {event.step_key}" if event.step_key else ""
        return f"{job} failed{where}: {sentence}"
    return f"{job} failed; `make ui` shows its log."
