"""Lines of text as a table: what is UTF-8 as it is, what is not shown by U+FFFD with its bytes beside it.

How bytes become lines of a table, and bytes again, belongs here; what the lines say is read by `parsing`.
"""

import base64
import datetime as dt
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resources import catalog
from resources.files.lines import Block, Offsets

LINES: Final = catalog.schema("listings.listing_txt", without=("batch_id",))
"""Columns of the table without its batch."""


def records(block: Block) -> list[bytes]:
    """The lines of a block one by one, without their ends."""
    return [block.data] if block.too_long else block.data[:-1].split(block.data[-1:])


def from_records(lines: Sequence[bytes], first_line: int, source: str, listed: dt.datetime) -> pa.Table:
    """Lines that are known one by one, and may hold line feeds; `listed` is when, aware or in UTC."""
    shown, encoded = [], []
    for record in lines:
        text, base64_text = texts(record)
        shown.append(text)
        encoded.append(base64_text)
    return _table(pa.array(shown, pa.string()), pa.array(encoded, pa.string()), first_line, source, listed)


def from_block(block: Block, source: str, listed: dt.datetime) -> pa.Table:
    """The lines of a block without their ends, in bulk where all are UTF-8; `listed` as above."""
    if block.too_long or not _is_utf8(block.data):
        return from_records(records(block), block.first_line, source, listed)
    starts = np.concatenate((np.zeros(1, block.ends.dtype), block.ends[:-1]))
    shown = cut(pa.py_buffer(block.data), starts, block.ends - 1)
    return _table(shown, pa.nulls(len(shown), pa.string()), block.first_line, source, listed)


def texts(data: bytes) -> tuple[str, str | None]:
    """Bytes as text, and as base64 where they are not UTF-8."""
    try:
        return data.decode(), None
    except UnicodeDecodeError:
        return data.decode(errors="replace"), base64.b64encode(data).decode()


def bytes_of(text: str, encoded: str | None) -> bytes:
    """What `texts` was given."""
    return text.encode() if encoded is None else base64.b64decode(encoded)


def cut(data: pa.Buffer, starts: Offsets, ends: Offsets) -> pa.Array:
    """Parts of a buffer of UTF-8 that lie in order, none over another, as an array of text."""
    if not len(starts):
        return pa.array([], pa.string())
    # Parts and what lies between them are elements of one array over the same bytes; every second is taken.
    offsets = np.empty(2 * len(starts), np.int32)
    offsets[0::2], offsets[1::2] = starts, ends
    every = pa.Array.from_buffers(pa.string(), len(offsets) - 1, [None, pa.py_buffer(offsets), data])
    return every.take(pa.array(np.arange(0, len(offsets) - 1, 2)))


def holding(column: pa.Array, letters: bytes, below: int = 0) -> pa.Array | None:
    """Which texts of an array hold one of some ASCII letters, or a byte less than `below`; None when none does.

    Such letters are rare, so that it is quicker to look for them in all texts at once than in each.
    """
    _, bounds, data = column.buffers()
    if not len(column) or data is None:
        return None
    offsets = np.frombuffer(bounds, np.int32)[column.offset : column.offset + len(column) + 1]
    held = np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]
    is_found, is_letter = held < below, np.empty(len(held), np.bool_)
    for letter in letters:
        is_found |= np.equal(held, letter, out=is_letter)
    places = np.flatnonzero(is_found)
    if not len(places):
        return None
    mask = np.zeros(len(column), np.bool_)
    mask[np.searchsorted(offsets, places + offsets[0], side="right") - 1] = True
    return pc.and_(pa.array(mask), column.is_valid())


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _table(shown: pa.Array, encoded: pa.Array, first_line: int, source: str, listed: dt.datetime) -> pa.Table:
    count = len(shown)
    at = listed.astimezone(dt.UTC).replace(tzinfo=None) if listed.tzinfo else listed
    columns = {
        "source": pa.repeat(pa.scalar(source), count),
        "line": pa.array(np.arange(first_line, first_line + count)),
        "text": shown,
        "text_base64": encoded,
        "listed_at": pa.repeat(pa.scalar(at, pa.timestamp("us")), count),
    }
    return pa.Table.from_arrays([columns[name] for name in LINES.names], schema=LINES)
