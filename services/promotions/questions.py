"""Asks for the unused promotions of shoppers: of memory, else of the store, and requests that wait are one question.

How long something is remembered is in `memory`; what a request and its answer look like is in `messages`.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from typing import Final, NamedTuple

import msgspec

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
_ANEW: Final = 500
"""Shoppers in one question that keeps them fresh; a larger one would keep requests from their turn."""
_LOOKS: Final = 20
"""How often within the time that something is remembered it is looked at whether it must be asked for anew."""


class Question(NamedTuple):
    """One request: whose promotions, from behind which place, and how many at most."""

    user_ids: Collection[int]
    after: Place | None
    limit: int


class Answer(NamedTuple):
    """A JSON array of promotions by shopper and id, and where it ended when there are more."""

    body: bytes
    more_after: Place | None


class _Found(NamedTuple):
    """What the store has said of shoppers; those who have nothing are absent."""

    asked_at: float
    shoppers: dict[int, Shopper]

    def of(self, user_id: int) -> Shopper:
        return self.shoppers.get(user_id) or Shopper(self.asked_at, b"")


class Questions:
    """The questions of one event loop to one store."""

    def __init__(self, store: PromotionStore, memory: Memory, threads: Executor, tallies: Tallies) -> None:
        """The store is asked in `threads`."""
        self._store = store
        self._memory = memory
        self._threads = threads
        self._tallies = tallies
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
            for user_id in missing:
                shoppers[user_id] = found.of(user_id)
            self._learn(found, missing)
        mine = [shopper for shopper in shoppers.values() if shopper and shopper.promotions]
        count = sum([shopper.count for shopper in mine])
        if count > question.limit:
            return await self._alone(question)
        self._tallies.promotions.inc(count)
        return Answer(b"[%b]" % b",".join([shopper.promotions or b"" for shopper in mine]), None)

    async def keep_fresh(self, stop: asyncio.Event) -> None:
        """Until told to stop, ask again, for many at once, for what is an answer and would soon be too old."""
        while self._memory.staleness_s and not stop.is_set():
            await pause(stop, self._memory.staleness_s / _LOOKS)
            while not stop.is_set() and (due := self._memory.due(_ANEW)):
                try:
                    found = await asyncio.get_running_loop().run_in_executor(self._threads, self._found, due)
                except Unavailable:
                    # Who is asked for is asked of the store then, and told why it does not answer.
                    break
                if found:
                    self._learn(found, due)

    def _learn(self, found: _Found, user_ids: Sequence[int]) -> None:
        for user_id in user_ids:
            self._memory.learn(user_id, found.of(user_id))

    def _together(self, asked: list[Sequence[int]]) -> list[_Found | None]:
        self._tallies.together.observe(len(asked))
        return [self._found(set().union(*asked))] * len(asked)

    def _found(self, user_ids: Collection[int]) -> _Found | None:
        """None when these have more promotions than one question may bring."""
        asked_at = time.monotonic()
        page = self._store.unused_for(user_ids, None, _LARGE_PAGE)
        if page.next:
            return None
        encoded: defaultdict[int, list[bytes]] = defaultdict(list)
        for promotion in page.promotions:
            encoded[promotion.user_id].append(msgspec.json.encode(given(promotion)))
        return _Found(
            asked_at,
            {user_id: Shopper(asked_at, b",".join(each), len(each)) for user_id, each in encoded.items()},
        )

    async def _alone(self, question: Question) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._page, question)

    def _page(self, question: Question) -> Answer:
        self._tallies.alone.inc()
        page = self._store.unused_for(set(question.user_ids), question.after, question.limit)
        self._tallies.promotions.inc(len(page.promotions))
        body = msgspec.json.encode([given(promotion) for promotion in page.promotions])
        return Answer(body, page.next)
