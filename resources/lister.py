"""The files below a folder as lines of `ls -l`: streamed, in order, and nothing ever followed or opened but folders.

What the lines say is read by the domain `listings`; which folder it is belongs to `deployments`.
"""

import errno
import grp
import os
import pwd
import stat
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from resources.unavailable import Unavailable

MAX_FILES: Final = 1_000_000
"""Below a root, and names in one folder, which are ordered in memory."""
MAX_DEPTH: Final = 256
"""Folders that are open at a time, one for each level."""
RECENT_S: Final = 31_556_952 // 2
"""Half a year as ls counts it: the time of day of what is older, or of the future, gives way to its year."""

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ACL, _SELINUX = "system.posix_acl_access", "security.selinux"
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class Lister(ABC):
    """Where files are listed."""

    @abstractmethod
    def lines(self) -> Iterator[bytes]:
        """A line for each file, without a line feed at its end; one within a name is part of the name."""

    @abstractmethod
    def uri(self) -> str:
        """What is listed, as an address; empty when nothing is."""


class NoLister(Lister):
    """Nothing is listed; files may still land in the object store."""

    def lines(self) -> Iterator[bytes]:
        """None."""
        return iter(())

    def uri(self) -> str:
        """Empty."""
        return ""


class FolderLister(Lister):
    """All that lies below `root` but folders, ordered by path, as `find root ! -type d -exec ls -l {} +` in UTC.

    Symbolic links are listed and not followed, whoever exchanges a folder for one meanwhile: each folder is opened
    from the one above it. What cannot be looked at becomes a line such as
    `ls: cannot access '/x/y': Permission denied`.
    """

    def __init__(self, root: Path, max_files: int = MAX_FILES) -> None:
        """`root` may be relative to the working directory."""
        self._root = root.absolute()
        self._max_files = max_files

    def uri(self) -> str:
        """The folder as a file address."""
        return self._root.as_uri()

    def lines(self) -> Iterator[bytes]:
        """Raises Unavailable when the root is no folder that can be read, or holds more than `max_files` files.

        The second is known only at the end; what came before is then no listing, and must be dropped.
        """
        path = os.fsencode(self._root)
        try:
            root = _opened(path, None, path.rstrip(b"/") + b"/")
        except OSError as error:
            raise Unavailable(
                f"LISTING_ROOT is {str(self._root)!r}, which cannot be listed ({error.strerror}); "
                "name a folder that may be read."
            ) from error
        for number, line in enumerate(_walked(root, _Line(int(time.time())))):
            if number == self._max_files:
                raise Unavailable(
                    f"LISTING_ROOT is {str(self._root)!r}, which holds more than {self._max_files:,} files; "
                    "name a smaller folder, or let listing files land in the object store."
                )
            yield line


class _Folder(NamedTuple):
    """An open folder and what is left of it: names, those of folders with a slash at their end."""

    descriptor: int
    path: bytes
    names: Iterator[bytes]


class _Line:
    """How a file becomes a line; owners are looked up once."""

    def __init__(self, now_s: int) -> None:
        self._now_s = now_s
        self._owner, self._group = cache(_owner), cache(_group)

    def __call__(self, folder: _Folder, name: bytes) -> Iterator[bytes]:
        path = folder.path + name
        try:
            status = os.stat(name, dir_fd=folder.descriptor, follow_symlinks=False)
        except OSError as error:
            yield _trouble(b"access", path, error)
            return
        target = b""
        if stat.S_ISLNK(status.st_mode):
            try:
                target = b" -> " + os.readlink(name, dir_fd=folder.descriptor)
            except OSError as error:
                yield _trouble(b"read symbolic link", path, error)
        mark = "" if target else _mark(folder.descriptor, name)
        owners = f"{self._owner(status.st_uid)} {self._group(status.st_gid)}"
        date = _dated(status.st_mtime_ns // 1_000_000_000, self._now_s)
        fields = f"{stat.filemode(status.st_mode)}{mark} {status.st_nlink} {owners} {_size(status)} {date} "
        yield os.fsencode(fields) + path + target


def _walked(root: _Folder, line: _Line) -> Iterator[bytes]:
    stack = [root]
    try:
        while stack:
            folder = stack[-1]
            name = next(folder.names, b"")
            if not name:
                os.close(stack.pop().descriptor)
            elif not name.endswith(b"/"):
                yield from line(folder, name)
            else:
                try:
                    stack.append(_below(folder, name, len(stack)))
                except OSError as error:
                    yield _trouble(b"open directory", folder.path + name[:-1], error)
    finally:
        for folder in stack:
            os.close(folder.descriptor)


def _below(folder: _Folder, name: bytes, depth: int) -> _Folder:
    if depth == MAX_DEPTH:
        raise OSError(errno.ENAMETOOLONG, f"More than {MAX_DEPTH} levels below the root")
    return _opened(name[:-1], folder.descriptor, folder.path + name)


def _opened(name: bytes, above: int | None, path: bytes) -> _Folder:
    """The folder `name` of the one that `above` describes, never through a link; raises OSError."""
    # Only the root, which a person named, may be a link.
    descriptor = os.open(name, _FOLDER | (os.O_NOFOLLOW if above is not None else 0), dir_fd=above)
    try:
        with os.scandir(descriptor) as entries:
            found = list(islice(entries, MAX_FILES + 1))
        if len(found) > MAX_FILES:
            raise OSError(errno.EFBIG, f"More than {MAX_FILES:,} names")
        # As paths are ordered; the slash tells folders apart.
        names = sorted(
            os.fsencode(entry.name) + b"/" * entry.is_dir(follow_symlinks=False) for entry in found
        )
    except OSError:
        os.close(descriptor)
        raise
    return _Folder(descriptor, path, iter(names))


def _trouble(what: bytes, path: bytes, error: OSError) -> bytes:
    return b"ls: cannot %s '%s': %s" % (what, path, os.fsencode(error.strerror or str(error)))


def _owner(number: int) -> str:
    try:
        return _word(pwd.getpwuid(number).pw_name, number)
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    try:
        return _word(grp.getgrgid(number).gr_name, number)
    except KeyError:
        return str(number)


def _word(name: str, number: int) -> str:
    """A name, or the number where the name would be none or several words of the line."""
    return name if len(name.split()) == 1 else str(number)


def _size(status: os.stat_result) -> str:
    if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
        return f"{os.major(status.st_rdev)}, {os.minor(status.st_rdev)}"
    return str(status.st_size)


def _dated(modified_s: int, now_s: int) -> str:
    try:
        time_of = time.gmtime(modified_s)
    except (OverflowError, OSError):
        # As ls prints what no calendar has.
        return str(modified_s)
    is_recent = now_s - RECENT_S < modified_s <= now_s
    last = f"{time_of.tm_hour:02}:{time_of.tm_min:02}" if is_recent else f" {time_of.tm_year:04}"
    return f"{_MONTHS[time_of.tm_mon - 1]} {time_of.tm_mday:2} {last}"


def _mark(descriptor: int, name: bytes) -> str:
    """What ls puts behind the permissions: a plus for an ACL, a full stop for SELinux."""
    if not hasattr(os, "listxattr"):
        return ""
    try:
        # There is no listxattr relative to a folder but by this path.
        kinds = os.listxattr(b"/proc/self/fd/%d/%s" % (descriptor, name), follow_symlinks=False)
    except OSError:
        return ""
    return "+" if _ACL in kinds else "." if _SELINUX in kinds else ""
