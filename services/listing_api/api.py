"""The operations of the listing API: read what came, keep it, say so; and show what is kept.

What goes in and out is described in `messages`; how documents are kept is told in the port.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from resources.listing_store import ListingStore, Stored
from services.asgi import pages
from services.asgi.batches import Batches
from services.asgi.body import Body
from services.asgi.measures import Measures
from services.asgi.operation import Operation, Parameter, json_response
from services.asgi.problem import Problem
from services.listing_api.lines import Lines
from services.listing_api.messages import (
    BATCH_BYTES,
    HASH,
    Answer,
    Count,
    Document,
    Documents,
    Kept,
    State,
    Taken,
    kept,
    stored,
)

_DOCUMENT = (
    '{"mod":"-rw-r--r--","no":"1","user":"root","group":"root","usrno":"4096","date":"Nov 21 10:05",'
    '"file":"/etc/motd"}'
)
_PAGE: Final = 1_000
_AFTER: Final = Parameter(
    "after",
    "query",
    Annotated[str, Meta(pattern=HASH)],
    "Where the page before ended, as its Link says it.",
)
_STATE = {"X-Document": "`new`, or `known` when it was kept before."}


class ListingApi:
    """Documents of one store. What arrives at the same time is kept together."""

    def __init__(self, store: ListingStore, threads: Executor, container: str, measures: Measures) -> None:
        """The store is used in one of `threads`; `container` is what answers call this process."""
        self._store = store
        self._threads = threads
        self._answer = msgspec.json.encode(Answer("ok", container))
        self._body, self._lines = Body(dict[str, str]), Lines(BATCH_BYTES)
        self._batches: Batches[Stored, bool] = Batches(store.add, threads)
        counter = measures.counter("documents", "Documents by what became of them.", "state")
        states: tuple[State, ...] = ("new", "known", "refused")
        self._count = {state: counter.labels(state).inc for state in states}

    async def post(self, request: Request) -> Response:
        """One document, as the original takes it: curl calls it a form."""
        document = stored(await self._body.received(request), datetime.now(UTC))
        state: State = "new" if await self._batches.add(document) else "known"
        self._count[state]()
        return Response(self._answer, 200, {"X-Document": state}, "application/json")

    async def post_many(self, request: Request) -> Response:
        """Many documents, each taken or refused for itself."""
        texts = await self._lines.read(request)
        taken = await asyncio.get_running_loop().run_in_executor(self._threads, self._taken, texts)
        for each in taken:
            self._count[each.state]()
        return json_response(taken)

    async def page(self, request: Request) -> Response:
        """Documents by content hash."""
        after, limit = request.query_params.get("after", ""), pages.limit_of(request, _PAGE)
        if "after" in request.query_params and not re.fullmatch(HASH, after, re.ASCII):
            raise Problem(400, "after is no place that a Link of this service has named.", "after")
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._store.documents, after, limit
        )
        more = pages.link(request, found[-1].content_hash, limit) if len(found) == limit else None
        return Response(b"[" + b",".join(map(kept, found)) + b"]", 200, more, "application/json")

    async def count(self, request: Request) -> Response:
        """How many."""
        count = await asyncio.get_running_loop().run_in_executor(self._threads, self._store.count)
        return json_response(Count(count))

    def operations(self) -> list[Operation]:
        """What the service offers."""
        return [
            Operation(
                "POST",
                "/",
                self.post,
                "Keep one document, whatever its Content-Type says. The same content again is the same document.",
                {200: "It is kept."},
                Answer,
                Document,
                _DOCUMENT,
                right="post",
                is_any_media_type=True,
                headers=_STATE,
            ),
            Operation(
                "POST",
                "/documents",
                self.post_many,
                "Keep up to 1,000 documents: a JSON array, or a line each as application/x-ndjson.",
                {200: "What became of each, in their order."},
                list[Taken],
                Documents,
                f"[{_DOCUMENT}]",
                right="post",
            ),
            Operation(
                "GET",
                "/documents",
                self.page,
                "The documents by their hash.",
                {200: "All of them, or a page."},
                list[Kept],
                parameters=(pages.limit_parameter("Documents", _PAGE), _AFTER),
                problems=(400,),
                right="read",
                headers={"Link": "The next page, when there may be one."},
            ),
            Operation(
                "GET",
                "/documents/count",
                self.count,
                "How many documents are kept.",
                {200: "The number."},
                Count,
                right="read",
            ),
        ]

    def _taken(self, texts: Sequence[bytes]) -> list[Taken]:
        at = datetime.now(UTC)
        found: list[Stored | Problem] = []
        for text in texts:
            try:
                found.append(stored(text, at))
            except Problem as problem:
                found.append(problem)
        told = iter(self._store.add([each for each in found if isinstance(each, Stored)]))
        return [_taken(each, told) for each in found]


def _taken(each: Stored | Problem, told: Iterator[bool]) -> Taken:
    if isinstance(each, Problem):
        return Taken("", "refused", each.detail)
    return Taken(each.content_hash, "new" if next(told) else "known")
