"""When a process is killed, and what it was doing then.

Half of the strikes fall anywhere in the time that the stage takes, half shortly after some boundary of a write, where a
mistake would show; none waits for a boundary to end.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from random import Random
from typing import Final

from soak.sides import Side
from soak.worker import DEADLINE_S, ENDED, READY, started

_SOON_S: Final = 0.03
_OUTSIDE: Final = {"committed", READY, ENDED}


class StageFailedError(Exception):
    """A stage ended by itself with an error, or did not end: one sentence; its traceback is above."""


@dataclass(frozen=True)
class Course:
    """How a process went: what it said, how long it worked, and whether it was killed."""

    said: tuple[str, ...]
    took_s: float
    is_killed: bool

    @property
    def is_in_work(self) -> bool:
        """Whether it was killed after it had begun and before it was done."""
        return self.is_killed and READY in self.said and ENDED not in self.said

    @property
    def is_in_write(self) -> bool:
        """Whether it was killed between the first and the last boundary of a write."""
        return self.is_in_work and self.said[-1] not in _OUTSIDE


@dataclass(frozen=True)
class Plan:
    """Kill `wait_s` after the process said its n-th word; READY is the first."""

    word: int
    wait_s: float


def plan(random: Random, last: Course) -> Plan:
    """A plan for a process that will do about what the last one did that was not killed."""
    if random.random() < 0.5:
        return Plan(1, random.random() * last.took_s)
    return Plan(random.randint(1, max(2, len(last.said) - 1)), random.random() * _SOON_S)


def course(names: Sequence[str], side: Side, plan: Plan | None = None) -> Course:
    """Run stages in a process of its own, killed by plan or not at all. Raises StageFailedError."""
    if not names:
        return Course((), 0.0, is_killed=False)
    process, hears = started(names, side)
    said: list[str] = []
    ready_at = due = None
    deadline = time.monotonic() + DEADLINE_S
    while True:
        if plan and due is None and len(said) >= plan.word:
            due = time.monotonic() + plan.wait_s
        if hears.poll(max(0.0, (due or deadline) - time.monotonic())):
            try:
                said.append(hears.recv())
            except EOFError:
                break
            ready_at = ready_at or time.monotonic()
        else:
            process.kill()
            break
    process.join()
    ended_at = time.monotonic()
    said += _rest(hears)
    is_killed = process.exitcode == -9
    process.close()
    if (is_killed and due is None) or (not is_killed and ENDED not in said):
        raise StageFailedError(f"{' and '.join(names)} failed or hung after {said[-1:] or 'nothing'}.")
    if is_killed and side.after_kill:
        side.after_kill()
    return Course(tuple(said), ended_at - (ready_at or ended_at), is_killed)


def _rest(hears: Connection) -> list[str]:
    """What was said before the kill and not heard yet."""
    said = []
    try:
        while hears.poll():
            said.append(hears.recv())
    except EOFError:
        pass
    hears.close()
    return said
