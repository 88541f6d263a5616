"""`python -m services.tweet_stream --quadrant northeast`, or `--compliance`: one process of the tweet stream."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence

from dotenv import load_dotenv

from platform_assets.geo.quadrants import QUADRANTS
from resources.unavailable import Unavailable
from services.asgi import journal
from services.tweet_stream import sources
from services.tweet_stream.service import serve
from services.tweet_stream.settings import Settings, current
from services.tweet_stream.sources import Source

_log = logging.getLogger("services.tweet_stream")


def main() -> int:
    """Run until SIGTERM or SIGINT, then 0; 1 and a sentence when only a person can help."""
    chosen = _chosen()
    name = "compliance" if chosen.compliance else "+".join(chosen.quadrant)
    load_dotenv(".env")
    journal.begin(quadrant=name)
    try:
        settings = current()
        asyncio.run(_until_signal(settings, _sources(chosen, settings)))
    except Unavailable as error:
        _log.error("failed", extra={"fields": {"error": str(error)}})
        return 1
    _log.info("stopped")
    return 0


def _chosen() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m services.tweet_stream",
        description="Reads X's filtered stream of a quadrant, or its compliance streams, into the topic of tweets.",
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--quadrant",
        action="append",
        choices=(*QUADRANTS, "all"),
        help="a quadrant; may be given several times, for an app that is allowed one connection",
    )
    which.add_argument("--compliance", action="store_true", help="deletions and other events of compliance")
    return parser.parse_args()


def _sources(chosen: argparse.Namespace, settings: Settings) -> Sequence[Source]:
    if chosen.compliance:
        return sources.compliance()
    quadrants = QUADRANTS if "all" in chosen.quadrant else list(dict.fromkeys(chosen.quadrant))
    return [sources.filtered(quadrants, settings.words, settings.anywhere, settings.languages)]


async def _until_signal(settings: Settings, chosen: Sequence[Source]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(settings, chosen, settings.message_log(), stop)


if __name__ == "__main__":
    sys.exit(main())
