"""A shopper whose promotion comes and goes by somebody else's hand: which answers are right at a moment.

Who asks is in `promotions`; how long the service may remember is the setting that `processes` gives it.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from resources.promotion_store import MongoPromotionStore, Promotion, PromotionStore
from resources.unavailable import Unavailable
from soak.processes import STALENESS_S

SHOPPER: Final = 1_000_000
_PAUSE_S: Final = 0.1


class Changes:
    """Versions of what the shopper has: none first, then one promotion, then none again."""

    def __init__(self) -> None:
        """Nothing is changed yet; when the store was asked for each, and when it had it."""
        self.began = [float("-inf")]
        self.ended = [float("-inf")]

    async def make(self, url: str, is_over: Callable[[], bool]) -> None:
        """Change it in the store, past the service, again and again; what fails is tried until it is done."""
        with MongoPromotionStore(url, timeout_s=1) as store:
            while not is_over():
                if len(self.began) == len(self.ended):
                    self.began.append(time.monotonic())
                try:
                    await asyncio.to_thread(_change, store, len(self.began) - 1)
                except Unavailable:
                    continue
                self.ended.append(time.monotonic())
                await asyncio.sleep(_PAUSE_S)

    def allow(self, shown: list[str], asked_at: float, answered_at: float) -> bool:
        """Whether an answer may show this: it had begun, and was not over for longer than may be remembered."""
        return any(
            shown == _ids(version)
            for version, began in enumerate(self.began)
            if began <= answered_at
            and (version + 1 >= len(self.ended) or self.ended[version + 1] >= asked_at - STALENESS_S)
        )


def _ids(version: int) -> list[str]:
    return [f"changed/{version}"] if version % 2 else []


def _change(store: PromotionStore, version: int) -> None:
    if version % 2:
        at = datetime.now(UTC)
        store.add([Promotion(f"changed/{version}", "changed", SHOPPER, str(version), False, at)])
    else:
        store.withdraw([SHOPPER], [str(version - 1)])
