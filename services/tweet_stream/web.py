"""The service's own HTTP: `/metrics` for Prometheus, `/livez` and `/readyz` for who runs it.

Nothing here changes anything; what is counted and what ready means is in `metrics`.
"""

import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from resources.unavailable import Unavailable
from services.tweet_stream.metrics import Metrics


class Server(uvicorn.Server):
    """Serves in the loop of the service, which handles signals itself."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """None."""
        yield


def server(metrics: Metrics) -> Server:
    """The server, to be run on a socket."""
    config = uvicorn.Config(
        _app(metrics), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    return Server(config)


def listening(host: str, port: int) -> socket.socket:
    """A socket that accepts; raises Unavailable when the port is taken."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise Unavailable(
            f"TWEET_STREAM_HOST {host!r} with TWEET_STREAM_PORT {port} cannot be listened on "
            f"({error.strerror or error}): choose another port, 0 for any."
        ) from error


def _app(metrics: Metrics) -> Starlette:
    def measured(request: Request) -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    def alive(request: Request) -> Response:
        return PlainTextResponse("alive\n")

    def ready(request: Request) -> Response:
        why = metrics.unready()
        return JSONResponse({"ready": not why, "why": why}, 503 if why else 200)

    return Starlette(
        routes=[Route("/metrics", measured), Route("/livez", alive), Route("/readyz", ready)],
    )
