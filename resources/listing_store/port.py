"""The port itself: what a stored document is, and what a store of them can do.

How MongoDB and SQLite keep it is in the adapters; how documents get there over HTTP is told in `services`.
"""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from resources.closable import Closable


class Stored(NamedTuple):
    """One document: `content_hash` is the SHA-256 of its canonical form, hexadecimal, and names it for ever.

    `document` is its JSON as text; `at` is when it first arrived, aware and in UTC.
    """

    content_hash: str
    document: str
    at: datetime


class ListingStore(Closable):
    """Documents, each once however often it arrives. Threads may share an instance, and processes a store.

    Everything raises Unavailable, with one sentence and no secret, when the store cannot be used in time.
    """

    @abstractmethod
    def add(self, documents: Sequence[Stored]) -> list[bool]:
        """Add documents in bulk, durable when it returns; those that are there stay. Whether each was new.

        Of equal ones in one call only the first is new.
        """

    @abstractmethod
    def documents(self, after: str = "", limit: int = 1_000) -> list[Stored]:
        """Documents by content hash, from behind `after`."""

    @abstractmethod
    def count(self) -> int:
        """How many there are."""

    @abstractmethod
    def check(self) -> None:
        """Ask the store for anything, quickly; raises Unavailable when it does not answer."""

    @abstractmethod
    def uri(self) -> str:
        """Where it lies, without credentials."""
