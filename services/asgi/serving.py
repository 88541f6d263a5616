"""Serves an ASGI application on a socket until it is told to stop, and then ends what it has accepted.

Which application, and what else ends with it, is told by each service.
"""

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp

from resources.unavailable import Unavailable
from services.asgi.protocol import OnePacket


class Server(uvicorn.Server):
    """Serves in the loop of the service, which handles signals itself."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """None."""
        yield


def server(app: ASGIApp, grace_s: int = 10) -> Server:
    """A server to be run on a socket; when it stops, requests that it has accepted have `grace_s` seconds."""
    config = uvicorn.Config(
        app,
        http=OnePacket,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=2_048,
        timeout_graceful_shutdown=grace_s,
    )
    return Server(config)


async def serve(app: ASGIApp, listener: socket.socket, stop: asyncio.Event, grace_s: int = 10) -> None:
    """Serve on a socket until `stop` is set and what was accepted is answered."""
    serving = server(app, grace_s)
    running = asyncio.create_task(serving.serve([listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    serving.should_exit = True
    await running


async def pause(stop: asyncio.Event, wait_s: float) -> None:
    """Wait so many seconds, or until `stop` is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await stop.wait()


def listening(host: str, port: int, prefix: str) -> socket.socket:
    """A socket that accepts; raises Unavailable, naming the settings by their prefix, when the port is taken."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise Unavailable(
            f"{prefix}_HOST {host!r} with {prefix}_PORT {port} cannot be listened on "
            f"({error.strerror or error}): choose another port, 0 for any."
        ) from error


def address(listener: socket.socket) -> str:
    """The URL of a socket that accepts."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(service: Coroutine[Any, Any, None]) -> None:
    """Run a service in an event loop of its own."""
    # The loop and its threads take turns; one that wants its turn waits this long for it, several times in each
    # transaction and question, and with it all requests that these are for.
    sys.setswitchinterval(0.0002)
    # Requests leave no cycles behind; what was imported is never looked through again.
    gc.freeze()
    gc.set_threshold(50_000)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(service)


def until_signal() -> asyncio.Event:
    """What SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
