"""Where a line of a listing file ends, and lines as tables of some thousand.

What of them is UTF-8 is told in `lines`, what they say in `parsing`.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow as pa

from platform_assets.listings.lines import from_records
from resources.batches import batches
from resources.files.containers import Reader, UnreadableFile, read_fully, shown
from resources.files.lines import BLOCK_BYTES, MAX_LINE_BYTES

ROWS: Final = 50_000
"""Lines that are in memory at a time."""


def split(stream: Reader, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """The lines of a file, without their ends, `size` bytes at a time.

    A NUL among the first `size` bytes says that lines end with NUL, as `ls -l --zero` writes them; else they end with a
    line feed, or with CR and line feed where every line there does. Raises UnreadableFile for a line that is longer
    than any listing's.
    """
    chunk = read_fully(stream, size)
    end = b"\0" if b"\0" in chunk else b"\n"
    has_returns = end == b"\n" and 0 < chunk.count(b"\n") == chunk.count(b"\r\n")
    tail, number = b"", 0
    while chunk:
        *lines, tail = (tail + chunk).split(end)
        yield from (line.removesuffix(b"\r") for line in lines) if has_returns else lines
        number += len(lines)
        if len(tail) > MAX_LINE_BYTES:
            detail = f"Line {number + 1} has more than {MAX_LINE_BYTES} bytes."
            raise UnreadableFile("unknown_format", detail, shown(tail[:100]))
        chunk = read_fully(stream, size)
    if tail:
        yield tail.removesuffix(b"\r") if has_returns else tail


def tables(lines: Iterable[bytes], source: str, listed: dt.datetime, first: int = 1) -> Iterator[pa.Table]:
    """Lines in the columns of `lines.LINES`, some thousand at a time, numbered from `first`."""
    for chunk in batches(lines, ROWS):
        yield from_records(chunk, first, source, listed)
        first += len(chunk)
