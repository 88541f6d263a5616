"""A series: data arrive, a stage is killed until it gets through, and in the end nothing tells that it was killed.

Counts and their order belong here; how one process is killed is in `strikes`, or in `commands` for `make run`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final

from soak import commands
from soak.arriving import Arriving
from soak.contents import Difference, contents, differences, kept, listed
from soak.replicas import replicas
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
    api_kills: int = 0
    """Of the processes that the killed side posts to."""
    while_posting: int = 0
    """Kills of these right after documents had come."""
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
    last = through((name,), sides)
    if name == RUN:
        last = _struck(name, killed, None)
    with _starting(tally, killed, arriving.random) as starting:
        while tally.kills < kills and time.monotonic() < until:
            arriving.arrive(STAGES[name].feeds)
            through(STAGES[name].needs, sides)
            last = _round(tally, kills - tally.kills, arriving.random, sides, starting, last)
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


@contextmanager
def _starting(tally: Tally, killed: Side, random: Random) -> Iterator[Callable[[], Side]]:
    """The killed side as a start of it gets it. Listings go to an API that is killed too, now this way, now that."""
    if tally.name != LISTINGS:
        yield lambda: killed
        return
    with replicas(killed, random.random()) as api:
        with api.killed():
            yield lambda: api.side(random)
        tally.api_kills, tally.while_posting = api.kills, api.while_posting
        # What was left because the API was away.
        course((LISTINGS,), api.side(random))


def _round(
    tally: Tally, kills: int, random: Random, sides: Sides, starting: Callable[[], Side], last: Course
) -> Course:
    """Kill what has begun until it gets through, beside a run that nobody kills; how long the next one will take."""
    killed, clean = sides
    if killed.after_kill:
        struck = _through_kills(tally, kills, random, starting, last)
        as_long = course((tally.name,), clean)
    else:
        with ThreadPoolExecutor(1) as beside:
            # Both read the same sources, which rest until both have ended.
            undisturbed = beside.submit(course, (tally.name,), clean)
            struck = _through_kills(tally, kills, random, starting, last)
            as_long = undisturbed.result()
    return struck if tally.name == RUN else as_long


def _through_kills(
    tally: Tally, kills: int, random: Random, starting: Callable[[], Side], last: Course
) -> Course:
    """Kill up to five times, and no more than `kills`, then let it end; how it ended."""
    for _ in range(min(random.randint(1, _MOST_IN_A_ROUND), kills)):
        struck = _struck(tally.name, starting(), plan(random, last))
        tally.add(struck)
        if not struck.is_killed:
            return struck
        tally.restarts += 1
    return _struck(tally.name, starting(), None)


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
