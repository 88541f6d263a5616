"""The embedded object store: a folder, for one machine.

Files that a person copies into it are objects like any other; half-written ones of Quadrant are never seen.
"""

import logging
import os
import re
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
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
_SETTLED_NS = 2_000_000_000
"""A folder that changed less than this before it was read may change again within the same tick of its clock."""
_REMEMBERED = 8
"""Folders whose names are kept in memory, some 100 bytes a file."""

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
        """Reads the names of the folders that can hold later keys, and asks about at most `limit` files.

        The names of a folder are read again, in time that grows with their number, only after it has changed.
        """
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
            names = _names(self._root / folder)
        except (FileNotFoundError, NotADirectoryError):
            return
        for place in range(_first_later(names, folder, after), len(names)):
            key = folder + names[place]
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
            "or set OBJECTS_FOLDER, or QUADRANT_HOME, to another folder."
        )


def _name(entry: os.DirEntry[str]) -> str:
    if entry.name.startswith(".") or _STAGED.search(entry.name):
        return ""
    if entry.is_dir(follow_symlinks=False):
        return f"{entry.name}/"
    return entry.name if entry.is_file() else ""


def _names(folder: Path) -> Sequence[str]:
    """Names in a folder, sorted, those of folders with a slash at the end."""
    changed_ns = folder.stat().st_mtime_ns
    if time.time_ns() - changed_ns < _SETTLED_NS:
        return _read_names(folder)
    return _remembered_names(folder, changed_ns)


@lru_cache(maxsize=_REMEMBERED)
def _remembered_names(folder: Path, changed_ns: int) -> Sequence[str]:
    """What was in a folder when it last changed, at `changed_ns`."""
    return _read_names(folder)


def _read_names(folder: Path) -> Sequence[str]:
    with os.scandir(folder) as entries:
        return sorted(name for entry in entries if (name := _name(entry)))


def _first_later(names: Sequence[str], folder: str, after: str) -> int:
    """Place of the first name whose key sorts after `after`, or that is the folder which holds such keys."""
    if not after.startswith(folder):
        return 0 if folder > after else len(names)
    rest = after.removeprefix(folder)
    part, slash, _ = rest.partition("/")
    return bisect_left(names, part + slash) if slash else bisect_right(names, rest)
