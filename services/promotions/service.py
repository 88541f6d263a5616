"""The promotions service as a whole: store, outbox, delivery and HTTP, from start to stop.

Only who depends on whom and in which order things end; each part has its own module.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from resources.promotion_store import PromotionStore
from resources.unavailable import Unavailable
from services.asgi import serving
from services.asgi.access import Keys
from services.asgi.application import application
from services.asgi.measures import Measures
from services.asgi.surroundings import surroundings
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
_THREADS: Final = 4
_DRAIN_S: Final = 5.0
_log = logging.getLogger(__name__)


class Service:
    """The parts of one process. To be made in the event loop that uses it; `url` is where it listens, once it does."""

    def __init__(self, settings: Settings, store: PromotionStore) -> None:
        """Raises Unavailable when the outbox or the file of keys cannot be used; the store is not asked yet."""
        self._store = store
        self._keys = Keys(settings.keys)
        self._outbox = Outbox(settings.outbox, settings.outbox_mb * 1_000_000)
        self._threads = ThreadPoolExecutor(_THREADS, "store")
        measures = Measures("promotions_")
        memory = Memory(settings.staleness_s, settings.memory_mb * 1_000_000)
        self._tallies = Tallies(measures, self._outbox, memory)
        self._courier = Courier(self._outbox, settings.log_url, settings.log_key, self._tallies)
        self._stop = asyncio.Event()
        self.url = ""
        self._questions = Questions(store, memory, self._threads, self._tallies)
        api = PromotionsApi(store, self._questions, memory, self._outbox, self._threads)
        self._dagster = DagsterApi(settings.dagster_url)
        self._campaigns = Campaigns(store, self._dagster, self._threads)
        campaigns_api = CampaignsApi(self._campaigns, self._outbox, settings.dagster_url)
        operations = [*api.operations(), *campaigns_api.operations()]
        needs_key = self._keys.are_needed
        self.operations = surroundings(TITLE, ABOUT, operations, measures, self.unready, needs_key=needs_key)
        self.app = application(self.operations, measures, self._keys)

    async def unready(self) -> list[str]:
        """Why requests should not be sent here. A log that is away is no reason while the outbox has room."""
        why = ["The service is stopping."] if self._stop.is_set() else []
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._store.check)
        except Unavailable as error:
            _log.warning("store unavailable", extra={"fields": {"error": str(error)}})
            why.append("The promotion store cannot be used.")
        if trouble := await self._outbox.trouble():
            why.append(trouble)
        return why

    async def run(self, settings: Settings, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, then answer what was accepted and deliver what can be delivered."""
        self._stop = stop
        try:
            with serving.listening(settings.host, settings.port, "PROMOTIONS") as listener:
                self.url = serving.address(listener)
                _log.info("started", extra={"fields": {"url": self.url, "store": self._store.uri()}})
                delivering = asyncio.create_task(self._courier.run(stop))
                asking = asyncio.create_task(self._questions.keep_fresh(stop))
                reconciling = asyncio.create_task(self._campaigns.reconcile(stop))
                # It ends before the stop by an error of ours only; then nobody would empty the outbox.
                delivering.add_done_callback(lambda _: stop.set())
                await serving.serve(self.app, listener, stop)
                stop.set()
                await asyncio.gather(delivering, asking, reconciling)
            left = await self._courier.drain(_DRAIN_S)
            _log.info("stopping", extra={"fields": {"entries_left_on_disk": left}})
        finally:
            await self.close()

    async def close(self) -> None:
        """Leave the store, the log and the outbox."""
        await self._courier.close()
        await self._dagster.close()
        self._outbox.close()
        self._threads.shutdown()
        self._store.close()
