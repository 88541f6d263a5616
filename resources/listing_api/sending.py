"""Documents on their way over several connections at once: tried again, given up, and a receipt for each.

What a request looks like is in `forms`, when nothing is sent in `circuit`; threads and queues are in `http`.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from resources.answers import meaning, pause_s, said
from resources.connections import AwayError, Connections
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


class Sending:
    """One call of `post`; to be used in one event loop."""

    def __init__(self, form: Form, limits: Limits, tell: Callable[[list[Receipt]], None]) -> None:
        """`tell` takes receipts, some at once."""
        self._form = form
        self._limits = limits
        self._tell = tell
        self._circuit = Circuit(limits.failures, limits.probe_s, limits.outage_s)
        self._told: list[Receipt] = []
        self._last_why = ""

    async def run(self, connections: Connections, documents: Sequence[Document]) -> None:
        """Send them all; a receipt for each has been told when it returns."""
        left = self._form.bundles(documents)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._limits.at_once, len(documents))):
                    group.create_task(self._work(connections, left))
        finally:
            self._flush()

    async def _work(self, connections: Connections, left: Iterator[Sequence[Document]]) -> None:
        for bundle in left:
            self._add(await self._receipts(connections, bundle))

    async def _receipts(self, connections: Connections, bundle: Sequence[Document]) -> list[Receipt]:
        request = self._form.request(bundle)
        until, attempts, why = time.monotonic() + self._limits.patience_s, 0, ""
        while await self._circuit.passage():
            attempts, asked_s = attempts + 1, 0.0
            try:
                answer = await connections.post(request)
            except AwayError as error:
                why = str(error)
            else:
                means = meaning(answer.status)
                if means in ("taken", "refused"):
                    self._circuit.succeeded()
                    return self._form.receipts(answer, bundle, attempts)
                why, asked_s = said(answer.status), retry_after_s(answer.headers.get("retry-after", ""))
                if means == "astray":
                    until = 0.0
            self._last_why = why
            self._circuit.failed(asked_s)
            wait_s = pause_s(attempts, asked_s)
            if attempts == self._limits.attempts or time.monotonic() + wait_s > until:
                break
            await asyncio.sleep(wait_s)
        why = why or f"It was not sent, because the API is away: {self._last_why}"
        return [Receipt(document.content_hash, "failed", attempts, detail=why) for document in bundle]

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
