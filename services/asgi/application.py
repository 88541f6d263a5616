"""An ASGI application made of operations: routing, keys, request ids, counts, and every error as a problem.

What the operations do is told by each service; the order of the layers is told here.
"""

import itertools
import logging
import re
import secrets
import time
from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resources.unavailable import Unavailable
from services.asgi.access import Keys
from services.asgi.measures import Measures
from services.asgi.operation import Operation
from services.asgi.problem import Problem, later

_SANE: Final = re.compile(rb"[\w.:/+=@-]{1,128}")
_log = logging.getLogger(__name__)


def application(
    operations: Sequence[Operation], measures: Measures, keys: Keys, most_at_once: int = 2_000
) -> ASGIApp:
    """All operations behind one door; what comes while `most_at_once` are being answered is told to come later."""
    paths = dict.fromkeys(op.path for op in operations)
    by_path = {path: [op for op in operations if op.path == path] for path in paths}
    routes = [
        Route(path, _Endpoint(at, keys), methods=[op.method for op in at]) for path, at in by_path.items()
    ]
    return _Told(_Guarded(_Routed(routes), most_at_once), measures)


class _Routed:
    """A path without parts that vary is looked up; a router, which tries one route after the other, has the rest."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._router = Router(routes=routes, redirect_slashes=False)
        self._fixed = {
            (method, route.path): route
            for route in routes
            if "{" not in route.path
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._fixed.get((scope["method"], scope["path"]))
        if route is None or scope["root_path"]:
            await self._router(scope, receive, send)
            return
        scope["route"], scope["path_params"] = route, {}
        await route.app(scope, receive, send)


class _Endpoint:
    """The operations of one path by method, for those who may."""

    def __init__(self, operations: Sequence[Operation], keys: Keys) -> None:
        self._operations: dict[str, Operation] = {op.method: op for op in operations}
        if "GET" in self._operations:
            self._operations["HEAD"] = self._operations["GET"]
        self._keys = keys if keys.are_needed else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        operation = self._operations[scope["method"]]
        scope["client_name"] = self._keys.admit(request.headers, operation.right) if self._keys else ""
        response = await operation.run(request)
        await response(scope, receive, send)


class _Told:
    """Gives each request an id, the caller's own where it is sane, sends it back, and counts the answer.

    One layer for both: each one that an answer passes costs as much as what it does there.
    """

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app = app
        self._measures = measures
        self._prefix = secrets.token_hex(6)
        self._count = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        began, status = time.perf_counter(), 0
        scope["request_id"] = request_id = self._id(scope)

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        await self._app(scope, receive, told)
        route = scope.get("route")
        is_known = route is not None and status != 405
        self._measures.answered(
            scope["method"] if is_known else "",
            route.path if route is not None and is_known else "unknown",
            status,
            time.perf_counter() - began,
        )

    def _id(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _SANE.fullmatch(value):
                return str(value.decode())
        return f"{self._prefix}-{next(self._count)}"


class _Guarded:
    """Turns all that went wrong into a problem, and tells it in the journal."""

    def __init__(self, app: ASGIApp, most_at_once: int) -> None:
        self._app = app
        self._free = most_at_once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The router raises, instead of answering in plain text, when it is part of an application.
        scope["app"] = self
        self._free -= 1
        try:
            if self._free < 0:
                raise later("Too many requests are waiting; try again.")
            await self._app(scope, receive, send)
        except ClientDisconnect:
            return
        except Problem as problem:
            await _refused(problem, scope, receive, send)
        except HTTPException as error:
            await _refused(_unrouted(error, scope), scope, receive, send)
        except Unavailable as error:
            told = later("Something that this service needs cannot be used now; try again.")
            await _refused(told, scope, receive, send, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer and the journal the cause
            _log.error("broken", extra={"fields": _about(scope)}, exc_info=error)
            told = Problem(500, "The service made an error; its journal tells which, by the request id.")
            await told.response()(scope, receive, send)
        finally:
            self._free += 1


async def _refused(problem: Problem, scope: Scope, receive: Receive, send: Send, why: str = "") -> None:
    """What a caller did wrong is told in a line of its own too; `why` is for the journal only."""
    level = logging.WARNING if problem.status >= 500 else logging.INFO
    fields = {**_about(scope), "status": problem.status, "detail": why or problem.detail}
    _log.log(level, "refused", extra={"fields": fields})
    await problem.response()(scope, receive, send)


def _unrouted(error: HTTPException, scope: Scope) -> Problem:
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return Problem(405, f"{scope['method']} is not possible here; {allowed} is.", headers=error.headers)
    return Problem(error.status_code, "There is nothing at this path; GET / tells what there is.")


def _about(scope: Scope) -> dict[str, str]:
    route = scope.get("route")
    return {
        "request_id": scope["request_id"],
        "client": scope.get("client_name", ""),
        "method": scope["method"],
        "route": route.path if route is not None else "unknown",
    }
