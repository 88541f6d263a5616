"""Asks for the unused promotions of shoppers: of memory, else of the store, and requests that wait are one question.

How long something is remembered is in `memory`; what a request and its answer look like is in `messages`.
"""

import asyncio
import contextlib
import time
from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeAlias

import msgspec

from resources.batches import batches
from resources.promotion_store import Place, PromotionStore
from resources.unavailable import Unavailable
from services.asgi.batches import Batches
from services.asgi.serving import pause
from services.promotions.memory import Memory, Shopper
from services.promotions.messages import given
from services.promotions.tallies import Tallies

_TOGETHER: Final = 64
"""Requests in one question at most."""
_SMALL: Final = 50
"""Shoppers of a request that shares a question, so that one question names a few thousand at most."""
_LARGE_PAGE: Final = 10_000
_ANEW: Final = 200
"""Shoppers in one question that keeps them fresh; a larger one would keep requests from their turn."""
_LOOKS: Final = 40
"""How often within the time that something is remembered it is looked at whether it must be asked for anew."""


_Found: TypeAlias = dict[int, Shopper]


class Question(NamedTuple):
    """One request: whose promotions, from behind which place, and how many at most."""

    user_ids: Collection[int]
    after: Place | None
    limit: int


class Answer(NamedTuple):
    """A JSON array of promotions by shopper and id, and where it ended when there are more."""

    body: bytes
    more_after: Place | None


class Questions:
    """The questions of one event loop to one store."""

    def __init__(self, store: PromotionStore, memory: Memory, threads: Executor, tallies: Tallies) -> None:
        """The store is asked in `threads`."""
        self._store = store
        self._memory = memory
        self._threads = threads
        self._tallies = tallies
        self._learned: _Found = {}
        self._batches: Batches[Sequence[int], _Found | None] = Batches(self._together, threads, _TOGETHER)

    async def ask(self, question: Question) -> Answer:
        """The answer, at once when all of it is remembered; raises Unavailable when the store does not answer."""
        if question.after is not None or len(question.user_ids) > _SMALL:
            return await self._alone(question)
        shoppers = self._memory.recall(question.user_ids)
        missing = [user_id for user_id, shopper in shoppers.items() if shopper is None]
        if missing:
            found = await self._batches.add(missing)
            if found is None:
                return await self._alone(question)
            if found is not self._learned:
                # One question answers several requests, of which one is the first.
                self._learned = found
                self._memory.learn(found)
            for user_id in missing:
                shoppers[user_id] = found[user_id]
        mine, count = list[bytes](), 0
        for shopper in shoppers.values():
            if shopper and shopper.promotions:
                mine.append(shopper.promotions)
                count += shopper.count
        if count > question.limit:
            return await self._alone(question)
        self._tallies.promotions.inc(count)
        return Answer(b"[%b]" % b",".join(mine), None)

    async def keep_fresh(self, stop: asyncio.Event) -> None:
        """Until told to stop, ask again, for many at once, for what is an answer and would soon be too old."""
        loop = asyncio.get_running_loop()
        look_s = self._memory.staleness_s / _LOOKS
        while look_s and not stop.is_set():
            pieces = list(batches(self._memory.due(), _ANEW))
            if not pieces:
                await pause(stop, look_s)
            # Whom the store does not tell of now is asked for by the next request, which then hears why.
            with contextlib.suppress(Unavailable):
                for due in pieces:
                    # One after the other without a pause, they would take a turn from each request of that time.
                    await pause(stop, look_s / len(pieces))
                    found = await loop.run_in_executor(self._threads, self._found, due)
                    if found:
                        self._memory.learn(found)

    def _together(self, asked: list[Sequence[int]]) -> list[_Found | None]:
        self._tallies.together.observe(len(asked))
        return [self._found(set().union(*asked))] * len(asked)

    def _found(self, user_ids: Collection[int]) -> _Found | None:
        """What the store has for each; None when these have more promotions than one question may bring."""
        asked_at = time.monotonic()
        page = self._store.unused_for(user_ids, datetime.now(UTC), None, _LARGE_PAGE)
        if page.next:
            return None
        encoded: dict[int, list[bytes]] = {user_id: [] for user_id in user_ids}
        for promotion in page.promotions:
            encoded[promotion.user_id].append(msgspec.json.encode(given(promotion)))
        return {user_id: Shopper(asked_at, b",".join(each), len(each)) for user_id, each in encoded.items()}

    async def _alone(self, question: Question) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._page, question)

    def _page(self, question: Question) -> Answer:
        self._tallies.alone.inc()
        user_ids = set(question.user_ids)
        page = self._store.unused_for(user_ids, datetime.now(UTC), question.after, question.limit)
        self._tallies.promotions.inc(len(page.promotions))
        body = msgspec.json.encode([given(promotion) for promotion in page.promotions])
        return Answer(body, page.next)
