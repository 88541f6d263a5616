"""Reads Idempotency-Key, by which a client says that it may have sent a request before.

What is done once for a key is told by each operation.
"""

import hashlib
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request

from services.asgi.body import header
from services.asgi.operation import Parameter
from services.asgi.problem import Problem

_NAME: Final = "Idempotency-Key"


def parameter(about: str) -> Parameter:
    """As an operation tells it: what a key is for."""
    return Parameter(
        _NAME, "header", Annotated[str, Meta(min_length=1, max_length=200, pattern="^[!-~]+$")], about
    )


def digest(request: Request, *of: str) -> str:
    """The same for the same client, `of` and key; empty without a key. Raises Problem 400 for what is no key."""
    key = header(request, b"idempotency-key")
    if key is None:
        return ""
    if not 1 <= len(key) <= 200 or not key.isascii() or not key.isprintable() or " " in key:
        raise Problem(400, f"{_NAME} is 1 to 200 ASCII characters without a blank.", _NAME)
    return hashlib.sha256(msgspec.json.encode((request.scope["client_name"], *of, key))).hexdigest()
