"""The promotions services under load while they and their store are killed: each answer right, each in the log once.

Who is killed when is a plan; the processes are in `processes`, and what it came to in `outcome`.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx

from resources.promotion_store import MongoPromotionStore, Promotion
from resources.request_log import MongoRequestLog
from resources.unavailable import Unavailable
from soak.changes import SHOPPER, Changes
from soak.outcome import Outcome
from soak.processes import LOG, PROMOTIONS, STORE, PromotionProcesses, asked, is_ready, wait_until
from soak.till import Till

_USERS: Final = 200
_WORKERS: Final = 8
_TILLS: Final = 2
_READING_S: Final = 120.0
_PAUSE_S: Final = 0.02
_KILL_S: Final = 6.0
"""From one kill to the next, on average: what was killed is back by then, and has answered."""

Plan = Sequence[tuple[float, str]]
"""Who is killed, and at which share of the whole, ascending."""


def kills_at_random(count: int, seed: int) -> Plan:
    """So many kills of any of the three, at any time."""
    chance = random.Random(seed)
    return sorted((chance.random(), chance.choice((STORE, LOG, PROMOTIONS))) for _ in range(count))


def series(seconds: float, kills: int, seed: int) -> list[tuple[str, Plan, float]]:
    """Name, plan and seconds of each series: the store restarted twice, then all of them killed at random."""
    restarts = [(1 / 3, STORE), (2 / 3, STORE)]
    of_kills = kills_at_random(kills, seed), _KILL_S * kills
    return [("promotions, store restarted", restarts, seconds), ("promotions, all killed", *of_kills)]


def run(home: Path, plan: Plan, *, answers: int = 0, seconds: float = 0.0) -> Outcome:
    """Load until so many answers, or for so many seconds, while the plan is carried out; then look into the log.

    Raises Unavailable when the processes do not begin, or the outbox does not become empty afterwards.
    """
    with _started(home) as processes:
        began = time.monotonic()

        def share(outcome: Outcome) -> float:
            passed = (time.monotonic() - began) / seconds if seconds else len(outcome.answered) / answers
            return min(1.0, passed)

        outcome = asyncio.run(_load(processes, list(plan), share))
        wait_until(lambda: _entries_left(processes) == 0, "the outbox to become empty")
        with MongoRequestLog(processes.mongo_url, timeout_s=_READING_S) as log:
            found = Counter(_request_ids(log))
    outcome.lost = [request_id for request_id in outcome.answered if not found[request_id]]
    outcome.doubled = [each for each, times in found.items() if times > 1 + outcome.unsure[each]]
    outcome.took_s = time.monotonic() - began
    return outcome


@contextmanager
def _started(home: Path) -> Iterator[PromotionProcesses]:
    with PromotionProcesses(home) as processes:
        processes.start(STORE)
        wait_until(lambda: _fill(processes.mongo_url), "the store to start")
        processes.start(LOG)
        processes.start(PROMOTIONS)
        wait_until(lambda: is_ready(processes.url), "the service to be ready")
        yield processes


async def _load(
    processes: PromotionProcesses, plan: list[tuple[float, str]], share: Callable[[Outcome], float]
) -> Outcome:
    outcome, changes = Outcome(), Changes()
    # When it is stopped, its tasks end before the client does.
    async with httpx.AsyncClient(base_url=processes.url, timeout=30) as client, asyncio.TaskGroup() as tasks:
        for number in range(_WORKERS):
            tasks.create_task(_worker(client, number, outcome, changes, share))
        for number in range(_TILLS):
            tasks.create_task(Till(client, number, outcome).work(lambda: share(outcome) >= 1))
        tasks.create_task(changes.make(processes.mongo_url, lambda: share(outcome) >= 1))
        await _disturb(processes, plan, outcome, share)
    return outcome


async def _disturb(
    processes: PromotionProcesses,
    plan: list[tuple[float, str]],
    outcome: Outcome,
    share: Callable[[Outcome], float],
) -> None:
    """Kill whom the plan names, and look at the memory once a second."""
    last = 0.0
    while share(outcome) < 1:
        if plan and share(outcome) >= plan[0][0]:
            name = plan.pop(0)[1]
            await asyncio.to_thread(processes.kill, name)
            outcome.kills[name] += 1
        if time.monotonic() - last > 1:
            last = time.monotonic()
            for name, seen in outcome.memory.items():
                seen.append(processes.memory(name))
        await asyncio.sleep(_PAUSE_S)


async def _worker(
    client: httpx.AsyncClient,
    number: int,
    outcome: Outcome,
    changes: Changes,
    share: Callable[[Outcome], float],
) -> None:
    chance, count = random.Random(number), 0
    while share(outcome) < 1:
        count += 1
        request_id = f"{number}-{count}"
        users, asked_at = [*chance.sample(range(_USERS), 4), SHOPPER], time.monotonic()
        try:
            answer = await client.post("/getPromotions", json={"requestId": request_id, "userIds": users})
        except httpx.HTTPError:
            outcome.unanswered += 1
            await asyncio.sleep(_PAUSE_S)
            continue
        if answer.status_code == 200:
            outcome.answered.append(request_id)
            shown, expected = [each["_id"] for each in answer.json()], _expected(users[:-1])
            rest = shown[len(expected) :]
            if shown != expected + rest or not changes.allow(rest, asked_at, time.monotonic()):
                outcome.wrong.append(request_id)
        elif answer.status_code == 503 and "retry-after" in answer.headers:
            outcome.refused += 1
            await asyncio.sleep(_PAUSE_S)
        else:
            outcome.wrong.append(request_id)


def _expected(users: Sequence[int]) -> list[str]:
    return [f"c/{user}/{number}" for user in sorted(users) for number in range(2)]


def _fill(url: str) -> bool:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    with MongoPromotionStore(url, timeout_s=1) as store:
        try:
            store.add(
                Promotion(f"c/{user}/{number}", "c", user, str(number), False, at)
                for user in range(_USERS)
                for number in range(2)
            )
        except Unavailable:
            return False
    return True


def _request_ids(log: MongoRequestLog) -> Iterator[str]:
    after = ""
    while entries := log.entries(after):
        yield from (entry.request_id for entry in entries)
        after = entries[-1].delivery_id


def _entries_left(processes: PromotionProcesses) -> float:
    lines = asked(f"{processes.url}/metrics").splitlines()
    found = [float(line.split()[1]) for line in lines if line.startswith("promotions_outbox_entries ")]
    return found[0] if found else -1
