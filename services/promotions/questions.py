"""Asks the store for the unused promotions of shoppers: requests that wait at the same time are one question.

Always asked of the store, nothing is remembered; what a request and its answer look like is in `messages`.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from concurrent.futures import Executor
from typing import Final, NamedTuple

import msgspec

from resources.promotion_store import Place, PromotionStore
from services.asgi.batches import Batches
from services.promotions.messages import given
from services.promotions.tallies import Tallies

_TOGETHER: Final = 64
"""Requests in one question at most."""
_SMALL: Final = 50
"""Shoppers of a request that shares a question, so that one question names a few thousand at most."""
_LARGE_PAGE: Final = 10_000


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

    def __init__(self, store: PromotionStore, threads: Executor, tallies: Tallies) -> None:
        """The store is asked in `threads`."""
        self._store = store
        self._threads = threads
        self._tallies = tallies
        self._batches: Batches[Question, Answer] = Batches(self._together, threads, _TOGETHER)

    def ask(self, question: Question) -> "asyncio.Future[Answer]":
        """The future answer, which raises Unavailable when the store does not answer."""
        if question.after is None and len(question.user_ids) <= _SMALL:
            return self._batches.add(question)
        return asyncio.get_running_loop().run_in_executor(self._threads, self._alone, question)

    def _together(self, questions: list[Question]) -> list[Answer]:
        self._tallies.together.observe(len(questions))
        user_ids = set().union(*(question.user_ids for question in questions))
        page = self._store.unused_for(user_ids, None, _LARGE_PAGE)
        if page.next:
            return [self._alone(question) for question in questions]
        found: defaultdict[int, list[bytes]] = defaultdict(list)
        for promotion in page.promotions:
            found[promotion.user_id].append(msgspec.json.encode(given(promotion)))
        return [self._of(question, found) for question in questions]

    def _of(self, question: Question, found: dict[int, list[bytes]]) -> Answer:
        mine = [each for user_id in sorted(set(question.user_ids)) for each in found.get(user_id, ())]
        if len(mine) > question.limit:
            return self._alone(question)
        self._tallies.promotions.inc(len(mine))
        return Answer(b"[" + b",".join(mine) + b"]", None)

    def _alone(self, question: Question) -> Answer:
        self._tallies.alone.inc()
        page = self._store.unused_for(set(question.user_ids), question.after, question.limit)
        self._tallies.promotions.inc(len(page.promotions))
        body = msgspec.json.encode([given(promotion) for promotion in page.promotions])
        return Answer(body, page.next)
