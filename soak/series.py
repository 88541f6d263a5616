"""A series: data arrive, a stage is killed until it gets through, and in the end nothing tells that it was killed.

Counts and their order belong here; how one process is killed is in `strikes`, or in `commands` for `make run`.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final

from soak import commands
from soak.arriving import Arriving
from soak.contents import Difference, contents, differences, kept, listed
from soak.sides import Side
from soak.stages import LISTINGS, RUN, STAGES
from soak.strikes import Course, Plan, course, plan

SHARES: Final = {
    "addresses": 0.22,
    "crm": 0.22,
    "tweets": 0.2,
    "location": 0.1,
    "customer360": 0.1,
    LISTINGS: 0.08,
    RUN: 0.08,
}
"""Which part of the kills each series gets."""

_MOST_IN_A_ROUND: Final = 5

Sides = tuple[Side, Side]


@dataclass
class Tally:
    """What one series counted."""

    name: str
    rounds: int = 0
    kills: int = 0
    in_work: int = 0
    in_write: int = 0
    restarts: int = 0
    tables: int = 0
    rows: int = 0
    took_s: float = 0.0
    differences: list[Difference] = field(default_factory=list)

    def add(self, struck: Course) -> None:
        """Count one process."""
        self.kills += struck.is_killed
        self.in_work += struck.is_in_work
        self.in_write += struck.is_in_write


def run_series(
    name: str, kills: int, sides: Sides, arriving: Arriving, until: float, tell: Callable[[Tally], None]
) -> Tally:
    """Kill a stage `kills` times, or until `time.monotonic()` is `until`; then compare. `tell` sees each round.

    Raises StageFailedError when a stage cannot get through although nobody kills it.
    """
    tally, began = Tally(name), time.monotonic()
    killed, clean = sides
    stage = STAGES[name]
    last = through((name,), sides)
    if name == RUN:
        last = _struck(name, killed, None)
    while tally.kills < kills and time.monotonic() < until:
        arriving.arrive(stage.feeds)
        through(stage.needs, sides)
        if killed.after_kill:
            struck = _round(tally, kills, arriving.random, killed, last)
            as_long = course((name,), clean)
        else:
            with ThreadPoolExecutor(1) as beside:
                # Both read the same sources, which rest until both have ended.
                undisturbed = beside.submit(course, (name,), clean)
                struck = _round(tally, kills, arriving.random, killed, last)
                as_long = undisturbed.result()
        last = struck if name == RUN else as_long
        tally.rounds += 1
        tell(tally)
    through((RUN,), sides)
    _compare(tally, killed, clean)
    tally.took_s = time.monotonic() - began
    return tally


def through(names: Sequence[str], sides: Sides) -> Course:
    """Run stages on both sides, undisturbed, at once where the warehouse bears it; how it went on the clean one."""
    with ThreadPoolExecutor(1 if sides[0].after_kill else len(sides)) as both:
        return list(both.map(partial(course, names), sides))[-1]


def _round(tally: Tally, kills: int, random: Random, killed: Side, last: Course) -> Course:
    """Kill what has begun up to five times, then let it end; how it ended."""
    for _ in range(min(random.randint(1, _MOST_IN_A_ROUND), kills - tally.kills)):
        struck = _struck(tally.name, killed, plan(random, last))
        tally.add(struck)
        if not struck.is_killed:
            return struck
        tally.restarts += 1
    return _struck(tally.name, killed, None)


def _struck(name: str, side: Side, planned: Plan | None) -> Course:
    return commands.course(side, planned) if name == RUN else course((name,), side, planned)


def _compare(tally: Tally, killed: Side, clean: Side) -> None:
    with clean.opened() as opened:
        wanted = contents(opened.warehouse)
        documents = listed(opened.warehouse)
    with killed.opened() as opened:
        found = contents(opened.warehouse)
        stored = kept(opened.listing_api)
    if tally.name == RUN:
        # Each `make run` has ticks of its own, by the clock.
        wanted = {table: rows for table, rows in wanted.items() if not table.startswith(f"{LISTINGS}.")}
    tally.tables, tally.rows = len(wanted), sum(map(len, wanted.values()))
    tally.differences = differences(wanted, found)
    if tally.name == LISTINGS and stored:
        tally.differences += differences(documents, stored)
