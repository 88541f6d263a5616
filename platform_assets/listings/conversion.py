"""A stream of listed lines as CSV or JSON lines: blocks of it side by side, in order, in bounded memory.

What `awk` and `jq` did by hand in the original; the assets keep the same rows and documents in tables.
"""

import datetime as dt
import io
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import BinaryIO, Final, NamedTuple

import pyarrow as pa

from platform_assets.listings import documents, sheets
from platform_assets.listings.lines import from_block
from platform_assets.listings.parsing import parsed
from resources.files.lines import Block, blocks

_AHEAD: Final = 2
"""Blocks that are read at the same time; Arrow and numpy let go of the interpreter."""


class Reject(NamedTuple):
    """A line that says nothing of a file, and why."""

    line: int
    reason: str


class Part(NamedTuple):
    """What became of some lines: pieces of output, one after the other, and the rejects."""

    output: list[pa.Buffer]
    rejects: list[Reject]


def csv_of_text(stream: BinaryIO, listed: dt.datetime) -> Iterator[Part]:
    """The lines of `ls -l` in a stream as CSV; `listed` tells the year of a date without one."""
    return _converted(stream, listed, sheets.written)


def json_of_text(stream: BinaryIO, listed: dt.datetime) -> Iterator[Part]:
    """The lines of `ls -l` in a stream as a JSON document each."""
    return _converted(stream, listed, partial(documents.texts, end="\n"))


def json_of_csv(stream: BinaryIO) -> Iterator[Part]:
    """The records of a CSV as in `sheets` as a JSON document each."""
    text = io.TextIOWrapper(stream, errors="surrogateescape", newline="")
    for rows, refused in sheets.read(text):
        rejects = [Reject(line, refusal.reason) for line, refusal in refused]
        yield Part(_buffers(documents.texts(rows, "\n")), rejects)


def _converted(
    stream: BinaryIO, listed: dt.datetime, form: Callable[[pa.Table], pa.ChunkedArray]
) -> Iterator[Part]:
    waiting: deque[Future[Part]] = deque()
    with ThreadPoolExecutor(_AHEAD) as pool:
        for block in blocks(stream):
            waiting.append(pool.submit(_part, block, listed, form))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _part(block: Block, listed: dt.datetime, form: Callable[[pa.Table], pa.ChunkedArray]) -> Part:
    found = parsed(from_block(block, "", listed))
    lines, reasons = (found.rejects.column(name).to_pylist() for name in ("line", "reason"))
    return Part(_buffers(form(found.rows)), [Reject(*each) for each in zip(lines, reasons, strict=True)])


def _buffers(texts: pa.ChunkedArray) -> list[pa.Buffer]:
    """The bytes of the texts without copying them; each text ends with its line feed."""
    return [chunk.buffers()[2] for chunk in texts.chunks if len(chunk)]
