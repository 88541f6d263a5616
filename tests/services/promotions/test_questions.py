"""Questions to the store: how large they are, and when they are asked. What is answered is in `test_asking`."""

import asyncio
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path

from resources.promotion_store import Page, Place, SqlitePromotionStore
from services.asgi.measures import Measures
from services.promotions.memory import Memory, Shopper
from services.promotions.outbox import Outbox
from services.promotions.questions import Questions
from services.promotions.tallies import Tallies


class Listening(SqlitePromotionStore):
    """Tells of how many shoppers each question was."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.sizes: list[int] = []

    def unused_for(
        self, user_ids: Collection[int], at: datetime, after: Place | None = None, limit: int = 1_000
    ) -> Page:
        self.sizes.append(len(user_ids))
        return super().unused_for(user_ids, at, after, limit)


def test_who_will_soon_be_too_old_is_asked_for_anew_and_no_question_for_it_is_large(tmp_path: Path) -> None:
    memory = Memory(10, 1_000_000)

    async def kept_fresh(store: Listening, threads: ThreadPoolExecutor) -> None:
        with closing(Outbox(tmp_path / "outbox", 1_000)) as outbox:
            tallies, stop = Tallies(Measures("test_"), outbox, memory), asyncio.Event()
            keeping = asyncio.create_task(Questions(store, memory, threads, tallies).keep_fresh(stop))
            async with asyncio.timeout(30):
                while sum(store.sizes) < 500:
                    await asyncio.sleep(0.01)
            stop.set()
            await keeping

    began = time.monotonic()
    memory.learn({user_id: Shopper(began - 8.5, b"") for user_id in range(500)})
    memory.recall(range(500))
    with Listening(tmp_path / "promotions.sqlite") as store, ThreadPoolExecutor(1) as threads:
        asyncio.run(kept_fresh(store, threads))
    assert store.sizes == [200, 200, 100]
    assert all(shopper and shopper.asked_at >= began for shopper in memory.recall(range(500)).values())
