"""Reads one stream for as long as it lives: connects, takes its lines, and connects again.

What lines are is in `messages`, how long to wait in `backoff`, what HTTP answers mean in `x_api`.
"""

import asyncio
import logging
import random
import time
from typing import Final, NoReturn

from resources.message_log import NewMessage
from services.tweet_stream import backoff, messages, rules
from services.tweet_stream.backoff import Periods
from services.tweet_stream.buffer import Buffer
from services.tweet_stream.lines import Line, LineSplitter
from services.tweet_stream.metrics import Metrics
from services.tweet_stream.sources import Source
from services.tweet_stream.x_api import Interrupted, XApi

_log = logging.getLogger(__name__)


class Reader:
    """From one stream to the buffer."""

    def __init__(
        self,
        source: Source,
        api: XApi,
        buffer: Buffer,
        metrics: Metrics,
        periods: Periods,
        line_limit: int,
        backfill_minutes: int,
    ) -> None:
        """`backfill_minutes`, 0 to 5, is what the app may ask for after it was away."""
        self._source: Final = source
        self._api = api
        self._buffer = buffer
        self._metrics = metrics
        self._periods = periods
        self._line_limit = line_limit
        self._backfill_minutes = backfill_minutes
        self._are_rules_set = not source.tags
        self._heard_at: float | None = None
        self._opened_at: float | None = None

    async def run(self) -> NoReturn:
        """Until cancelled; raises Unavailable when only a person can help."""
        failures = 0
        while True:
            self._opened_at = None
            try:
                await self._set_rules()
                await self._listen()
            except Interrupted as why:
                opened_at = self._opened_at
                is_steady = opened_at and time.monotonic() - opened_at >= self._periods.steady_after_s
                failures = 1 if is_steady else failures + 1
                await self._wait(why, failures)

    async def _set_rules(self) -> None:
        """Make the rules of our tags what they should be: checked first, added, and only then the old deleted."""
        if self._are_rules_set:
            return
        added, deleted = rules.changes(await self._api.rules(), self._source.rules, self._source.tags)
        if added:
            await self._api.add_rules(added, is_dry_run=True)
            await self._api.add_rules(added, is_dry_run=False)
        if deleted:
            await self._api.delete_rules(deleted)
        self._are_rules_set = True
        self._tell("rules set", added=len(added), deleted=len(deleted), rules=len(self._source.rules))

    async def _listen(self) -> NoReturn:
        """One connection, to its end, which is always an interruption."""
        splitter = LineSplitter(self._line_limit)
        try:
            async with self._api.stream(self._source.path, self._parameters()) as chunks:
                self._connected()
                async for chunk in chunks:
                    self._heard_at = self._metrics.heard[self._source.name] = time.monotonic()
                    await self._take(splitter.feed(chunk))
            raise Interrupted("ended", "X ended the stream")
        finally:
            self._metrics.connection(self._source.name, is_open=False)
            self._metrics.unfinished_lines.inc(bool(splitter.unfinished))

    def _connected(self) -> None:
        now = time.monotonic()
        self._opened_at = now
        away_s = now - self._heard_at if self._heard_at else 0.0
        lost_s = backoff.unrecovered_s(self._backfill_minutes, away_s)
        self._metrics.unrecovered_s.inc(lost_s)
        self._metrics.connection(self._source.name, is_open=True)
        self._tell("connected", away_s=round(away_s, 3), unrecovered_s=round(lost_s, 3))

    async def _take(self, lines: list[Line]) -> None:
        """Count lines and hand over those that are for the topic; wait while the buffer is full."""
        found = [self._read(line) for line in lines if line.value]
        self._metrics.keep_alives.labels(self._source.name).inc(len(lines) - len(found))
        self._metrics.lines.labels(self._source.name).inc(len(found))
        await self._buffer.add(
            [NewMessage(reading.key, line) for reading, line in found if reading.kind in messages.PUBLISHED]
        )
        for reading, _ in found:
            if reading.kind == "disconnect":
                raise Interrupted("disconnected", reading.detail)

    def _read(self, line: Line) -> tuple[messages.Reading, bytes]:
        reading = messages.read(line.value)
        self._metrics.messages.labels(reading.kind).inc()
        self._metrics.undelivered.inc(reading.undelivered)
        if line.is_cut:
            self._metrics.cut_lines.inc()
            self._tell("line cut", logging.WARNING, size=line.size, kept=len(line.value))
        if reading.kind in ("notice", "undelivered"):
            self._tell("notice", logging.WARNING, detail=reading.detail, undelivered=reading.undelivered)
        return reading, line.value

    async def _wait(self, why: Interrupted, failures: int) -> None:
        if why.reason == "no_rules":
            self._are_rules_set = not self._source.tags
        wait_s = backoff.pause(why.reason, failures, self._periods, why.resets_in_s, random.random())
        self._metrics.reconnects.labels(self._source.name, why.reason).inc()
        level = logging.INFO if why.reason in backoff.AT_ONCE and failures < 3 else logging.WARNING
        self._tell(
            "interrupted",
            level,
            reason=why.reason,
            detail=why.detail,
            failures=failures,
            wait_s=round(wait_s, 3),
        )
        await asyncio.sleep(wait_s)
        if why.reason == "rate_limited":
            self._metrics.rate_limited_s.inc(wait_s)

    def _parameters(self) -> dict[str, str]:
        away_s = None if self._heard_at is None else time.monotonic() - self._heard_at
        minutes = backoff.backfill_minutes(self._backfill_minutes, away_s, self._periods)
        return {**self._source.parameters, **({"backfill_minutes": str(minutes)} if minutes else {})}

    def _tell(self, event: str, level: int = logging.INFO, **fields: object) -> None:
        _log.log(level, event, extra={"fields": {"stream": self._source.name, **fields}})
