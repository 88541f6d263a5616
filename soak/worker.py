"""A process that runs stages on one side and says over a pipe where it is, until it ends or is killed.

It is forked from a server that has imported everything and done nothing, so that a start costs milliseconds.
"""

import faulthandler
import multiprocessing
import warnings
from collections.abc import Sequence
from logging import ERROR, getLogger
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Final

from rich.console import Console

from platform_assets.console.recovery import end_dead_runs
from soak.sides import Side
from soak.stages import Graph

READY: Final = "ready"
ENDED: Final = "ended"
DEADLINE_S: Final = 900.0
"""A process that takes longer hangs."""

_SHOWN_BEFORE_S: Final = 60.0

_CONTEXT: Final = multiprocessing.get_context("forkserver")


def started(names: Sequence[str], side: Side) -> tuple[ForkServerProcess, Connection]:
    """A process that runs these stages, and what it says: READY, each boundary of a write, ENDED."""
    _CONTEXT.set_forkserver_preload(
        ["soak.worker", "matplotlib.pyplot", "lingua", "soak.loaded_connector", "aiohttp"]
    )
    hears, says = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_work, args=(tuple(names), side, says))
    process.start()
    # Only the process itself holds the other end now, so its death ends the pipe.
    says.close()
    return process, hears


def _work(names: Sequence[str], side: Side, says: Connection) -> None:
    # Of one that hangs, nothing else tells where; what is killed at the deadline can be asked no more.
    faulthandler.dump_traceback_later(DEADLINE_S - _SHOWN_BEFORE_S)
    warnings.simplefilter("ignore")
    getLogger("dagster").setLevel(ERROR)
    with side.opened() as opened, side.instance() as instance:
        opened.warehouse.reached = says.send
        end_dead_runs(instance, Console(quiet=True))
        says.send(READY)
        graph = Graph(opened, instance)
        for name in names:
            graph.run(name)
        says.send(ENDED)
