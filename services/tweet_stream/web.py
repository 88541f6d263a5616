"""The service's own HTTP: `/metrics` for Prometheus, `/livez` and `/readyz` for who runs it.

Nothing here changes anything; what is counted and what ready means is in `metrics`.
"""

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from services.asgi.serving import Server
from services.tweet_stream.metrics import Metrics


def server(metrics: Metrics) -> Server:
    """The server, to be run on a socket."""
    config = uvicorn.Config(
        _app(metrics), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    return Server(config)


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
