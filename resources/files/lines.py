"""A stream of bytes as blocks of whole lines that know their line numbers, in bounded memory.

One byte ends each line, a line feed where none is named; records, fields and their meaning do not belong here.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from resources.files.containers import Reader, read_fully

BLOCK_BYTES: Final = 2_000_000
"""How much is read at a time: large enough for vectors, small enough for a processor's cache."""
MAX_LINE_BYTES: Final = 1_000_000
"""A longer line is no record, and is not kept in memory."""
MAX_RAW_BYTES: Final = 8_192
"""How much is kept of a rejected record."""

Offsets: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

_BOM: Final = b"\xef\xbb\xbf"


class Block(NamedTuple):
    """Whole lines: each ends, with the byte that ends it, where the next begins (`ends`, offsets into `data`).

    `too_long` marks one single line of which only the beginning was kept.
    """

    first_line: int
    data: bytes
    ends: Offsets
    too_long: bool = False


def blocks(stream: Reader, size: int = BLOCK_BYTES, end: bytes = b"\n") -> Iterator[Block]:
    """Read a stream, `size` bytes at a time; a last line without its `end` gets one. Lines count from 1."""
    line = 1
    tail = b""
    chunk = read_fully(stream, size)
    while chunk:
        cut = chunk.rfind(end) + 1
        if cut:
            for block in _split(line, b"".join((tail, memoryview(chunk)[:cut])), end):
                yield block
                line = block.first_line + len(block.ends)
            tail = b""
        tail += chunk[cut:]
        chunk = b""
        if len(tail) > MAX_LINE_BYTES:
            yield Block(line, tail[:MAX_RAW_BYTES], np.array([MAX_RAW_BYTES]), too_long=True)
            line += 1
            tail, chunk = b"", _after_this_line(stream, end)
        chunk = chunk or read_fully(stream, size)
    if tail:
        yield from _split(line, tail + end, end)


def without_bom(block: Block) -> Block:
    """A block without the byte order mark that a file may begin with."""
    if block.first_line > 1 or not block.data.startswith(_BOM):
        return block
    return block._replace(data=block.data[len(_BOM) :], ends=block.ends - len(_BOM))


def first_line(block: Block) -> tuple[bytes, Block]:
    """The first line that is not blank, and the block after it; the block must have such a line."""
    if block.too_long:
        return block.data, block
    blank = len(block.data) - len(block.data.lstrip())
    index = int(np.searchsorted(block.ends, blank, side="right"))
    end = int(block.ends[index])
    rest = Block(block.first_line + index + 1, block.data[end:], block.ends[index + 1 :] - end)
    return block.data[int(block.ends[index - 1]) if index else 0 : end], rest


def _split(first_line: int, data: bytes, end: bytes) -> Iterator[Block]:
    """One block, or several where lines that are too long stand between."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord(end)) + 1
    lengths = np.diff(ends, prepend=0)
    done = 0
    for index in np.flatnonzero(lengths > MAX_LINE_BYTES).tolist():
        if index > done:
            yield _part(first_line, data, ends, done, index)
        start = int(ends[index] - lengths[index])
        yield Block(
            first_line + index, data[start : start + MAX_RAW_BYTES], np.array([MAX_RAW_BYTES]), too_long=True
        )
        done = index + 1
    if done < len(ends):
        yield _part(first_line, data, ends, done, len(ends))


def _part(first_line: int, data: bytes, ends: Offsets, start: int, stop: int) -> Block:
    """The lines `start` to `stop` of a block."""
    if start == 0 and stop == len(ends):
        return Block(first_line, data, ends)
    offset = int(ends[start - 1]) if start else 0
    return Block(first_line + start, data[offset : int(ends[stop - 1])], ends[start:stop] - offset)


def _after_this_line(stream: Reader, end: bytes) -> bytes:
    """Skip the rest of a line without keeping it; what was read beyond it."""
    while chunk := read_fully(stream, BLOCK_BYTES):
        cut = chunk.find(end) + 1
        if cut:
            return chunk[cut:]
    return b""
