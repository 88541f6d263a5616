"""Lines of a CSV file put together to records, so that a quote that is never closed cannot swallow the file.

Only quotes, line breaks and encodings are looked at here; fields and what they mean are not.
"""

import re
from typing import Final, NamedTuple

import numpy as np

from resources.files.lines import Block, Mask, Offsets
from resources.files.records import Reject

MAX_RECORD_LINES: Final = 50
MAX_RECORD_BYTES: Final = 64_000
"""How far a record with a line break in quotes may reach before its quote counts as never closed."""

_COMMA, _QUOTE, _LF, _CR = b',"\n\r'
_LONE_CR: Final = re.compile(rb"\r(?!\n)")
_FORGIVING: Final = rb'(?>"(?>[^"]+|"")*+"[^,\n]*+|(?!")[^,\n]*+)'
_STRICT: Final = rb'(?>"(?>[^"]+|"")*+"|[^",\n]*+)'


class Records(NamedTuple):
    """Records of a block: `data` from `starts` to `stops` is each as received, `lines` its first line.

    `text` holds the same records, one after the other, as a CSV library can read them: UTF-8, quotes closed.
    """

    data: bytes
    starts: Offsets
    stops: Offsets
    lines: Offsets
    text: bytes

    def raw(self, index: int) -> bytes:
        """One record as received."""
        return self.data[int(self.starts[index]) : int(self.stops[index])]


class Gathered(NamedTuple):
    """What the lines of a block are: records, rejects, and lines at its end that the next block continues."""

    records: Records
    rejects: list[Reject]
    pending: Block | None


class _Odd(NamedTuple):
    """What became of `lines` lines from the line `first` on: text for the library, or else a reject."""

    first: int
    lines: int
    text: bytes = b""
    reject: Reject | None = None


class Gatherer:
    """Puts lines together to records of a number of fields; blank lines are left out."""

    def __init__(self, fields: int) -> None:
        """A record over several lines must have exactly `fields` fields, else its quote was never closed."""
        self._forgiving: Final = re.compile(rb"%b(?:,%b)*+\n" % (_FORGIVING, _FORGIVING))
        self._strict: Final = re.compile(rb"%b(?:,%b){%d}\r?\n" % (_STRICT, _STRICT, fields - 1))

    def gather(self, block: Block, *, final: bool) -> Gathered:
        """Take a block apart; `final` says that nothing follows which could close a quote."""
        odd: list[_Odd] = []
        pending = None
        done = 0
        for index in _odd_lines(block.data, block.ends):
            if index < done:
                continue
            found = self._record_at(block, index, final=final)
            if found is None:
                pending, block = _torn(block, index)
                break
            odd.append(found)
            done = index + found.lines
        return Gathered(_records(block, odd), [each.reject for each in odd if each.reject], pending)

    def _record_at(self, block: Block, index: int, *, final: bool) -> _Odd | None:
        """The record that begins with an odd line; None when the next block must tell."""
        data, ends, line = block.data, block.ends, block.first_line + index
        start, stop = int(ends[index - 1]) if index else 0, int(ends[index])
        match = self._forgiving.match(data, start, stop)
        if match is None:
            last = min(index + MAX_RECORD_LINES, len(ends)) - 1
            reach = max(stop, min(int(ends[last]), start + MAX_RECORD_BYTES))
            match = self._strict.match(data, start, reach)
            if match is None and not final and reach == len(data) and index + MAX_RECORD_LINES > len(ends):
                return None
        if match is None:
            detail = "A quote is opened and not closed."
            return _Odd(index, 1, reject=Reject(line, "unclosed_quote", detail, data[start:stop]))
        count = int(np.searchsorted(ends, match.end())) + 1 - index
        try:
            match[0].decode()
        except UnicodeDecodeError as bad:
            detail = f"Byte {bad.start + 1} of the record is not UTF-8."
            return _Odd(index, count, reject=Reject(line, "not_utf8", detail, match[0]))
        return _Odd(index, count, _LONE_CR.sub(b" ", match[0]))


def _odd_lines(data: bytes, ends: Offsets) -> list[int]:
    """Lines that the library could misread: quotes out of place, a lone CR, bytes that are not UTF-8."""
    content = np.frombuffer(data, np.uint8)
    found = [np.empty(0, np.int64)]
    if b'"' in data:
        quotes = np.flatnonzero(content == _QUOTE)
        line = np.searchsorted(ends, quotes, side="right")
        place = np.arange(len(quotes))
        first_of_line = np.maximum.accumulate(np.where(np.diff(line, prepend=-1) != 0, place, 0))
        opens = (place - first_of_line) % 2 == 0
        # Before the first byte stands, by index -1, the line feed that ends the block.
        neighbour = content[np.where(opens, quotes - 1, quotes + 1)]
        placed = (neighbour == _COMMA) | (neighbour == _LF) | (neighbour == _QUOTE) | (neighbour == _CR)
        last_of_line = np.diff(line, append=-1) != 0
        found.append(line[~placed | (last_of_line & opens)])
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        returns = np.flatnonzero(content == _CR)
        found.append(np.searchsorted(ends, returns[content[returns + 1] != _LF], side="right"))
    if not data.isascii() and not _is_utf8(data):
        lines = np.unique(np.searchsorted(ends, np.flatnonzero(content >= 128), side="right"))
        starts = np.append(0, ends)[lines]
        torn = [not _is_utf8(data[i:j]) for i, j in zip(starts.tolist(), ends[lines].tolist(), strict=True)]
        found.append(lines[torn])
    return np.unique(np.concatenate(found)).tolist()  # type: ignore[no-any-return]


def _records(block: Block, odd: list[_Odd]) -> Records:
    starts = np.append(0, block.ends[:-1]) if len(block.ends) else block.ends
    stops = block.ends.copy() if odd else block.ends
    kept = ~_blank(block.data, starts, block.ends)
    parts: list[bytes] = []
    done = 0
    for index, count, text, _reject in odd:
        last = index + count - 1
        kept[index : last + 1] = False
        kept[index] = bool(text)
        stops[index] = block.ends[last]
        parts += (block.data[done : int(starts[index])], text)
        done = int(block.ends[last])
    text = b"".join((*parts, block.data[done:])) if odd else block.data
    lines = block.first_line + np.flatnonzero(kept)
    return Records(block.data, starts[kept], stops[kept], lines, text)


def _blank(data: bytes, starts: Offsets, ends: Offsets) -> Mask:
    """Lines of nothing but their line break."""
    lengths = ends - starts
    blank: Mask = lengths == 1
    if b"\r" in data:
        content = np.frombuffer(data, np.uint8)
        blank |= (lengths == 2) & (content[starts] == _CR)
    return blank


def _torn(block: Block, index: int) -> tuple[Block, Block]:
    """The lines of a block from `index` on, and those before."""
    cut = int(block.ends[index - 1]) if index else 0
    rest = Block(block.first_line + index, block.data[cut:], block.ends[index:] - cut)
    return rest, Block(block.first_line, block.data[:cut], block.ends[:index])


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
