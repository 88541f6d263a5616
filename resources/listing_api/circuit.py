"""Whether an API that keeps failing is asked at all: while the circuit is open, only a probe now and then.

What counts as a failure is told by who asks.
"""

import asyncio
import math
import time
from contextlib import suppress
from typing import Final

_LONGEST_S: Final = 5.0


class Circuit:
    """Opens after `most` failures in a row, closes with the first success; to be used in one event loop.

    Between probes lie `pause_s` seconds, doubled after each. Open for longer than `budget_s`, it stays open for good.
    """

    def __init__(self, most: int, pause_s: float, budget_s: float) -> None:
        """Closed."""
        self._most = most
        self._first_pause_s = pause_s
        self._budget_s = budget_s
        self._failures = 0
        self._pause_s = pause_s
        self._probe_at = self._until = math.inf
        self._is_closed = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether what is sent now is a probe."""
        return self._failures >= self._most

    async def passage(self) -> bool:
        """Wait until something may be sent; False when nothing is sent any more."""
        while self.is_open:
            now = time.monotonic()
            if now >= self._until:
                return False
            if now >= self._probe_at:
                # Until it is answered there is no other.
                self._probe_at = math.inf
                return True
            with suppress(TimeoutError):
                async with asyncio.timeout(min(self._probe_at, self._until) - now):
                    await self._is_closed.wait()
        return True

    def not_used(self) -> None:
        """There was nothing to send: who comes next may be the probe."""
        self._probe_at = min(self._probe_at, time.monotonic())

    def succeeded(self) -> None:
        """An answer that shows the API to be there."""
        if self.is_open:
            self._is_closed.set()
            self._is_closed = asyncio.Event()
            self._pause_s = self._first_pause_s
        self._failures = 0

    def failed(self, asked_s: float = 0.0) -> None:
        """No such answer; `asked_s` is how long it asks to be left alone."""
        self._failures += 1
        now = time.monotonic()
        if self._failures == self._most:
            self._until = now + self._budget_s
        elif self._failures > self._most:
            self._pause_s = min(_LONGEST_S, 2 * self._pause_s)
        self._probe_at = now + max(asked_s, self._pause_s)
