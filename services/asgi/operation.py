"""What a service offers at a path: how it is called, what it answers, who may call it, and the code that does it.

Routes and the OpenAPI document are both made from these, so that neither can say what the other does not.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import Response

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Parameter:
    """One value of the query, of a header or of the path; `kind` is a type as msgspec understands it."""

    name: str
    place: Literal["query", "header", "path"]
    kind: Any
    about: str


@dataclass(frozen=True)
class Operation:
    """One method at one path.

    `answers` are the statuses of success and what they mean, all of type `answer`, as `media_type`: JSON, or plain text
    where the type is text, unless it is told. `problems` are those beyond what each operation with a body or with keys
    has. A caller needs `right`; without one, everybody may call it.
    """

    method: Literal["GET", "POST"]
    path: str
    run: Handler
    summary: str
    answers: Mapping[int, str]
    answer: Any = str
    body: Any = None
    example: str = ""
    problems: tuple[int, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    right: str = ""
    is_any_media_type: bool = False
    """Whether the body is read whatever its Content-Type says."""
    media_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of the answer, and what they tell."""


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value that msgspec can encode."""
    return Response(msgspec.json.encode(value), status, headers, "application/json")
