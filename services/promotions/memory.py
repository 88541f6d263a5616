"""What the store has said of shoppers, kept for some seconds: bounded in age and bytes, never older than own changes.

When the store is asked, and what for, is in `questions`. To be used in one event loop.
"""

import time
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

AGES_S: Final = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_OVERHEAD: Final = 300
"""Bytes of an entry besides the promotions themselves."""
_DUE: Final = 0.8
"""Share of its time after which an entry is asked for anew, so that the answer is there before it is needed."""


class Shopper(msgspec.Struct, gc=False):
    """One shopper's unused promotions as JSON values with commas between, as the store had them at `asked_at` or later.

    `asked_at` is a time of `time.monotonic`. Without `promotions` it says only that what was asked before is no
    longer true. It refers to nothing that refers back, so the collector of cycles need not know it: a look at the
    tens of thousands that are remembered stops every request for 20 to 40 ms.
    """

    asked_at: float
    promotions: bytes | None
    count: int = 0
    is_wanted: bool = False
    """Whether it has been an answer."""
    size: int = 0

    def __post_init__(self) -> None:
        """In bytes, about."""
        self.size = _OVERHEAD + len(self.promotions or b"")


class Memory:
    """Shoppers by id, oldest first; what is older than `staleness_s` is never an answer, and 0 remembers nothing."""

    def __init__(
        self, staleness_s: float, most_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Beyond `most_bytes` the oldest is dropped."""
        self.staleness_s = staleness_s
        self.bytes = self.hits = self.misses = 0
        self.ages = [0] * (len(AGES_S) + 1)
        """Answers by their age: how many were up to each of AGES_S, and above the last."""
        self.ages_s = 0.0
        self._most_bytes = most_bytes
        self._clock = clock
        self._kept: OrderedDict[int, Shopper] = OrderedDict()
        self._dropped_at = float("-inf")

    def __len__(self) -> int:
        """How many shoppers are remembered."""
        return len(self._kept)

    def recall(self, user_ids: Iterable[int]) -> dict[int, Shopper | None]:
        """Each shopper once, by id, None for whom the store must be asked."""
        now = oldest = self._clock()
        least, get = now - self.staleness_s, self._kept.get
        found: dict[int, Shopper | None] = {}
        for user_id in sorted(set(user_ids)):
            shopper = get(user_id)
            if shopper is None or shopper.asked_at < least or shopper.promotions is None:
                found[user_id] = None
                self.misses += 1
                continue
            found[user_id] = shopper
            self.hits += 1
            shopper.is_wanted = True
            if shopper.asked_at < oldest:
                oldest = shopper.asked_at
        self.ages[bisect_left(AGES_S, now - oldest)] += 1
        self.ages_s += now - oldest
        return found

    def learn(self, shoppers: Mapping[int, Shopper]) -> None:
        """Remember answers of the store, unless something later is known."""
        if not self.staleness_s:
            return
        for user_id, shopper in shoppers.items():
            before = self._kept.get(user_id)
            if shopper.asked_at > (before.asked_at if before else self._dropped_at):
                self._keep(user_id, shopper, before)
        self._fit()

    def forget(self, user_ids: Iterable[int]) -> None:
        """These have been changed: what was asked until now is no answer, be it remembered or under way."""
        if self.staleness_s:
            now = self._clock()
            for user_id in user_ids:
                self._keep(user_id, Shopper(now, None), self._kept.get(user_id))
            self._fit()

    def due(self) -> list[int]:
        """Who is to be asked for anew: those that are answers, and soon too old. What is too old is dropped."""
        now, found = self._clock(), list[int]()
        while self._kept and now - next(iter(self._kept.values())).asked_at > self.staleness_s:
            self._drop()
        for user_id, shopper in self._kept.items():
            if now - shopper.asked_at < _DUE * self.staleness_s:
                break
            if shopper.is_wanted:
                shopper.is_wanted = False
                found.append(user_id)
        return found

    def _keep(self, user_id: int, shopper: Shopper, before: Shopper | None) -> None:
        self._kept[user_id] = shopper
        self.bytes += shopper.size
        if before:
            self.bytes -= before.size
            self._kept.move_to_end(user_id)

    def _fit(self) -> None:
        while self.bytes > self._most_bytes:
            self._drop()

    def _drop(self) -> None:
        _, shopper = self._kept.popitem(last=False)
        self.bytes -= shopper.size
        # What it was later than must not come back now that nothing tells so.
        self._dropped_at = max(self._dropped_at, shopper.asked_at)
