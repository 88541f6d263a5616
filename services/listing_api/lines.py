"""Reads a body of many documents: a JSON array or a document a line, cut into texts but not looked into.

What a document is, and what becomes of one that is none, is told in `messages` and `api`.
"""

from typing import Final

import msgspec
from starlette.requests import Request

from services.asgi.body import Body
from services.asgi.problem import Problem
from services.listing_api.messages import BATCH

_LINES: Final = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})


class Lines:
    """Bodies of at most `limit` bytes and 1,000 documents."""

    def __init__(self, limit: int) -> None:
        self._array = Body(list[msgspec.Raw], limit)

    async def read(self, request: Request) -> list[bytes]:
        """The text of each document; raises Problem 400, 408, 413 or 415. Empty lines are none."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type in _LINES:
            body = await self._array.received(request)
            texts = [line for line in body.split(b"\n") if line.strip()]
        else:
            texts = [bytes(each) for each in await self._array.read(request)]
        if len(texts) > BATCH:
            raise Problem(400, f"The body has {len(texts):,} documents; allowed are {BATCH:,}.", "body")
        return texts
