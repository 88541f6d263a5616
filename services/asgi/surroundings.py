"""What every HTTP service offers besides its own operations: life, readiness, metrics, its document and its page.

Why a service is not ready is asked of the service.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from services.asgi.measures import Measures
from services.asgi.openapi import document
from services.asgi.operation import Operation, json_response
from services.asgi.page import page


class Readiness(msgspec.Struct):
    """Whether requests should be sent here, and why not."""

    ready: bool
    why: list[str]


Unready = Callable[[], Awaitable[list[str]]]


def surroundings(
    title: str,
    about: str,
    operations: Sequence[Operation],
    measures: Measures,
    unready: Unready,
    *,
    needs_key: bool,
) -> list[Operation]:
    """The operations themselves and what surrounds them. `unready` tells why the service is not ready."""

    async def alive(request: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def ready(request: Request) -> Response:
        why = await unready()
        return json_response(Readiness(not why, why), 503 if why else 200)

    async def measured(request: Request) -> Response:
        return Response(generate_latest(measures.registry), media_type=CONTENT_TYPE_LATEST)

    async def described(request: Request) -> Response:
        return Response(encoded, media_type="application/json")

    async def shown(request: Request) -> Response:
        policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return HTMLResponse(page(found, str(request.base_url).rstrip("/")), headers=policy)

    told = [
        *operations,
        Operation("GET", "/livez", alive, "Whether the process answers.", {200: "It does."}),
        Operation(
            "GET",
            "/readyz",
            ready,
            "Whether requests should be sent here.",
            {200: "They should.", 503: "They should not; `why` tells it."},
            Readiness,
        ),
        Operation("GET", "/metrics", measured, "Counts for Prometheus.", {200: "Its text format."}),
        Operation("GET", "/openapi.json", described, "This document.", {200: "OpenAPI 3.1."}, dict[str, Any]),
        Operation("GET", "/", shown, "A page for people.", {200: "HTML."}, media_type="text/html"),
        Operation("GET", "/docs", shown, "The same page.", {200: "HTML."}, media_type="text/html"),
    ]
    found = document(title, about, told, needs_key=needs_key)
    encoded = msgspec.json.encode(found)
    return told
