"""Files as they are stored, plain, gzip or zip, opened as streams of plain bytes within stated limits.

What holds the bytes is told from their first bytes, never from a name; what the bytes mean is not said here.
"""

import gzip
import io
import lzma
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import IO, BinaryIO, Final, Literal, NamedTuple, Protocol

MAX_PLAIN_BYTES: Final = 8_000_000_000
"""Largest size of a file once it is decompressed, all members together."""
MAX_RATIO: Final = 200
"""How much larger than its stored form a file may become; addresses reach about ten."""
RATIO_FREE_BYTES: Final = 64_000_000
"""Below this size a ratio harms nobody, and is not looked at."""
MAX_SPOOLED_BYTES: Final = 32_000_000
"""Zip archives, whose directory is at their end, are copied; above this size to the disk."""
MAX_MEMBERS: Final = 10_000
"""Most files in one archive; each costs a reading of its own."""
MAX_DIRECTORY_BYTES: Final = 8_000_000
"""Largest directory of a zip archive, which is read into memory before its members can be counted."""
HEAD_BYTES: Final = 256

_TAIL_BYTES: Final = 66_000
"""The end of an archive that holds the record of its directory (APPNOTE 4.3.16) and the longest comment."""

FileReason = Literal[
    "empty_file",
    "unknown_format",
    "missing_columns",
    "corrupt_archive",
    "too_large",
    "encrypted_archive",
    "access_denied",
]

_CORRUPT: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    OverflowError,
)


class UnreadableFile(Exception):  # noqa: N818 - it names what the file is
    """A file, or a member of an archive, cannot be read as a whole: reason code, sentence, first bytes."""

    def __init__(self, reason: FileReason, detail: str, raw: str) -> None:
        r"""`raw` is text: bytes that are not UTF-8 stand in it as `\xNN`."""
        super().__init__(detail)
        self.reason: Final = reason
        self.detail: Final = detail
        self.raw: Final = raw


class Reader(Protocol):
    """What is needed of a stream: the next bytes, at most `size` of them, none at the end."""

    def read(self, size: int, /) -> bytes:
        """Read on."""


class Member(NamedTuple):
    """A plain file: its name within an archive (None outside of one) and its bytes."""

    name: str | None
    stream: Reader


class _Peeked:
    """A stream whose first bytes were looked at, and are read again; counts what was read of it."""

    def __init__(self, stream: Reader) -> None:
        self.head: Final = read_fully(stream, HEAD_BYTES)
        self.taken = 0
        self._rest = self.head
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        if self._rest:
            read, self._rest = self._rest[:size], self._rest[size:]
        else:
            read = self._stream.read(size)
        self.taken += len(read)
        return read


class _Budget:
    """What may still come out of a compressed file before it counts as a bomb."""

    def __init__(self, limit: int, head: bytes) -> None:
        self.limit = limit
        self.head = head
        self.plain = 0

    def spend(self, size: int, stored: int) -> None:
        self.plain += size
        if self.plain > self.limit:
            raise UnreadableFile("too_large", f"It holds more than {self.limit} bytes.", shown(self.head))
        if self.plain > RATIO_FREE_BYTES and self.plain > MAX_RATIO * max(stored, 1):
            detail = f"It becomes more than {MAX_RATIO} times larger than it is stored."
            raise UnreadableFile("too_large", detail, shown(self.head))


class _Guarded:
    """A stream that stays in its budget; whatever a decompressor raises becomes `corrupt_archive`."""

    def __init__(
        self, stream: Reader, budget: _Budget, stored: Callable[[], int], errors: tuple[type[Exception], ...]
    ) -> None:
        self._stream = stream
        self._budget = budget
        self._stored = stored
        self._errors = errors

    def read(self, size: int, /) -> bytes:
        try:
            read = self._stream.read(size)
        except self._errors as error:
            raise _corrupt(error, self._budget.head) from error
        self._budget.spend(len(read), self._stored())
        return read


