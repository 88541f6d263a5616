"""What was read and is not acknowledged yet, in bounded memory.

It knows messages and their sizes only; who fills and who empties it is told by the service.
"""

import asyncio
from collections import deque

from resources.message_log import NewMessage


class Buffer:
    """A queue between readers and one publisher. What is taken counts until it is acknowledged.

    Adding never waits, so that a stop between two lines loses none; a reader waits for room before it reads on.
    So it can grow beyond its bounds by one piece of each stream.
    """

    def __init__(self, max_messages: int = 10_000, max_bytes: int = 32_000_000) -> None:
        """Bounds of messages and of bytes, whichever is reached first."""
        self._bounds = max_messages, max_bytes
        self._waiting: deque[NewMessage] = deque()
        self._taken: list[NewMessage] = []
        self._bytes = 0
        self._is_closed = False
        self._changed = asyncio.Condition()

    def __len__(self) -> int:
        """Messages that are not acknowledged."""
        return len(self._waiting) + len(self._taken)

    @property
    def bytes(self) -> int:
        """Their bytes."""
        return self._bytes

    @property
    def is_full(self) -> bool:
        """Whether readers have to wait."""
        return len(self) >= self._bounds[0] or self._bytes >= self._bounds[1]

    async def add(self, messages: list[NewMessage]) -> None:
        """Add messages in their order, then wait until there is room for more."""
        self._waiting += messages
        self._bytes += sum(len(message.value or b"") for message in messages)
        async with self._changed:
            self._changed.notify_all()
            await self._changed.wait_for(lambda: not self.is_full)

    async def take(self, most: int, linger_s: float) -> list[NewMessage]:
        """At least one message and at most `most`, gathered for `linger_s`; none when closed and empty."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._waiting or self._is_closed)
            if not self._is_closed:
                await self._gather(most, linger_s)
            while self._waiting and len(self._taken) < most:
                self._taken.append(self._waiting.popleft())
            return list(self._taken)

    async def acknowledge(self) -> None:
        """What was taken is safe."""
        async with self._changed:
            self._bytes -= sum(len(message.value or b"") for message in self._taken)
            self._taken.clear()
            self._changed.notify_all()

    async def close(self) -> None:
        """Nothing will be added any more."""
        async with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    async def _gather(self, most: int, linger_s: float) -> None:
        try:
            async with asyncio.timeout(linger_s):
                await self._changed.wait_for(lambda: len(self._waiting) >= most or self._is_closed)
        except TimeoutError:
            return
