"""`python -m services.promotions`: one process of the service; `... key NAME` makes a key for a client."""

import argparse
import logging
import sys

from dotenv import load_dotenv

from resources.unavailable import Unavailable
from services.asgi import journal, key_command, serving
from services.promotions.service import Service
from services.promotions.settings import current

RIGHTS = "read,write,use,campaigns"
_log = logging.getLogger("services.promotions")


def main() -> int:
    """Run until SIGTERM or SIGINT, then 0; 1 and a sentence when only a person can help."""
    parser = argparse.ArgumentParser(
        prog="python -m services.promotions", description="The promotions of shoppers over HTTP."
    )
    key_command.add(parser, RIGHTS)
    chosen = parser.parse_args()
    load_dotenv(".env")
    journal.begin(service="promotions")
    try:
        if chosen.command == "key":
            return key_command.write_key(chosen)
        serving.run(_until_signal())
    except Unavailable as error:
        _log.error("failed", extra={"fields": {"error": str(error)}})
        return 1
    _log.info("stopped")
    return 0


async def _until_signal() -> None:
    settings, stop = current(), serving.until_signal()
    await Service(settings, settings.promotion_store()).run(settings, stop)


if __name__ == "__main__":
    sys.exit(main())