def members(stream: BinaryIO | Reader, limit: int = MAX_PLAIN_BYTES) -> Iterator[Member]:
    """The plain files in a stored file, one after the other; read each before asking for the next.

    gzip may have several members (RFC 1952, 2.2); they are one file. Folders and `__MACOSX` of a zip are left
    out. Raises `UnreadableFile`, here and while a member is read, for a corrupt, encrypted or too large file.
    """
    peeked = _Peeked(stream)
    budget = _Budget(limit, peeked.head)
    if peeked.head.startswith(b"\x1f\x8b"):
        plain = gzip.GzipFile(fileobj=peeked, mode="rb")  # type: ignore[call-overload]  # reads on, never back
        errors = (gzip.BadGzipFile, zlib.error, EOFError)
        yield Member(None, _Guarded(plain, budget, lambda: peeked.taken, errors))
    elif peeked.head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        yield from _zip_members(peeked, budget)
    else:
        yield Member(None, _Guarded(peeked, budget, lambda: peeked.taken, ()))


def read_fully(stream: Reader, size: int) -> bytes:
    """Exactly `size` bytes, fewer only at the end: one read of a socket or decompressor may return less."""
    read = stream.read(size)
    if not read or len(read) == size:
        return read
    parts = [read]
    missing = size - len(read)
    while missing and (read := stream.read(missing)):
        parts.append(read)
        missing -= len(read)
    return b"".join(parts)


def shown(data: bytes) -> str:
    r"""Bytes as text; those that are not UTF-8 as `\xNN`."""
    return data.decode(errors="backslashreplace")


def _zip_members(stored: _Peeked, budget: _Budget) -> Iterator[Member]:
    with tempfile.SpooledTemporaryFile(MAX_SPOOLED_BYTES) as copy:
        while chunk := stored.read(io.DEFAULT_BUFFER_SIZE * 32):
            if stored.taken > budget.limit:
                raise UnreadableFile(
                    "too_large", f"It has more than {budget.limit} bytes.", shown(stored.head)
                )
            copy.write(chunk)
        _check_directory(copy, stored.head)
        try:
            archive = zipfile.ZipFile(copy)
        except _CORRUPT as error:
            raise _corrupt(error, stored.head) from error
        files = [file for file in archive.infolist() if _is_data(file)]
        _check_files(files, stored.head)
        for file in files:
            try:
                plain = archive.open(file)
            except _CORRUPT as error:
                raise _corrupt(error, stored.head) from error
            with plain:
                yield Member(file.filename, _Guarded(plain, budget, lambda: stored.taken, _CORRUPT))


def _check_directory(archive: IO[bytes], head: bytes) -> None:
    """Refuse a directory above the limit; its size stands at the archive's end (APPNOTE 4.3.14 to 4.3.16)."""
    archive.seek(max(0, archive.seek(0, io.SEEK_END) - _TAIL_BYTES))
    tail = archive.read(_TAIL_BYTES)
    end = tail.rfind(b"PK\x05\x06")
    size = _number(tail, "<I", end + 12) if end >= 0 else 0
    if end >= 76 and tail[end - 20 : end].startswith(b"PK\x06\x07"):
        size = _number(tail, "<Q", end - 76 + 40)
    if size > MAX_DIRECTORY_BYTES:
        detail = f"Its directory has {size} bytes; {MAX_DIRECTORY_BYTES} are read at most."
        raise UnreadableFile("too_large", detail, shown(head))


def _number(tail: bytes, layout: str, place: int) -> int:
    """A number, 0 where the bytes end before it."""
    return int(struct.unpack_from(layout, tail, place)[0]) if place + 8 <= len(tail) else 0


def _check_files(files: Sequence[zipfile.ZipInfo], head: bytes) -> None:
    if any(file.flag_bits & 1 for file in files):
        raise UnreadableFile("encrypted_archive", "The archive needs a password.", shown(head))
    if len(files) > MAX_MEMBERS:
        detail = f"It holds {len(files)} files; {MAX_MEMBERS} are read at most."
        raise UnreadableFile("too_large", detail, shown(head))
    if any(file.compress_type == zipfile.ZIP_LZMA for file in files):
        # An LZMA stream names the memory that it needs, up to 4 GB.
        raise UnreadableFile("unknown_format", "It is compressed by LZMA; zip it by Deflate.", shown(head))


def _is_data(file: zipfile.ZipInfo) -> bool:
    # Not ZipInfo.is_dir, which fails for a file without a name.
    return not file.filename.endswith("/") and "__MACOSX" not in file.filename.split("/")


def _corrupt(error: Exception, head: bytes) -> UnreadableFile:
    return UnreadableFile("corrupt_archive", f"It is cut short or damaged: {error}.", shown(head))
