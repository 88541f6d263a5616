"""The embedded object store: a folder, for one machine.

Files that a person copies into it are objects like any other; half-written ones of Quadrant are never seen.
"""

import heapq
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.store import LocalStore

from resources.object_store.pinned import PinnedObjectStore, confined, described
from resources.object_store.port import StoredObject
from resources.unavailable import Unavailable

if TYPE_CHECKING:
    from obstore import ObjectMeta

# How obstore names a file until it is complete.
_STAGED = re.compile(r"#\d+$")

_log = logging.getLogger(__name__)


class FolderObjectStore(PinnedObjectStore):
    """Objects are the files below `root`, which is made at first use.

    Hidden files (`.name`), links to folders and files whose names no key can have are not objects. A version
    is inode, time of modification and size, so a file edited in place is a new version. Nothing is retried
    and nothing times out: the disk answers or fails.
    """

    def __init__(self, root: Path) -> None:
        """`root` may be relative to the working directory."""
        self._root = root.absolute()

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> list[StoredObject]:
        """Reads the names of the folders that can hold later keys, and asks about at most `limit` files."""
        folder = f"{confined(prefix.strip('/'))}/" if prefix.strip("/") else ""
        with self._asking():
            _ = self._client
            return list(islice(self._found(folder, after), limit))

    def uri(self, key: str = "") -> str:
        """`file:///` and the path."""
        return (self._root / key).as_uri()

    def _found(self, folder: str, after: str) -> Iterator[StoredObject]:
        for key in self._keys(folder, after):
            try:
                yield self._described(obstore.head(self._client, key))
            except FileNotFoundError:
                continue
            except ValueError:
                _log.warning("the file %r cannot be an object: rename it without control characters", key)

    def _keys(self, folder: str, after: str) -> Iterator[str]:
        """Keys in order: a folder's name sorts with its slash, and Python sorts text as UTF-8 sorts bytes."""
        try:
            with os.scandir(self._root / folder) as entries:
                names = [name for entry in entries if (name := _name(entry))]
        except (FileNotFoundError, NotADirectoryError):
            return
        later = [key for key in (folder + name for name in names) if key > after or _holds(key, after)]
        heapq.heapify(later)
        while later:
            key = heapq.heappop(later)
            if key.endswith("/"):
                yield from self._keys(key, after)
            else:
                yield key

    def _described(self, meta: "ObjectMeta") -> StoredObject:
        """With the time it came to its place: a file that is moved or unpacked keeps the older time of its content."""
        stored = described(meta)
        placed_at = datetime.fromtimestamp((self._root / stored.key).stat().st_ctime, UTC)
        return replace(stored, modified_at=max(stored.modified_at, placed_at))

    def _fetched(self, stored: StoredObject, start: int, end: int) -> bytes:
        """A file can be edited in place while it is read, so its version is compared afterwards too."""
        data = super()._fetched(stored, start, end)
        self._check(stored)
        return data

    @cached_property
    def _client(self) -> LocalStore:
        try:
            return LocalStore(self._root, mkdir=True)
        except OSError as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> Unavailable:
        reason = str(error).partition("\n")[0].rstrip(".")
        return Unavailable(
            f"The object store folder {self._root} cannot be used ({reason}): free this path or its disk, "
            "or set QUADRANT_HOME to another folder."
        )


def _name(entry: os.DirEntry[str]) -> str:
    if entry.name.startswith(".") or _STAGED.search(entry.name):
        return ""
    if entry.is_dir(follow_symlinks=False):
        return f"{entry.name}/"
    return entry.name if entry.is_file() else ""


def _holds(folder: str, key: str) -> bool:
    return folder.endswith("/") and key.startswith(folder)
