"""The many lines without oddities, in bulk: the same fields as `entry` reads one by one.

What repeats from line to line, as dates and all before the size, is looked at once for each text that occurs; whether
such a day exists, and all other lines, is not decided here.
"""

from functools import reduce
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
_HEAD: Final = rf"^(?P<mode>{MODE}) +(?P<links>{_NUMBER}) +(?P<owner>[!-~]+) +(?P<owner_group>[!-~]+) +\z"
_DATE: Final = rf"^(?:{RECENT}|{OLD}|{FULL_ISO}|{LONG_ISO})\z"
_BLANK, _ZERO, _LINK = (ord(letter) for letter in " 0l")
_SIZE_DIGITS: Final = 18
_SIZE, _NAME = 4, 8
"""Places of words within a line: the first of all is its mode, and a date has three."""
_ISO_DAY, _ISO_CLOCK = len("2026-11-21 "), len("10:05 ")


class Plain(NamedTuple):
    """Fields of some lines as columns: `places` says which lines; `dated` is as printed, with all its blanks.

    The first four and `dated` are dictionaries; codes of the first four are the same.
    """

    places: Offsets
    mode: pa.DictionaryArray
    links: pa.DictionaryArray
    owner: pa.DictionaryArray
    owner_group: pa.DictionaryArray
    size: pa.Array
    dated: pa.DictionaryArray
    file: pa.Array
    target: pa.Array
    size_bytes: pa.Array


class _Bounds(NamedTuple):
    """Where in some lines begin the line, its size, date and name, and where it ends."""

    places: Offsets
    starts: Offsets
    sizes: Offsets
    dates: Offsets
    names: Offsets
    ends: Offsets

    def only(self, kept: Mask) -> "_Bounds":
        return _Bounds(*(column[kept] for column in self))


def plain(text: pa.Array, encoded: pa.Array) -> Plain:
    """Fields of those lines that are plain; where `encoded` is not null the text is not all there is."""
    data = text.buffers()[2] or pa.py_buffer(b"")
    letters = np.frombuffer(data, np.uint8)
    bounds = _bounds(text, encoded, letters)
    heads = cut(data, bounds.starts, bounds.sizes).dictionary_encode()
    dated = cut(data, bounds.dates, bounds.names - 1).dictionary_encode()
    size = cut(data, bounds.sizes, bounds.dates - 1)
    size_bytes = _numbers(size, bounds, letters)
    arrows = _arrows(bounds, letters, size_bytes.fill_null(0).to_numpy())
    fields = pc.extract_regex(heads.dictionary, _HEAD)
    is_date = pc.match_substring_regex(dated.dictionary, _DATE)
    read = (fields.is_valid().take(heads.indices), is_date.take(dated.indices), size_bytes.is_valid())
    is_plain = (arrows >= 0) & reduce(pc.and_, read).to_numpy(zero_copy_only=False)
    if not is_plain.all():
        bounds, arrows = bounds.only(is_plain), arrows[is_plain]
        heads, dated, size, size_bytes = (
            column.filter(pa.array(is_plain)) for column in (heads, dated, size, size_bytes)
        )
    # What no plain line has is in the dictionaries, too, which cannot hold null.
    mode, links, owner, owner_group = (
        pa.DictionaryArray.from_arrays(heads.indices, each.fill_null("0")) for each in fields.flatten()
    )
    file = cut(data, bounds.names, arrows)
    target = _targets(data, arrows, bounds.ends)
    return Plain(bounds.places, mode, links, owner, owner_group, size, dated, file, target, size_bytes)


def _bounds(text: pa.Array, encoded: pa.Array, letters: Letters) -> _Bounds:
    """Those lines that have all words, and may be plain."""
    offsets = np.frombuffer(text.buffers()[1], np.int32)[text.offset : text.offset + len(text) + 1]
    begun, ended = int(offsets[0]), int(offsets[-1])
    starts, ends = offsets[:-1].astype(np.int64), offsets[1:].astype(np.int64)
    is_word = letters[begun:ended] != _BLANK
    # A line of fewer words takes some of the next ones or of these: its name begins behind its end.
    words = np.append(np.flatnonzero(is_word[1:] > is_word[:-1]), [ended - begun] * _NAME)
    words += begun + 1
    # A word that begins with its line is its first.
    second = np.searchsorted(words, starts, side="right")
    sizes, dates, clocks, years, names = words[second + np.arange(_SIZE - 1, _NAME)[:, np.newaxis]]
    is_iso = (clocks - dates == _ISO_DAY) & (years - clocks == _ISO_CLOCK)
    names = np.where(is_iso, years, names)
    is_whole = (names < ends) & (ends - starts < MAX_RAW_BYTES)
    if encoded.null_count < len(encoded):
        is_whole &= encoded.is_null().to_numpy(zero_copy_only=False)
    if not letters.all():
        is_whole &= ~pc.match_substring(text, "\0").to_numpy(zero_copy_only=False)
    return _Bounds(np.arange(len(text)), starts, sizes, dates, names, ends).only(is_whole)


def _numbers(size: pa.Array, bounds: _Bounds, letters: Letters) -> pa.Array:
    """Sizes as numbers, null where they are none or may be too large."""
    digits = bounds.dates - 1 - bounds.sizes
    is_told = (digits <= _SIZE_DIGITS) & ((digits == 1) | (letters[bounds.sizes] != _ZERO))
    is_number = pc.and_(pc.ascii_is_decimal(size), pa.array(is_told))
    return pc.if_else(is_number, size, None).cast(pa.int64())


def _arrows(bounds: _Bounds, letters: Letters, size_bytes: Offsets) -> Offsets:
    """Where names end: at the line's end, at a link's arrow, or -1 where its size does not tell which it is."""
    is_link = letters[bounds.starts] == _LINK
    if not is_link.any():
        return bounds.ends
    at = bounds.ends - size_bytes - len(ARROW)
    # A name has a byte at least, a target too.
    told = is_link & (size_bytes > 0) & (at > bounds.names)
    for number, letter in enumerate(ARROW):
        told &= letters[np.where(told, at + number, 0)] == letter
    return np.where(is_link, np.where(told, at, -1), bounds.ends)


def _targets(data: pa.Buffer, arrows: Offsets, ends: Offsets) -> pa.Array:
    is_link = arrows < ends
    if not is_link.any():
        return pa.nulls(len(ends), pa.string())
    found = cut(data, arrows[is_link] + len(ARROW), ends[is_link])
    return found.take(pa.array(np.cumsum(is_link) - 1, mask=~is_link))
