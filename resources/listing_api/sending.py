"""Documents on their way over several connections at once: tried again, given up, and a receipt for each.

What a request looks like is in `forms`, when nothing is sent in `circuit`; threads and queues are in `http`.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from resources.answers import meaning, pause_s, said
from resources.connections import AwayError, Connections, Request
from resources.listing_api.circuit import Circuit
from resources.listing_api.forms import Form
from resources.listing_api.port import Document, Receipt
from resources.retry_after import retry_after_s

_TOLD_AT_ONCE = 256
_TOLD_WITHIN_S = 0.02


@dataclass(frozen=True)
class Limits:
    """How much is done at once, and how long anything is waited for."""

    at_once: int = 32
    timeout_s: float = 10.0
    patience_s: float = 20.0
    """Spent on one document that fails, whose next try would end later."""
    attempts: int = 6
    failures: int = 16
    """In a row: then there are only probes."""
    probe_s: float = 0.25
    outage_s: float = 15.0
    """Of probes in vain, after which all that is left has failed."""


@dataclass(order=True)
class _Try:
    """Some documents of one request: not sent before `due`, and not again behind `until`."""

    due: float
    bundle: Sequence[Document] = field(compare=False)
    request: Request = field(compare=False)
    until: float = field(compare=False)
    attempts: int = field(default=0, compare=False)
    why: str = field(default="", compare=False)


class Sending:
    """One call of `post`; to be used in one event loop."""

    def __init__(self, form: Form, limits: Limits, tell: Callable[[list[Receipt]], None]) -> None:
        """`tell` takes receipts, some at once."""
        self._form = form
        self._limits = limits
        self._tell = tell
        self._circuit = Circuit(limits.failures, limits.probe_s, limits.outage_s)
        self._again: list[_Try] = []
        self._told: list[Receipt] = []
        self._last_why = ""

    async def run(self, connections: Connections, documents: Sequence[Document]) -> None:
        """Send them all; a receipt for each has been told when it returns."""
        left = self._form.bundles(documents)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._limits.at_once, len(documents))):
                    group.create_task(self._work(connections, left))
            for one in self._again:
                self._give_up(one)
            for bundle in left:
                why = f"It was not sent, because the API is away: {self._last_why}"
                self._add([_failed(document, 0, why) for document in bundle])
        finally:
            self._flush()

    async def _work(self, connections: Connections, left: Iterator[Sequence[Document]]) -> None:
        """What has failed waits for its next try beside the others, and keeps nobody from their first."""
        while await self._circuit.passage():
            one = self._next(left)
            if one is None:
                self._circuit.not_used()
                return
            wait_s = one.due - time.monotonic()
            if wait_s > 0 and not self._circuit.is_open:
                await asyncio.sleep(wait_s)
                # It may be open by now.
                heappush(self._again, one)
            else:
                await self._send(connections, one)

    def _next(self, left: Iterator[Sequence[Document]]) -> _Try | None:
        """What is to be sent next. A probe is a new one if there is one, for the fault may be in what failed."""
        is_due = self._again and self._again[0].due <= time.monotonic()
        bundle = None if is_due and not self._circuit.is_open else next(left, None)
        if bundle is not None:
            now = time.monotonic()
            return _Try(now, bundle, self._form.request(bundle), now + self._limits.patience_s)
        return heappop(self._again) if self._again else None

    async def _send(self, connections: Connections, one: _Try) -> None:
        one.attempts += 1
        asked_s = 0.0
        try:
            answer = await connections.post(one.request)
        except AwayError as error:
            one.why = str(error)
        else:
            means = meaning(answer.status)
            if means in ("taken", "refused"):
                self._circuit.succeeded()
                self._add(self._form.receipts(answer, one.bundle, one.attempts))
                return
            one.why, asked_s = said(answer.status), retry_after_s(answer.headers.get("retry-after", ""))
            if means == "astray":
                one.until = 0.0
        self._last_why = one.why
        self._circuit.failed(asked_s)
        one.due = time.monotonic() + pause_s(one.attempts, asked_s)
        if one.attempts == self._limits.attempts or one.due > one.until:
            self._give_up(one)
        else:
            heappush(self._again, one)

    def _give_up(self, one: _Try) -> None:
        self._add([_failed(document, one.attempts, one.why) for document in one.bundle])

    def _add(self, receipts: list[Receipt]) -> None:
        """Told some at once: a receipt alone would cost the other thread as much as the request."""
        if not self._told:
            asyncio.get_running_loop().call_later(_TOLD_WITHIN_S, self._flush)
        self._told += receipts
        if len(self._told) >= _TOLD_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        if self._told:
            self._tell(self._told)
            self._told = []


def _failed(document: Document, attempts: int, why: str) -> Receipt:
    return Receipt(document.content_hash, "failed", attempts, detail=why)
