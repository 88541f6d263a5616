"""The operations of the request log: read what came, keep it, say so.

What goes in is described in `messages`; how entries are kept is told in the port.
"""

import asyncio
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from resources.request_log import Entry, RequestLog
from services.asgi import idempotency
from services.asgi.batches import Batches
from services.asgi.body import Body
from services.asgi.operation import Operation, json_response
from services.asgi.problem import Problem
from services.request_log.messages import BATCH_BYTES, Deliveries, Delivery, Logged, LogRequest, text

_ENTRY = '{"requestId": "test", "api": "/getPromotions", "value": [15, 12, 23]}'
_BATCH = (
    '[{"deliveryId": "0195-1", "requestId": "test", "api": "/getPromotions", "value": "15,12,23",'
    ' "at": "2026-11-21T12:00:00Z"}]'
)
_KEY = idempotency.parameter(
    "The same key with the same entry is one entry; it is the client's own, and counts for one API."
)


class RequestLogApi:
    """Entries of one log. What arrives at the same time is appended together."""

    def __init__(self, log: RequestLog, threads: Executor) -> None:
        """The log is used in one of `threads`."""
        self._log = log
        self._threads = threads
        self._entry, self._deliveries = Body(LogRequest), Body(list[Delivery], BATCH_BYTES, Deliveries)
        self._batches: Batches[Entry, None] = Batches(self._append, threads)

    async def log(self, request: Request) -> Response:
        """One entry, as the original takes it."""
        given = await self._entry.read(request)
        digest = idempotency.digest(request, given.api)
        # The last character is nobody else's, so that the id is the first one behind the others.
        delivery_id = f"key-{digest}-" if digest else _new_id()
        entry = Entry(delivery_id, given.request_id, given.api, text(given.value), datetime.now(UTC))
        await self._batches.add(entry)
        if digest:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._require_same, entry)
        return PlainTextResponse("success")

    async def deliver(self, request: Request) -> Response:
        """Many entries, with the ids of who delivers them."""
        given = await self._deliveries.read(request)
        entries = [_delivered(number, each) for number, each in enumerate(given)]
        new = (
            await asyncio.get_running_loop().run_in_executor(self._threads, self._log.append, entries)
            if entries
            else 0
        )
        return json_response(Logged(len(entries), new))

    def operations(self) -> list[Operation]:
        """What the service offers."""
        return [
            Operation(
                "POST",
                "/logging",
                self.log,
                "Log one call of an API.",
                {200: "It is in the log: `success`."},
                body=LogRequest,
                example=_ENTRY,
                problems=(422,),
                parameters=(_KEY,),
                right="log",
            ),
            Operation(
                "POST",
                "/logging/batch",
                self.deliver,
                "Log calls that an outbox delivers, each once by its delivery id however often it comes.",
                {200: "All of them are in the log."},
                Logged,
                Deliveries,
                _BATCH,
                right="deliver",
            ),
        ]

    def _append(self, entries: Sequence[Entry]) -> list[None]:
        self._log.append(entries)
        return [None] * len(entries)

    def _require_same(self, entry: Entry) -> None:
        """Compared with what the log has, whichever of two requests at once came first."""
        (kept,) = self._log.entries(after=entry.delivery_id[:-1], limit=1)
        if kept[:4] != entry[:4]:
            raise Problem(
                422, "This Idempotency-Key came with another entry before; give a new one.", "Idempotency-Key"
            )


def _delivered(number: int, given: Delivery) -> Entry:
    """The entry of a delivery by its number in the batch. A time of the calendar may lie beyond it in UTC."""
    try:
        at = given.at.astimezone(UTC)
    except OverflowError:
        field = f"[{number}].at"
        raise Problem(
            400,
            f"{field}: {given.at.isoformat()} is beyond the calendar; allowed are the years 1 to 9999 in UTC.",
            field,
        ) from None
    return Entry(given.delivery_id, given.request_id, given.api, given.value, at)


def _new_id() -> str:
    """In the order of time, so that the log grows at its end."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"
