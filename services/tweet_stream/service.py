"""The service as a whole: readers, a buffer, one publisher and the service's own HTTP, from start to stop.

Only who depends on whom and in which order things end; each part has its own module.
"""

import asyncio
import logging
from collections.abc import Sequence

from resources.message_log import MessageLog
from resources.unavailable import Unavailable
from services.asgi import serving
from services.tweet_stream import web
from services.tweet_stream.backoff import Periods
from services.tweet_stream.buffer import Buffer
from services.tweet_stream.metrics import Metrics
from services.tweet_stream.publisher import Publisher
from services.tweet_stream.reader import Reader
from services.tweet_stream.settings import Settings
from services.tweet_stream.sources import Source
from services.tweet_stream.x_api import XApi

_log = logging.getLogger(__name__)


async def serve(
    settings: Settings,
    sources: Sequence[Source],
    message_log: MessageLog,
    stop: asyncio.Event,
    periods: Periods | None = None,
    buffer: Buffer | None = None,
) -> None:
    """Read the sources into the topic until `stop` is set; then publish what was read, and leave the log.

    Raises Unavailable when only a person can help, and when the log did not take the rest within
    `periods.stop_s`.
    """
    periods = periods or Periods()
    buffer = Buffer() if buffer is None else buffer
    metrics = Metrics(buffer, [source.name for source in sources])
    api = XApi(settings.api_url, settings.bearer_token, periods)
    publisher = Publisher(message_log, settings.topic, buffer, metrics, periods)
    readers = [
        Reader(source, api, buffer, metrics, periods, settings.line_limit, settings.backfill_minutes)
        for source in sources
    ]
    with serving.listening(settings.host, settings.port, "TWEET_STREAM") as socket:
        _log.info(
            "started",
            extra={"fields": {"url": serving.address(socket), "log": message_log.uri(settings.topic)}},
        )
        server = web.server(metrics)
        listening = asyncio.create_task(server.serve([socket]))
        try:
            await _run(readers, publisher, buffer, stop, periods)
        finally:
            server.should_exit = True
            await listening
            publisher.close()
            await api.close()


async def _run(
    readers: Sequence[Reader], publisher: Publisher, buffer: Buffer, stop: asyncio.Event, periods: Periods
) -> None:
    publishing = asyncio.create_task(publisher.run())
    reading = [asyncio.create_task(reader.run()) for reader in readers]
    stopping = asyncio.create_task(stop.wait())
    ended, _ = await asyncio.wait([stopping, publishing, *reading], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    for task in reading:
        task.cancel()
    await asyncio.gather(stopping, *reading, return_exceptions=True)
    await buffer.close()
    _log.info("stopping", extra={"fields": {"buffered": len(buffer)}})
    try:
        async with asyncio.timeout(periods.stop_s):
            await publishing
    except TimeoutError as error:
        raise Unavailable(
            f"{len(buffer)} messages were not acknowledged within {periods.stop_s:g} s of the stop: "
            "after a start with X_BACKFILL_MINUTES they come again."
        ) from error
    for task in reading:
        if task in ended:
            task.result()
