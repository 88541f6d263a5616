"""A service in front of one store, from start to stop: who depends on whom, and in which order things end.

What it offers, and what else it runs, is told by each service.
"""

import asyncio
import logging
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Protocol

from resources.unavailable import Unavailable
from services.asgi import serving
from services.asgi.access import Keys
from services.asgi.application import application
from services.asgi.measures import Measures
from services.asgi.operation import Operation
from services.asgi.surroundings import surroundings

_THREADS: Final = 4


class Store(Protocol):
    """What every port of a store has."""

    def check(self) -> None:
        """Raises Unavailable when it does not answer."""

    def uri(self) -> str:
        """Where it lies, without credentials."""

    def close(self) -> None:
        """Release connections."""


class Place(Protocol):
    """Where a service listens, and who may use it."""

    @property
    def host(self) -> str:
        """The address."""

    @property
    def port(self) -> int:
        """0 for any that is free."""

    @property
    def keys(self) -> Path | None:
        """The file of keys."""


class StoreService:
    """The parts of one process. To be made in the event loop that uses it; `url` is where it listens, once it does."""

    def __init__(self, place: Place, store: Store, prefix: str, noun: str) -> None:
        """`prefix` is that of its settings, `noun` names the store in sentences.

        Raises Unavailable when the file of keys cannot be used; the store is not asked yet.
        """
        self._held = store
        self._prefix = prefix
        self._noun = noun
        # Of `listing store` only the last word, in the journal and in the names of threads.
        self._word = noun.split()[-1]
        self._log = logging.getLogger(type(self).__module__)
        self._keys = Keys(place.keys)
        self._threads = ThreadPoolExecutor(_THREADS, self._word)
        self._stop = asyncio.Event()
        self._measures = Measures(f"{prefix.lower()}_")
        self.url = ""

    def _offer(self, title: str, about: str, operations: Sequence[Operation]) -> None:
        """What the service answers, besides what each one does."""
        needs_key = self._keys.are_needed
        self.operations = surroundings(
            title, about, operations, self._measures, self.unready, needs_key=needs_key
        )
        self.app = application(self.operations, self._measures, self._keys)

    async def unready(self) -> list[str]:
        """Why requests should not be sent here, in sentences."""
        why = ["The service is stopping."] if self._stop.is_set() else []
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._held.check)
        except Unavailable as error:
            self._log.warning(f"{self._word} unavailable", extra={"fields": {"error": str(error)}})
            why.append(f"The {self._noun} cannot be used.")
        return why

    async def run(self, place: Place, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, then answer what was accepted, and end."""
        self._stop = stop
        try:
            with serving.listening(place.host, place.port, self._prefix) as listener:
                self.url = serving.address(listener)
                fields = {"url": self.url, self._word: self._held.uri()}
                self._log.info("started", extra={"fields": fields})
                await self._serve(listener, stop)
            await self._drain()
        finally:
            await self.close()

    async def _serve(self, listener: socket.socket, stop: asyncio.Event) -> None:
        await serving.serve(self.app, listener, stop)

    async def _drain(self) -> None:
        """What is left to do when nobody can ask any more."""

    async def close(self) -> None:
        """Leave the store."""
        self._threads.shutdown()
        self._held.close()
