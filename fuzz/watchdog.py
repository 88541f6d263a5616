"""Processes that work through batches, and who watches them: a hang, a crash and a full memory are findings, too.

What a batch is belongs to `batches`; each process does every n-th one.
"""

import multiprocessing
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from fuzz.batches import Batch, Failure, attempt
from fuzz.targets import targets

DEADLINE_S: Final = 30.0
"""A batch that takes longer hangs; the slowest sound one takes a tenth of a second."""
MOST_MEMORY: Final = 600_000_000
"""Bytes by which a process may grow above what it has after its first batches."""
MOST_FAILURES: Final = 20
"""With so many failures of one parser the rest would say nothing new."""
_ADDRESS_SPACE: Final = 8_000_000_000
_FIRST: Final = 30
_REPORT_S: Final = 0.5

_CONTEXT: Final = multiprocessing.get_context("forkserver")


@dataclass
class Tally:
    """What one parser took."""

    name: str
    meaning: str
    inputs: int = 0
    rows: int = 0
    rejects: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    took_s: float = 0.0


@dataclass
class _Worker:
    """A process, what it says, and the batch it has begun: `at` holds the number and when."""

    process: Any
    hears: Connection
    at: Any
    step: int
    stop: int


def fuzzed(name: str, inputs: int, seed: int, workers: int, tell: Callable[[Tally], None]) -> Tally:
    """Give a parser that many inputs, or a few more to fill the last batch; `tell` sees the tally grow."""
    target = targets()[name]()
    tally, began = Tally(name, target.meaning), time.monotonic()
    stop = -(-inputs // target.batch)
    alive = [_started(name, seed, first, workers, stop) for first in range(workers)]
    while alive and len(tally.failures) < MOST_FAILURES:
        wait([worker.hears for worker in alive], timeout=1.0)
        for worker in list(alive):
            is_over = _heard(worker, tally, target.batch)
            found = _found(worker, is_over=is_over)
            if found:
                batch = Batch(name, seed, int(worker.at[0]))
                tally.failures.append(Failure(batch, found, batch.inputs(target)))
                tally.inputs += target.batch
                alive.append(_started(name, seed, batch.number + worker.step, worker.step, stop))
            if found or is_over:
                alive.remove(worker)
        tally.took_s = time.monotonic() - began
        tell(tally)
    for worker in alive:
        worker.process.kill()
        worker.process.join()
    return tally


def _started(name: str, seed: int, first: int, step: int, stop: int) -> _Worker:
    _CONTEXT.set_forkserver_preload(["fuzz.files", "fuzz.messages", "fuzz.archives", "fuzz.watchdog"])
    hears, says = _CONTEXT.Pipe(duplex=False)
    at = _CONTEXT.Array("d", [float(first), time.monotonic()], lock=False)
    process = _CONTEXT.Process(target=_work, args=(name, seed, range(first, stop, step), at, says))
    process.start()
    says.close()
    return _Worker(process, hears, at, step, stop)


def _heard(worker: _Worker, tally: Tally, batch: int) -> bool:
    """Take up what a process has counted; whether it has said its last word."""
    try:
        while worker.hears.poll():
            said = worker.hears.recv()
            if isinstance(said, Failure):
                tally.failures.append(said)
                tally.inputs += batch
            else:
                batches, rows, rejects = said
                tally.inputs += batches * batch
                tally.rows += rows
                tally.rejects.update(rejects)
    except EOFError:
        worker.process.join()
        return True
    return False


def _found(worker: _Worker, *, is_over: bool) -> str:
    """What the watchdog says of a process: nothing, or why its batch is a failure."""
    if is_over:
        code = worker.process.exitcode
        return f"the process ended with {code}" if code else ""
    if time.monotonic() - worker.at[1] < DEADLINE_S:
        return ""
    worker.process.kill()
    worker.process.join()
    return f"it took more than {DEADLINE_S:g} s"


def _work(name: str, seed: int, numbers: range, at: Any, says: Connection) -> None:  # noqa: ANN401 - ctypes array
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    target = targets()[name]()
    for counted in _counted(numbers, at, lambda number: attempt(Batch(name, seed, number), target)):
        says.send(counted)


def _counted(numbers: range, at: Any, judged: Callable[[int], Any]) -> Iterator[Any]:  # noqa: ANN401 - ctypes array
    """Failures as they come, and sums of the rest every half second."""
    batches, rows, rejects, most = 0, 0, Counter[str](), 0
    told = time.monotonic()
    for count, number in enumerate(numbers):
        at[0], at[1] = number, time.monotonic()
        seen = judged(number)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        most = most or (memory + MOST_MEMORY if count >= _FIRST else 0)
        if isinstance(seen, Failure):
            yield seen
        else:
            batches, rows = batches + 1, rows + seen.rows
            rejects.update(seen.rejects)
        if most and memory > most:
            raise MemoryError(f"the process has grown to {memory} bytes")
        if time.monotonic() - told > _REPORT_S:
            yield batches, rows, dict(rejects)
            batches, rows, rejects, told = 0, 0, Counter(), time.monotonic()
    yield batches, rows, dict(rejects)
