"""Documents on their way over several connections at once: tried again, given up, and a receipt for each.

What a request looks like is in `forms`, when nothing is sent in `circuit`; threads and queues are in `http`.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from resources.answers import meaning, pause_s, said
from resources.listing_api.circuit import Circuit
from resources.listing_api.connection import Answer, BrokenError, Connection, Target
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


class _AwayError(Exception):
    """No answer came, for this reason."""


class Sending:
    """One call of `post`; to be used in one event loop."""

    def __init__(
        self, form: Form, target: Target, limits: Limits, tell: Callable[[list[Receipt]], None]
    ) -> None:
        """`tell` takes receipts, some at once."""
        self._form = form
        self._target = target
        self._limits = limits
        self._tell = tell
        self._circuit = Circuit(limits.failures, limits.probe_s, limits.outage_s)
        self._told: list[Receipt] = []
        self._last_why = ""

    async def run(self, documents: Sequence[Document]) -> None:
        """Send them all; a receipt for each has been told when it returns."""
        left = self._form.bundles(documents)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._limits.at_once, len(documents))):
                    group.create_task(self._work(left))
        finally:
            self._flush()

    async def _work(self, left: Iterator[Sequence[Document]]) -> None:
        line = _Line(self._target, self._limits.timeout_s)
        try:
            for bundle in left:
                self._add(await self._receipts(line, bundle))
        finally:
            line.close()

    async def _receipts(self, line: "_Line", bundle: Sequence[Document]) -> list[Receipt]:
        request = self._form.request(self._target, bundle)
        until, attempts, why = time.monotonic() + self._limits.patience_s, 0, ""
        while await self._circuit.passage():
            attempts, asked_s = attempts + 1, 0.0
            try:
                answer = await line.ask(request)
            except _AwayError as error:
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


class _Line:
    """A connection that is opened again when it has ended."""

    def __init__(self, target: Target, timeout_s: float) -> None:
        self._target = target
        self._timeout_s = timeout_s
        self._connection: Connection | None = None

    async def ask(self, request: bytes) -> Answer:
        try:
            async with asyncio.timeout(self._timeout_s):
                if self._connection is None or not self._connection.is_open:
                    self._connection = await Connection.to(self._target)
                return await self._connection.ask(request)
        except TimeoutError:
            # What comes later would be taken for the answer to the next request.
            self.close()
            raise _AwayError(f"The receiver did not answer within {self._timeout_s:g} s.") from None
        except (OSError, BrokenError) as error:
            self.close()
            raise _AwayError(f"The connection to the receiver broke ({type(error).__name__}).") from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
