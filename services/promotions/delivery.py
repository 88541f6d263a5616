"""Brings entries from the outbox to the request log, again and again until it says that it has them.

Entries are sent at least once and carry ids, so that the log has each once; how they are kept is in `outbox`.
"""

import asyncio
import contextlib
import logging
import random
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from resources.connections import AwayError, Connections, Request
from resources.retry_after import retry_after_s
from resources.unavailable import Unavailable
from services.asgi.serving import pause
from services.promotions.outbox import Outbox
from services.promotions.tallies import Tallies
from services.request_log.messages import BATCH

_LINGER_S: Final = 0.2
_PATIENCE_S: Final = 10.0
_FIRST_S: Final = 0.1
_MOST_S: Final = 10.0
_ASKED_MOST_S: Final = 60.0
_log = logging.getLogger(__name__)


class _NotTakenError(Exception):
    """The log did not take a delivery: why, and how long it asks to be left alone, in seconds."""

    def __init__(self, why: str, wait_s: float = 0.0) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class Courier:
    """The way from one outbox to one log."""

    def __init__(self, outbox: Outbox, url: str, key: str, tallies: Tallies) -> None:
        """To be made in its event loop. `url` is where the log is reached; `key` is empty where it needs none."""
        self._outbox = outbox
        self._tallies = tallies
        self._thread = ThreadPoolExecutor(1, "delivery")
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
        self._connections = Connections(f"{url}/logging/batch", headers, at_once=1, timeout_s=_PATIENCE_S)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until told to stop; what is under way then is finished."""
        failed = 0
        while not stop.is_set():
            wait_s = _LINGER_S
            try:
                # Less than a full delivery gathers for a moment.
                wait_s = 0.0 if await self._once() else _LINGER_S
                failed = 0
            except _NotTakenError as error:
                failed += 1
                wait_s = self._not_taken(error, failed)
            except sqlite3.Error as error:
                failed += 1
                wait_s = _pause_s(failed)
                _log.warning("the outbox cannot be read", extra={"fields": {"error": str(error)}})
            if wait_s:
                await pause(stop, wait_s)

    async def drain(self, within_s: float) -> int:
        """Deliver what is left, as much as goes in so many seconds; how many entries stay on disk."""
        with contextlib.suppress(TimeoutError, _NotTakenError, sqlite3.Error):
            async with asyncio.timeout(within_s):
                while self._outbox.count:
                    await self._once()
        return self._outbox.count

    async def close(self) -> None:
        """Leave the log."""
        await self._connections.close()
        self._thread.shutdown()

    async def _once(self) -> bool:
        """One delivery; whether there is more at once."""
        if not self._outbox.count:
            return False
        loop = asyncio.get_running_loop()
        waiting = await loop.run_in_executor(self._thread, self._outbox.waiting)
        if not waiting.entries:
            return False
        for body in waiting.bodies:
            await self._send(body)
        self._tallies.delivered.inc(waiting.entries)
        self._tallies.log_is_reached = True
        try:
            await self._outbox.remove(waiting)
        except Unavailable as error:
            # Nothing to wait for: it is not sent again, and what follows it can be.
            _log.warning("what was delivered could not be removed", extra={"fields": {"error": str(error)}})
        return self._outbox.count >= BATCH

    async def _send(self, body: bytes) -> None:
        try:
            answer = await self._connections.post(Request(body))
        except AwayError as error:
            raise _NotTakenError(str(error)) from error
        if answer.status != 200:
            wait_s = retry_after_s(answer.headers.get("Retry-After", ""))
            said = answer.body[:200].decode(errors="replace")
            raise _NotTakenError(f"It answered {answer.status}: {said}", wait_s)

    def _not_taken(self, error: _NotTakenError, times: int) -> float:
        """Tell it, and how long to wait."""
        self._tallies.failures.inc()
        self._tallies.log_is_reached = False
        wait_s = max(min(error.wait_s, _ASKED_MOST_S), _pause_s(times))
        fields = {"error": str(error), "attempt": times, "entries": self._outbox.count, "wait_s": wait_s}
        _log.warning("the request log took no entries", extra={"fields": fields})
        return wait_s


def _pause_s(times: int) -> float:
    """Longer each time, by chance, so that not all come at once."""
    return random.uniform(0.5, 1) * float(min(_MOST_S, _FIRST_S * 2 ** min(times, 10)))
