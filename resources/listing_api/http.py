"""Documents as POST requests to an HTTP address, from a thread of their own, so that receipts are kept meanwhile.

What is sent and when it is tried again is in `sending`; what is remembered of it belongs to the domain `listings`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from urllib.parse import urlsplit

from resources.connections import Connections
from resources.listing_api.forms import Bulk, Single
from resources.listing_api.port import Document, ListingApi, Receipt
from resources.listing_api.sending import Limits, Sending
from resources.unavailable import Unavailable

Told = SimpleQueue[list[Receipt] | None]


class HttpListingApi(ListingApi):
    """An API at an http or https address. Each call has connections of its own."""

    def __init__(
        self, url: str, key: str = "", *, is_bulk: bool = False, limits: Limits | None = None
    ) -> None:
        """`key` is sent as Bearer; `is_bulk` posts many in a request, to `/documents` below the address.

        A user in the address is left out. Raises Unavailable for a key that cannot be sent.
        """
        if not (key.isascii() and key.isprintable()):
            raise Unavailable(
                "The key of the listing API holds what no header may hold; set LISTING_API_KEY without a line feed."
            )
        parts = urlsplit(url)
        self._url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        self._form = Bulk() if is_bulk else Single()
        self._headers = {"Content-Type": self._form.media_type}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._limits = limits or Limits()

    def post(self, documents: Sequence[Document]) -> Generator[Receipt, None, None]:
        """Over at most `at_once` connections, kept alive; no redirect is followed."""
        if not documents:
            return
        told: Told = SimpleQueue()
        call = _Call(self._sent, told)
        with ThreadPoolExecutor(1, "listing-api") as thread:
            running = thread.submit(call.run, documents)
            try:
                while (receipts := told.get()) is not None:
                    yield from receipts
            finally:
                call.stop(running)
            running.result()

    async def _sent(self, documents: Sequence[Document], told: Told) -> None:
        limits = self._limits
        async with Connections(
            self._form.address(self._url), self._headers, limits.at_once, limits.timeout_s
        ) as connections:
            await Sending(self._form, limits, told.put).run(connections, documents)

    def uri(self) -> str:
        """Scheme, host and port only: user, path and query are often secrets."""
        parts = urlsplit(self._url)
        return f"{parts.scheme}://{parts.netloc}"

    def close(self) -> None:
        """Nothing is open between calls."""


class _Call:
    """The event loop of one call."""

    def __init__(self, sent: Callable[[Sequence[Document], Told], Awaitable[None]], told: Told) -> None:
        self._sent = sent
        self._told = told
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_stopped = False

    def run(self, documents: Sequence[Document]) -> None:
        """In its thread; at its end None is told."""
        import uvloop

        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                self._loop = runner.get_loop()
                with suppress(asyncio.CancelledError):
                    runner.run(self._run(documents))
        finally:
            self._told.put(None)

    def stop(self, running: "Future[None]") -> None:
        """End what is under way; harmless when nothing is."""
        self._is_stopped = True
        if self._loop is not None and not running.done():
            with suppress(RuntimeError):
                # The loop may close at this very moment.
                self._loop.call_soon_threadsafe(self._cancel)

    async def _run(self, documents: Sequence[Document]) -> None:
        self._task = asyncio.current_task()
        if not self._is_stopped:
            await self._sent(documents, self._told)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
