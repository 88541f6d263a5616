"""The promotions service as a whole: store, outbox, delivery and HTTP, from start to stop.

Only who depends on whom and in which order things end; each part has its own module, and what every service does
is in `asgi.store_service`.
"""

import asyncio
import socket
from typing import Final

from resources.promotion_store import PromotionStore
from services.asgi.store_service import StoreService
from services.promotions.api import PromotionsApi
from services.promotions.campaigns import Campaigns
from services.promotions.campaigns_api import CampaignsApi
from services.promotions.dagster_api import DagsterApi
from services.promotions.delivery import Courier
from services.promotions.memory import Memory
from services.promotions.outbox import Outbox
from services.promotions.questions import Questions
from services.promotions.settings import Settings
from services.promotions.tallies import Tallies

TITLE: Final = "Promotions"
ABOUT: Final = (
    "Which promotions shoppers have and have not used yet; giving, taking and using them; campaigns."
)
_DRAIN_S: Final = 5.0


class Service(StoreService):
    """The parts of one process."""

    def __init__(self, settings: Settings, store: PromotionStore) -> None:
        """Raises Unavailable when the outbox or the file of keys cannot be used; the store is not asked yet."""
        super().__init__(settings, store, "PROMOTIONS", "promotion store")
        self._outbox = Outbox(settings.outbox, settings.outbox_mb * 1_000_000)
        memory = Memory(settings.staleness_s, settings.memory_mb * 1_000_000)
        tallies = Tallies(self._measures, self._outbox, memory)
        self._courier = Courier(self._outbox, settings.log_url, settings.log_key, tallies)
        self._questions = Questions(store, memory, self._threads, tallies)
        api = PromotionsApi(store, self._questions, memory, self._outbox, self._threads)
        self._dagster = DagsterApi(settings.dagster_url)
        self._campaigns = Campaigns(store, self._dagster, self._threads)
        campaigns_api = CampaignsApi(self._campaigns, self._outbox, settings.dagster_url)
        self._offer(TITLE, ABOUT, [*api.operations(), *campaigns_api.operations()])

    async def unready(self) -> list[str]:
        """Why requests should not be sent here. A log that is away is no reason while the outbox has room."""
        why = await super().unready()
        if trouble := await self._outbox.trouble():
            why.append(trouble)
        return why

    async def _serve(self, listener: socket.socket, stop: asyncio.Event) -> None:
        delivering = asyncio.create_task(self._courier.run(stop))
        asking = asyncio.create_task(self._questions.keep_fresh(stop))
        reconciling = asyncio.create_task(self._campaigns.reconcile(stop))
        # It ends before the stop by an error of ours only; then nobody would empty the outbox.
        delivering.add_done_callback(lambda _: stop.set())
        await super()._serve(listener, stop)
        stop.set()
        await asyncio.gather(delivering, asking, reconciling)

    async def _drain(self) -> None:
        """Deliver what can be delivered."""
        left = await self._courier.drain(_DRAIN_S)
        self._log.info("stopping", extra={"fields": {"entries_left_on_disk": left}})

    async def close(self) -> None:
        """Leave the store, the log and the outbox."""
        await self._courier.close()
        await self._dagster.close()
        self._outbox.close()
        await super().close()
