"""The embedded object store: a folder, for one machine.

Files that a person copies into it are objects like any other; half-written ones of Quadrant are never seen.
"""

import errno
import logging
import os
import re
import stat
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Final

from obstore.exceptions import BaseError
from obstore.store import LocalStore

from resources.object_store.pinned import PinnedObjectStore, confined
from resources.object_store.port import ObjectDenied, StoredObject
from resources.unavailable import Unavailable

# How obstore names a file until it is complete.
_STAGED = re.compile(r"#\d+$")
_SETTLED_NS = 2_000_000_000
"""A folder that changed less than this before it was read may change again within the same tick of its clock."""
_OF_ONE_ENTRY: Final = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG)
"""Errors that tell of one folder and not of the disk."""
_REMEMBERED = 8
"""Folders whose names are kept in memory, some 100 bytes a file."""

_DENIED: Final = "denied"
"""How the version of a file that may not be read begins: another one than it has once it may."""

_log = logging.getLogger(__name__)


class FolderObjectStore(PinnedObjectStore):
    """Objects are the files below `root`, which is made at first use.

    Hidden files (`.name`), links that lead to no file and files whose names no key can have are not objects.
    A version is inode, time of modification and size, so a file edited in place is a new version. A file that may not
    be read is an object that cannot be opened, and is another version once it may. Nothing is retried and nothing
    times out: the disk answers or fails.
    """

    def __init__(self, root: Path) -> None:
        """`root` may be relative to the working directory."""
        self._root = root.absolute()

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> list[StoredObject]:
        """Reads the names of the folders that can hold later keys, and asks about at most `limit` files.

        The names of a folder are read again, in time that grows with their number, only after it has changed. A folder
        below `prefix` that may not be read is left out, links and names that are no objects are too; the log warns of
        each.
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
                yield self._present(key)
            except FileNotFoundError:
                if (self._root / key).is_symlink():
                    _log.warning("the link %r leads to no file, so it is no object", key)
            except ValueError:
                _log.warning(
                    "the file %r cannot be an object: give it a shorter name without control characters", key
                )

    def _keys(self, folder: str, after: str) -> Iterator[str]:
        """Keys in order: a folder's name sorts with its slash, and Python sorts text as UTF-8 sorts bytes."""
        try:
            names = _names(self._root / folder)
        except (FileNotFoundError, NotADirectoryError):
            return
        for place in range(_first_later(names, folder, after), len(names)):
            key = folder + names[place]
            if not key.endswith("/"):
                yield key
                continue
            try:
                yield from self._keys(key, after)
            except OSError as error:
                if error.errno not in _OF_ONE_ENTRY:
                    raise
                _log.warning("the folder %r is left out of the listing: %s", key, error.strerror)

    def _present(self, key: str) -> StoredObject:
        """With the time it came to its place: a file that is moved or unpacked keeps the older time of its content."""
        _ = self._client
        path = self._root / key
        try:
            status = _status(path)
        except PermissionError:
            # A closed folder says nothing of its files, neither that they are there nor that they are gone.
            if not os.access(self._root, os.R_OK | os.X_OK, effective_ids=True):
                raise
            return StoredObject(key, _DENIED, 0, datetime.fromtimestamp(0, UTC))
        placed_at = datetime.fromtimestamp(status.st_ctime, UTC)
        try:
            stored = super()._present(key)
        except BaseError:
            if os.access(path, os.R_OK, effective_ids=True):
                raise
            return StoredObject(key, f"{_DENIED}-{status.st_ctime_ns:x}", status.st_size, placed_at)
        return replace(stored, modified_at=max(stored.modified_at, placed_at))

    def _fetched(self, stored: StoredObject, start: int, end: int) -> bytes:
        """A file can be edited in place while it is read, so its version is compared afterwards too."""
        data = super()._fetched(stored, start, end)
        self._check(stored)
        return data

    def _check(self, stored: StoredObject) -> None:
        super()._check(stored)
        if stored.version.startswith(_DENIED):
            raise ObjectDenied(f"{self.uri(stored.key)} may not be read by the user that Quadrant runs as.")

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
    # Whether a link leads to a file is not asked here: it changes without its folder.
    return entry.name if entry.is_symlink() or entry.is_file() else ""


def _status(path: Path) -> os.stat_result:
    """Of a regular file, links followed; FileNotFoundError where there is none, ValueError for a name too long."""
    try:
        status = path.stat()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise ValueError(f"the name of {path} is too long") from error
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise FileNotFoundError(error.errno, error.strerror, str(path)) from error
        raise
    # Opening a pipe would wait for its writer.
    if not stat.S_ISREG(status.st_mode):
        raise FileNotFoundError(errno.ENOENT, "No file", str(path))
    return status


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
