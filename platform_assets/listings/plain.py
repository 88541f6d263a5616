"""The many lines without oddities, in bulk: the same fields as `entry` reads one by one.

Which lines these are is said by one regular expression; whether their day exists, and all others, is not decided here.
"""

from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from platform_assets.listings.dates import FULL_ISO, LONG_ISO, OLD, RECENT
from platform_assets.listings.entry import ARROW, MODE
from platform_assets.listings.lines import cut
from resources.files.lines import MAX_RAW_BYTES, Mask, Offsets

Letters: TypeAlias = npt.NDArray[np.uint8]

_NUMBER: Final = "(?:0|[1-9][0-9]{0,17})"
_LINE: Final = (
    rf"^{MODE} +{_NUMBER} +[!-~]+ +[!-~]+ +{_NUMBER} +(?:{RECENT}|{OLD}|{FULL_ISO}|{LONG_ISO}) (?:.|\n)"
)
_BLANK, _NINE, _LINK = (ord(letter) for letter in " 9l")
_SIZE, _DATE, _CLOCK = 4, 5, 6
"""Places of words within a line; the first five are a field each."""
_CLOCK_BYTES: Final = 5


class Plain(NamedTuple):
    """Fields of some lines as columns: `places` says which lines; `dated` is as printed, with all its blanks."""

    places: Offsets
    mode: pa.Array
    links: pa.Array
    owner: pa.Array
    owner_group: pa.Array
    size: pa.Array
    dated: pa.Array
    file: pa.Array
    target: pa.Array
    size_bytes: pa.Array


class _Bounds(NamedTuple):
    """Where each of some lines begins and ends, and every edge of a word; a line's edges begin at `first`."""

    places: Offsets
    starts: Offsets
    ends: Offsets
    first: Offsets
    edges: Offsets

    def only(self, kept: Mask) -> "_Bounds":
        places, starts, ends, first = (column[kept] for column in self[:-1])
        return _Bounds(places, starts, ends, first, self.edges)

    def word(self, number: int) -> tuple[Offsets, Offsets]:
        """Where a word of each line begins and ends; a line begins with its first word."""
        begun = self.edges[self.first + (2 * number - 1)] if number else self.starts
        return begun, self.word_end(number)

    def word_end(self, number: int | Offsets) -> Offsets:
        found: Offsets = self.edges[self.first + 2 * number]
        return found


def plain(text: pa.Array, encoded: pa.Array) -> Plain:
    """Fields of those lines that are plain; where `encoded` is not null the text is not all there is."""
    data = text.buffers()[2] or pa.py_buffer(b"")
    letters = np.frombuffer(data, np.uint8)
    bounds = _bounds(text, letters, _chosen(text, encoded, letters))
    size_bytes = cut(data, *bounds.word(_SIZE)).cast(pa.int64())
    date_ends = _date_ends(bounds, letters)
    arrows = _arrows(bounds, letters, date_ends, size_bytes.to_numpy())
    if (arrows < 0).any():
        kept = arrows >= 0
        bounds, date_ends, arrows = bounds.only(kept), date_ends[kept], arrows[kept]
        size_bytes = size_bytes.filter(pa.array(kept))
    mode, links, owner, owner_group, size = (cut(data, *bounds.word(number)) for number in range(_DATE))
    dated = cut(data, bounds.word(_DATE)[0], date_ends)
    file = cut(data, date_ends + 1, arrows)
    target = _targets(data, arrows, bounds.ends)
    return Plain(bounds.places, mode, links, owner, owner_group, size, dated, file, target, size_bytes)


def _chosen(text: pa.Array, encoded: pa.Array, letters: Letters) -> Mask:
    """Which lines are plain, but for links whose arrow cannot be told by their size."""
    chosen = pc.match_substring_regex(text, _LINE)
    if encoded.null_count < len(encoded):
        chosen = pc.and_(chosen, encoded.is_null())
    if (letters == 0).any():
        chosen = pc.and_not(chosen, pc.match_substring(text, "\0"))
    short = pc.less(pc.binary_length(text), MAX_RAW_BYTES)
    found: Mask = pc.and_(chosen, short).to_numpy(zero_copy_only=False)
    return found


def _bounds(text: pa.Array, letters: Letters, chosen: Mask) -> _Bounds:
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1]
    begun, ended = int(offsets[0]), int(offsets[-1])
    is_word = letters[begun:ended] != _BLANK
    edges = np.flatnonzero(is_word[1:] != is_word[:-1]) + (begun + 1)
    places = np.flatnonzero(chosen)
    starts = offsets[places].astype(np.int64)
    # An edge between two lines, which nothing else parts, is none of the second.
    first = np.searchsorted(edges, starts, side="right")
    return _Bounds(places, starts, offsets[places + 1].astype(np.int64), first, edges)


def _date_ends(bounds: _Bounds, letters: Letters) -> Offsets:
    """Where dates end, which are three words, or two as in `2026-11-21 10:05`."""
    is_iso = letters[bounds.word(_DATE)[0]] <= _NINE
    if not is_iso.any():
        return bounds.word_end(_CLOCK + 1)
    begun, ended = bounds.word(_CLOCK)
    return bounds.word_end(np.where(is_iso & (ended - begun == _CLOCK_BYTES), _CLOCK, _CLOCK + 1))


def _arrows(bounds: _Bounds, letters: Letters, date_ends: Offsets, size_bytes: Offsets) -> Offsets:
    """Where names end: at the line's end, at a link's arrow, or -1 where its size does not tell which it is."""
    is_link = letters[bounds.starts] == _LINK
    if not is_link.any():
        return bounds.ends
    at = bounds.ends - size_bytes - len(ARROW)
    # A name has a byte at least, a target too.
    told = is_link & (size_bytes > 0) & (at > date_ends + 1)
    for number, letter in enumerate(ARROW):
        told &= letters[np.where(told, at + number, 0)] == letter
    return np.where(is_link, np.where(told, at, -1), bounds.ends)


def _targets(data: pa.Buffer, arrows: Offsets, ends: Offsets) -> pa.Array:
    is_link = arrows < ends
    if not is_link.any():
        return pa.nulls(len(ends), pa.string())
    found = cut(data, arrows[is_link] + len(ARROW), ends[is_link])
    return found.take(pa.array(np.cumsum(is_link) - 1, mask=~is_link))
