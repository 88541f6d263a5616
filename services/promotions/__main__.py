"""`python -m services.promotions`: one process of the service; `... key NAME` makes a key for a client."""

import sys

from services.asgi import command, serving
from services.promotions.service import Service
from services.promotions.settings import current

RIGHTS = "read,write,use,campaigns"


async def _until_signal() -> None:
    settings, stop = current(), serving.until_signal()
    await Service(settings, settings.promotion_store()).run(settings, stop)


if __name__ == "__main__":
    sys.exit(command.run("promotions", "The promotions of shoppers over HTTP.", RIGHTS, _until_signal))
