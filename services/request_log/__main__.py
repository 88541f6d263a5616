"""`python -m services.request_log`: one process of the service; `... key NAME` makes a key for a client."""

import sys

from services.asgi import command, serving
from services.request_log.service import Service
from services.request_log.settings import current

RIGHTS = "log,deliver"


async def _until_signal() -> None:
    settings, stop = current(), serving.until_signal()
    await Service(settings, settings.request_log()).run(settings, stop)


if __name__ == "__main__":
    sys.exit(command.run("request_log", "The log of requests over HTTP.", RIGHTS, _until_signal))
