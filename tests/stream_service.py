"""The tweet stream as tests run it: in a thread of this process, a scripted X in front, the embedded log behind.

What it must do is the matter of the tests.
"""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from resources.message_log import Message, SqliteMessageLog
from services.tweet_stream.backoff import Periods
from services.tweet_stream.buffer import Buffer
from services.tweet_stream.service import serve
from services.tweet_stream.settings import Settings
from services.tweet_stream.sources import Source, filtered
from tests.x_server import TOKEN, XServer, until

NORTHEAST = filtered(["northeast"], (), (), ("en",))
# Waits of thousandths of a second; silence only where a test wants it.
QUICK = Periods(
    steady_after_s=0.05,
    network_step_s=0.001,
    server_first_s=0.02,
    limit_first_s=0.02,
    linger_s=0.005,
    publish_again_most_s=0.05,
    stop_s=10,
)


@dataclass
class Running:
    """A service that runs in a thread of its own; `error` is what ended it."""

    home: Path
    said: list[logging.LogRecord] = field(default_factory=list)
    error: BaseException | None = None
    stop: Callable[[], None] = lambda: None

    def published(self) -> list[Message]:
        """What is in the topic, in the order of its one partition."""
        with SqliteMessageLog(self.home / "log.sqlite") as log:
            return log.read("tweets", 0, 0).messages if log.bounds("tweets") else []

    def values(self) -> list[bytes]:
        """Their bytes."""
        return [message.value or b"" for message in self.published()]

    def events(self, name: str) -> list[dict[str, object]]:
        """What the service told of its events of this name."""
        return [vars(record)["fields"] for record in list(self.said) if record.getMessage() == name]

    def get(self, path: str) -> httpx.Response:
        """An answer of the service's own HTTP."""
        until(lambda: self.events("started"), "the service to listen")
        return httpx.get(f"{self.events('started')[0]['url']}{path}")

    def metric(self, line: str) -> float:
        """The value of a metric, by its name and labels; 0 where it has none yet."""
        for found in self.get("/metrics").text.splitlines():
            if found.startswith(f"tweet_stream_{line} "):
                return float(found.rpartition(" ")[2])
        return 0.0


@dataclass
class Starter:
    """Starts services against one X, with one log."""

    x: XServer
    home: Path
    said: list[logging.LogRecord]

    @contextmanager
    def __call__(
        self, *sources: Source, periods: Periods = QUICK, buffer: Buffer | None = None, **settings: object
    ) -> Iterator[Running]:
        """Run until the block ends, then stop gracefully; raises nothing: an error is kept."""
        given = Settings(TOKEN, self.home, api_url=self.x.url, port=0)
        running = Running(self.home, self.said)
        started = threading.Event()

        async def serving() -> None:
            loop, stop = asyncio.get_running_loop(), asyncio.Event()
            running.stop = lambda: None if loop.is_closed() else _later(loop, stop)
            started.set()
            log = SqliteMessageLog(self.home / "log.sqlite", wait_s=0.02)
            await serve(replace(given, **settings), sources or (NORTHEAST,), log, stop, periods, buffer)  # type: ignore[arg-type]

        def run() -> None:
            try:
                asyncio.run(serving())
            except Exception as error:  # noqa: BLE001 - the test looks at it
                running.error = error

        thread = threading.Thread(target=run)
        thread.start()
        try:
            started.wait(30)
            yield running
        finally:
            running.stop()
            thread.join(30)


def _later(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    loop.call_soon_threadsafe(stop.set)


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Another writer holds the embedded log, so that nothing can be appended."""
    with SqliteMessageLog(home / "log.sqlite") as log:
        log.bounds("tweets")
    connection = sqlite3.connect(home / "log.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()
