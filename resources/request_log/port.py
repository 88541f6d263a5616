"""The port itself: what an entry of the request log is, and what a log of them can do.

How MongoDB and SQLite keep it is in the adapters; how entries get there over HTTP is told in `services`.
"""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from resources.closable import Closable


class Entry(NamedTuple):
    """One call of an API. `delivery_id` tells entries apart: a client's `request_id` need not be unique.

    `value` is what was asked for, as text (`15,12,23` for a list); `at` is aware and in UTC.
    """

    delivery_id: str
    request_id: str
    api: str
    value: str
    at: datetime


class RequestLog(Closable):
    """Entries, each once however often it arrives. Threads may share an instance.

    Everything raises Unavailable, with one sentence and no secret, when the log cannot be used in time.
    """

    @abstractmethod
    def append(self, entries: Sequence[Entry]) -> int:
        """Add entries in bulk, durable when it returns; those whose delivery id is there stay. How many were new."""

    @abstractmethod
    def entries(self, after: str = "", limit: int = 10_000) -> list[Entry]:
        """Entries by delivery id, from behind `after`."""

    @abstractmethod
    def count(self) -> int:
        """How many there are."""

    @abstractmethod
    def check(self) -> None:
        """Ask the log for anything, quickly; raises Unavailable when it does not answer."""

    @abstractmethod
    def uri(self) -> str:
        """Where it lies, without credentials."""
