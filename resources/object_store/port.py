"""The port itself: what an object is, and what a store can do.

How a folder and S3 do it is in the adapters.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO


class ObjectGone(Exception):  # noqa: N818 - it names what happened, as the sentence it carries does
    """The object was deleted after it was listed."""


class ObjectChanged(Exception):  # noqa: N818 - it names what happened, as the sentence it carries does
    """The object was overwritten after it was listed; the next listing shows its new version."""


class ObjectDenied(Exception):  # noqa: N818 - it names what happened, as the sentence it carries does
    """The object is there, but the store does not let us read it; of the others nothing is said."""


@dataclass(frozen=True)
class StoredObject:
    """One version of one object: `version` is its ETag without quotes, `modified_at` is aware and in UTC."""

    key: str
    version: str
    size_bytes: int
    modified_at: datetime


class ObjectStore(ABC):
    """Objects under keys such as `geo/incoming/ct.csv.gz`.

    A key is relative, with `/` between its parts; an empty part, `.` or `..` is a ValueError everywhere.
    Everything raises Unavailable when the store itself cannot be used.
    """

    @abstractmethod
    def list(self, prefix: str, after: str = "", limit: int = 1000) -> list[StoredObject]:
        """At most `limit` objects below the folder `prefix` whose keys sort after `after`, ascending.

        Keys are ordered by their UTF-8 bytes. `prefix` ends at a `/`, written or not: `geo/in` does not hold
        `geo/incoming/x`. An empty prefix holds everything, one that does not exist holds nothing.
        """

    def all(self, prefix: str) -> Iterator[StoredObject]:
        """Every object below a folder, ascending, a page at a time; for runs, a sensor asks for pages."""
        after = ""
        while page := self.list(prefix, after=after):
            yield from page
            after = page[-1].key

    @abstractmethod
    def head(self, key: str) -> StoredObject | None:
        """The object's present version, or None."""

    @abstractmethod
    def open(self, stored: StoredObject) -> AbstractContextManager[BinaryIO]:
        """Read exactly this version: seekable, fetched in ranges as it is read, so in bounded memory.

        Raises ObjectGone or ObjectChanged, here or in a later read, once that version is no longer there, and
        ObjectDenied for one that may not be read.
        """

    @abstractmethod
    def put(self, key: str, data: bytes | Path) -> StoredObject:
        """Write bytes or a local file; readers see the old object or the whole new one, never a part."""

    @abstractmethod
    def create(self, key: str, data: bytes) -> bool:
        """Write an object that is not there yet; False, and nothing changed, when there is one."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no error."""

    @abstractmethod
    def delete_unchanged(self, stored: StoredObject) -> bool:
        """Remove an object whose present version is this one; False, and nothing changed, when it is another or gone.

        S3 compares and deletes in one step, where the server knows how. A folder, and other servers, are asked for the
        version right before: what somebody writes between the two is deleted unseen.
        """

    @abstractmethod
    def uri(self, key: str = "") -> str:
        """`file:///...` or `s3://bucket/key`."""
