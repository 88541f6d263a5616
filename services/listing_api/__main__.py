"""`python -m services.listing_api`: one process of the service; `... key NAME` makes a key for a client."""

import sys

from services.asgi import command, serving
from services.listing_api.service import Service
from services.listing_api.settings import current

RIGHTS = "post,read"


async def _until_signal() -> None:
    settings, stop = current(), serving.until_signal()
    await Service(settings, settings.listing_store()).run(settings, stop)


if __name__ == "__main__":
    sys.exit(command.run("listing_api", "Listings over HTTP, each once.", RIGHTS, _until_signal))
