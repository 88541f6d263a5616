"""The listing API as a whole: the store and HTTP, from start to stop.

Only who depends on whom and in which order things end; each part has its own module.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from resources.listing_store import ListingStore
from resources.unavailable import Unavailable
from services.asgi import serving
from services.asgi.access import Keys
from services.asgi.application import application
from services.asgi.measures import Measures
from services.asgi.surroundings import surroundings
from services.listing_api.api import ListingApi
from services.listing_api.settings import Settings

TITLE: Final = "Listings"
ABOUT: Final = (
    "Listed files as documents: each is kept once, by its content, and durably, when it is answered."
)
_THREADS: Final = 4
_log = logging.getLogger(__name__)


class Service:
    """The parts of one process. To be made in the event loop that uses it; `url` is where it listens, once it does."""

    def __init__(self, settings: Settings, store: ListingStore) -> None:
        """Raises Unavailable when the file of keys cannot be used; the store is not asked yet."""
        self._store = store
        self._keys = Keys(settings.keys)
        self._threads = ThreadPoolExecutor(_THREADS, "store")
        self._stop = asyncio.Event()
        self.url = ""
        measures = Measures("listing_api_")
        api = ListingApi(store, self._threads, settings.container, measures)
        self.operations = surroundings(
            TITLE, ABOUT, api.operations(), measures, self.unready, needs_key=self._keys.are_needed
        )
        self.app = application(self.operations, measures, self._keys)

    async def unready(self) -> list[str]:
        """Why requests should not be sent here, in sentences."""
        why = ["The service is stopping."] if self._stop.is_set() else []
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._store.check)
        except Unavailable as error:
            _log.warning("store unavailable", extra={"fields": {"error": str(error)}})
            why.append("The listing store cannot be used.")
        return why

    async def run(self, settings: Settings, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, then answer what was accepted."""
        self._stop = stop
        try:
            with serving.listening(settings.host, settings.port, "LISTING_API") as listener:
                self.url = serving.address(listener)
                _log.info("started", extra={"fields": {"url": self.url, "store": self._store.uri()}})
                await serving.serve(self.app, listener, stop)
        finally:
            self._threads.shutdown()
            self._store.close()
