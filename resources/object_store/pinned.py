"""What both adapters share: obstore's calls, with ranges pinned to one version.

Where they differ (how to list, what to tell the user) is in `folder` and `s3`.
"""

import builtins
import io
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

from resources.object_store.port import ObjectChanged, ObjectGone, ObjectStore, StoredObject
from resources.unavailable import Unavailable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from obstore import GetOptions, ObjectMeta
    from obstore.store import ObjectStore as Client

RANGE_BYTES = 8 * 1024 * 1024
"""What one request fetches: large enough for throughput, small enough for its time-out and for memory."""


class PinnedObjectStore(ObjectStore):
    """Everything but listing, over any obstore client."""

    @property
    @abstractmethod
    def _client(self) -> "Client":
        """The obstore client, made at first use; raises Unavailable."""

    @abstractmethod
    def _unavailable(self, error: Exception) -> Unavailable:
        """The sentence for an error of the store itself."""

    def head(self, key: str) -> StoredObject | None:
        """One request for the object's metadata."""
        try:
            with self._asking():
                return self._present(confined(key))
        except FileNotFoundError:
            return None

    def open(self, stored: StoredObject) -> BinaryIO:
        """Fetch the first range at once, so that a version that is gone is known here."""
        reader = _RangeReader(lambda start, end: self._fetched(stored, start, end), stored.size_bytes)
        return io.BufferedReader(reader, buffer_size=256 * 1024)

    def put(self, key: str, data: bytes | Path) -> StoredObject:
        """One request, or a multipart upload for a large file; the store shows it when it is complete."""
        if isinstance(data, Path) and not data.is_file():
            raise FileNotFoundError(data)
        try:
            with self._asking():
                obstore.put(self._client, confined(key), data)
                return self._present(key)
        except FileNotFoundError as error:
            raise self._unavailable(error) from error

    def create(self, key: str, data: bytes) -> bool:
        """One request, which the store refuses when there is such an object."""
        try:
            with self._asking():
                obstore.put(self._client, confined(key), data, mode="create")
        except AlreadyExistsError:
            return False
        except FileNotFoundError as error:
            raise self._unavailable(error) from error
        return True

    def delete(self, key: str) -> None:
        """S3 reports no missing object, so what it does not find is the bucket, which `head` then reports."""
        try:
            with self._asking():
                obstore.delete(self._client, confined(key))
        except FileNotFoundError:
            self.head(key)

    def delete_unchanged(self, stored: StoredObject) -> bool:
        """Looks first, because not every store compares as it deletes."""
        present = self.head(stored.key)
        return present is not None and present.version == stored.version and self._deleted(stored)

    def _deleted(self, stored: StoredObject) -> bool:
        """Delete the version that was there a moment ago; whether it was still there."""
        self.delete(stored.key)
        return True

    def _present(self, key: str) -> StoredObject:
        """The object as it is now; raises FileNotFoundError."""
        return described(obstore.head(self._client, key))

    def _fetched(self, stored: StoredObject, start: int, end: int) -> bytes:
        """The bytes from `start` to `end` (exclusive) of this very version."""
        options: GetOptions = {"if_match": f'"{stored.version}"'}
        if end > start:
            options["range"] = (start, end)
        try:
            with self._asking():
                result = obstore.get(self._client, confined(stored.key), options=options)
                data = bytes(result.bytes())
                version = _version(result.meta)
        except FileNotFoundError as error:
            self._check(stored)
            raise self._gone(stored) from error
        except PreconditionError as error:
            raise self._changed(stored) from error
        except Unavailable:
            self._check(stored)
            raise
        # Not every server knows If-Match; each says which version it answered.
        if version != stored.version:
            raise self._changed(stored)
        return data

    def _check(self, stored: StoredObject) -> None:
        """Raise ObjectGone or ObjectChanged unless the store holds this version now."""
        present = self.head(stored.key)
        if present is None:
            raise self._gone(stored)
        if present.version != stored.version:
            raise self._changed(stored)

    def _gone(self, stored: StoredObject) -> ObjectGone:
        return ObjectGone(f"{self.uri(stored.key)} was deleted after it was listed.")

    def _changed(self, stored: StoredObject) -> ObjectChanged:
        return ObjectChanged(
            f"{self.uri(stored.key)} no longer is the version {stored.version} that was listed."
        )

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Turn what obstore says about the store into Unavailable; leave what it says about one object."""
        try:
            yield
        except (AlreadyExistsError, FileNotFoundError, PreconditionError):
            raise
        except (BaseError, OSError) as error:
            raise self._unavailable(error) from error


class _RangeReader(io.RawIOBase):
    """Bytes of one object, one range in memory at a time."""

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        super().__init__()
        self._fetch = fetch
        self._size = size
        self._position = 0
        self._start = 0
        self._range = fetch(0, min(RANGE_BYTES, size))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if origin + offset < 0:
            raise ValueError(f"position {origin + offset} is before the start")
        self._position = origin + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if self._position >= self._size:
            return 0
        if not self._start <= self._position < self._start + len(self._range):
            end = min(self._position + RANGE_BYTES, self._size)
            self._range = self._fetch(self._position, end)
            self._start = self._position
        offset = self._position - self._start
        target = memoryview(buffer)
        count = min(len(target), len(self._range) - offset)
        target[:count] = self._range[offset : offset + count]
        self._position += count
        return count


def confined(key: str) -> str:
    """The key itself; raises ValueError where it could leave the root or has no one spelling."""
    if any(part in ("", ".", "..") for part in key.split("/")):
        raise ValueError(f"object key {key!r} has an empty part, '.' or '..'; write it like geo/ct.csv")
    return key


def listed(metas: "builtins.list[ObjectMeta]") -> builtins.list[StoredObject]:
    """Objects from what obstore says of them."""
    return [described(meta) for meta in metas]


def described(meta: "ObjectMeta") -> StoredObject:
    """An object from what obstore says of it."""
    return StoredObject(meta["path"], _version(meta), meta["size"], meta["last_modified"])


def _version(meta: "ObjectMeta") -> str:
    return (meta["e_tag"] or "").strip('"')
