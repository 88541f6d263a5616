"""A stream of listed lines as CSV or JSON lines: blocks of it side by side, in order, in bounded memory.

What `awk` and `jq` did by hand in the original; the assets keep the same rows and documents in tables.
"""

import datetime as dt
import io
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import BinaryIO, Final, NamedTuple, TypeAlias

import pyarrow as pa

from platform_assets.listings import documents, sheets
from platform_assets.listings.lines import from_block
from platform_assets.listings.parsing import parsed
from platform_assets.listings.text import blocks
from resources.files.lines import Block

_BLOCK_BYTES: Final = 4_000_000
_AHEAD: Final = 2
"""Blocks that are read at the same time; Arrow and numpy let go of the interpreter."""


class Reject(NamedTuple):
    """A line that says nothing of a file, and why."""

    line: int
    reason: str


class Part(NamedTuple):
    """What became of some lines: for each form pieces of output, one after the other, and the rejects."""

    outputs: list[list[pa.Buffer]]
    rejects: list[Reject]


Form: TypeAlias = Callable[[pa.Table], pa.ChunkedArray]
CSV: Final[Form] = sheets.written
JSON: Final[Form] = partial(documents.texts, end="\n")


def of_text(stream: BinaryIO, listed: dt.datetime, *forms: Form) -> Iterator[Part]:
    """The lines of a text in some forms; `listed`, in UTC, tells the year of a date without one."""
    waiting: deque[Future[Part]] = deque()
    with ThreadPoolExecutor(_AHEAD) as pool:
        for block in blocks(stream, _BLOCK_BYTES):
            waiting.append(pool.submit(_part, block, listed, forms))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def of_csv(stream: BinaryIO) -> Iterator[Part]:
    """The records of CSV as in `sheets` as JSON."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    for rows, refused in sheets.read(text):
        yield Part([_buffers(JSON(rows))], [Reject(line, refusal.reason) for line, refusal in refused])


def _part(block: Block, listed: dt.datetime, forms: Sequence[Form]) -> Part:
    found = parsed(from_block(block, "", listed))
    lines, reasons = (found.rejects.column(name).to_pylist() for name in ("line", "reason"))
    rejects = [Reject(*each) for each in zip(lines, reasons, strict=True)]
    return Part([_buffers(form(found.rows)) for form in forms], rejects)


def _buffers(texts: pa.ChunkedArray) -> list[pa.Buffer]:
    """The bytes of texts, of which each ends with its line feed, without a copy."""
    return [chunk.buffers()[2] for chunk in texts.chunks if len(chunk)]
