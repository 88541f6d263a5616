"""Publishes what was read: in order, in batches, until the log has acknowledged it.

How a log makes messages durable is its own matter; reading a stream is elsewhere.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

from resources.message_log import MessageLog, NewMessage
from resources.unavailable import Unavailable
from services.tweet_stream.backoff import Periods
from services.tweet_stream.buffer import Buffer
from services.tweet_stream.metrics import Metrics

_BATCH: Final = 2_000
_log = logging.getLogger(__name__)


class Publisher:
    """From the buffer to a topic. A batch that failed is appended again as a whole: at least once, in order."""

    def __init__(
        self, log: MessageLog, topic: str, buffer: Buffer, metrics: Metrics, periods: Periods
    ) -> None:
        """The log is used by one thread, which this starts with the first batch."""
        self._message_log = log
        self._topic = topic
        self._buffer = buffer
        self._metrics = metrics
        self._periods = periods
        self._thread = ThreadPoolExecutor(1, "publisher")

    async def run(self) -> None:
        """Until the buffer is closed and empty."""
        while batch := await self._buffer.take(_BATCH, self._periods.linger_s):
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(Unavailable),
                wait=wait_exponential(
                    self._periods.publish_again_most_s / 32, self._periods.publish_again_most_s
                ),
                before_sleep=self._failed,
                reraise=True,
            ):
                with attempt:
                    await self._append(batch)
            self._metrics.is_publishing = True
            self._metrics.published.inc(len(batch))
            await self._buffer.acknowledge()

    def close(self) -> None:
        """Wait for an append that is under way, then leave the log."""
        self._thread.shutdown(cancel_futures=True)
        self._message_log.close()

    async def _append(self, batch: list[NewMessage]) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._message_log.append, self._topic, batch)

    def _failed(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        self._metrics.is_publishing = False
        self._metrics.publish_failures.inc()
        _log.warning(
            "publishing failed", extra={"fields": {"error": str(error), "attempt": state.attempt_number}}
        )
