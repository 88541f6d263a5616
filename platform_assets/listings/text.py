"""Where a line of a listing file ends, for the assets and for the command; and lines as tables of some thousand.

What of them is UTF-8 is told in `lines`, what they say in `parsing`.
"""

import codecs
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from platform_assets.listings.entry import MODE
from platform_assets.listings.lines import from_records, records
from resources.batches import batches
from resources.files import lines as file_lines
from resources.files.containers import Reader, read_fully
from resources.files.lines import BLOCK_BYTES, Block

ROWS: Final = 50_000
"""Lines that are in memory at a time."""
HEAD_BYTES: Final = BLOCK_BYTES
"""How much of a text is looked at to tell how its lines end."""

_NEXT: Final = rb"(?=" + MODE.encode() + rb" |\Z)"
_LINE_FEED: Final = re.compile(rb"\n" + _NEXT)
# Zeros in a row, or behind a line feed, are what a crash leaves of a file; ls writes one behind a name.
_NUL: Final = re.compile(rb"[^\0\n]\0" + _NEXT)


class _Resumed:
    """A stream whose first bytes were read before."""

    def __init__(self, head: bytes, rest: Reader) -> None:
        self._head = io.BytesIO(head)
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        return self._head.read(size) or self._rest.read(size)


def blocks(stream: Reader, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """The lines of a text, `size` bytes at a time, each with one byte behind it that ends it.

    The first `HEAD_BYTES` tell which: NUL, as `ls -l --zero` writes it, where lines of a listing, and the end, stand
    more often behind a NUL than behind a line feed; else a line feed, and a CR before it is no part of a line where
    most lines there have one. A byte order mark is no part of the first line. Of a line that is longer than any
    listing's only the beginning is kept.
    """
    head = read_fully(stream, HEAD_BYTES).removeprefix(codecs.BOM_UTF8)
    end = _end(head)
    found = file_lines.blocks(_Resumed(head, stream), size, end)
    has_returns = end == b"\n" and 2 * head.count(b"\r\n") > head.count(b"\n")
    yield from map(_without_returns, found) if has_returns else found


def split(stream: Reader, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """The lines of `blocks` one by one, without their ends."""
    for block in blocks(stream, size):
        yield from records(block)


def tables(lines: Iterable[bytes], source: str, listed: dt.datetime, first: int = 1) -> Iterator[pa.Table]:
    """Lines in the columns of `lines.LINES`, some thousand at a time, numbered from `first`."""
    for chunk in batches(lines, ROWS):
        yield from_records(chunk, first, source, listed)
        first += len(chunk)


def _end(head: bytes) -> bytes:
    is_by_nul = b"\0" in head and len(_NUL.findall(head)) > len(_LINE_FEED.findall(head))
    return b"\0" if is_by_nul else b"\n"


def _without_returns(block: Block) -> Block:
    """A block whose lines end with a line feed alone."""
    if block.too_long:
        return block
    data = block.data.replace(b"\r\n", b"\n")
    return block._replace(data=data, ends=np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1)
