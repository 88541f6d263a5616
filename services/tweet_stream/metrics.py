"""What the service counts, and whether it is ready; each process has its own registry.

Names and meanings belong here; serving them over HTTP does not.
"""

import time
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge

from services.tweet_stream.buffer import Buffer

_PREFIX = "tweet_stream_"


class Metrics:
    """Counters and gauges, by stream where there can be several."""

    def __init__(self, buffer: Buffer, streams: list[str]) -> None:
        """All streams are known from the beginning, so that none is missing because it never connected."""
        self.registry = CollectorRegistry()
        self.lines = self._counter("lines", "Lines received, keep-alives excluded.", "stream")
        self.keep_alives = self._counter("keep_alives", "Empty lines received.", "stream")
        self.messages = self._counter("messages", "Lines by what they are.", "kind")
        self.published = self._counter("published", "Messages that the log acknowledged.")
        self.publish_failures = self._counter("publish_failures", "Appends that failed and were tried again.")
        self.cut_lines = self._counter("cut_lines", "Lines longer than X_LINE_LIMIT, published cut.")
        self.unfinished_lines = self._counter("unfinished_lines", "Lines that a connection's end cut off.")
        self.undelivered = self._counter("undelivered", "Tweets that X says it did not deliver.")
        self.reconnects = self._counter("reconnects", "Connections that ended or failed.", "stream", "reason")
        self.rate_limited_s = self._counter("rate_limited_seconds", "Time waited for X's rate limits.")
        self.unrecovered_s = self._counter(
            "unrecovered_seconds", "Time of a stream that no backfill covered."
        )
        self.connected = self._gauge("connected", "1 while a stream is open.", "stream")
        self._last = self._gauge("seconds_since_last_line", "Since bytes came, or since the start.", "stream")
        self._gauge("buffer_messages", "Messages not acknowledged.").set_function(lambda: len(buffer))
        self._gauge("buffer_bytes", "Their bytes.").set_function(lambda: buffer.bytes)
        self.heard = dict.fromkeys(streams, time.monotonic())
        self.is_publishing = True
        self._buffer = buffer
        self._streams = streams
        for stream in streams:
            self.connected.labels(stream).set(0)
            self._last.labels(stream).set_function(partial(self._silent_s, stream))
        self._open: set[str] = set()

    def connection(self, stream: str, *, is_open: bool) -> None:
        """A stream was opened, or is no longer."""
        (self._open.add if is_open else self._open.discard)(stream)
        self.connected.labels(stream).set(is_open)

    def unready(self) -> list[str]:
        """Why the service is not ready, in sentences; nothing when it is."""
        why = [f"Stream {stream} is not connected." for stream in self._streams if stream not in self._open]
        if not self.is_publishing:
            why.append("The message log cannot be used.")
        if self._buffer.is_full:
            why.append("The buffer is full; reading waits.")
        return why

    def _silent_s(self, stream: str) -> float:
        return time.monotonic() - self.heard[stream]

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(_PREFIX + name, meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(_PREFIX + name, meaning, labels, registry=self.registry)
