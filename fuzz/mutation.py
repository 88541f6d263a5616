"""Mutations of bytes: of letters, of parts, of the words of a format, and crosses of two seeds. The same for one seed.

What the bytes mean is unknown here; a parser gives its seeds and its words.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Final, NamedTuple

_NUMBERS: Final = (
    b"0", b"-0", b"1", b"-1", b"91", b"-181", b"1e400", b"-1e-400", b"nan", b"inf", b"0x10", b"9223372036854775808",
    b"18446744073709551616", b"4294967296", b"00012", b"1.", b".5", b"+7", b"1_000", b"\xd9\xa3",
)  # fmt: skip
_BYTES: Final = (
    b"\0", b"\n", b"\r", b"\r\n", b"\t", b" ", b"\x1e", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf",
    b"\xe2\x80\xa8", b"\xf0\x9f\x8f\xa0", b'"', b"\\", b",", b"{", b"}", b"[", b"]", b"'", b"\x1a", b"\x85",
)  # fmt: skip
_LONGEST: Final = 20_000
"""Above this a mutation makes an input no longer."""


class Seeds(NamedTuple):
    """What mutations begin with: whole inputs, words that mean something in them, and who keeps their structure."""

    inputs: Sequence[bytes]
    words: Sequence[bytes]
    structured: Callable[[Random], bytes] | None = None


def mutated(seeds: Seeds, random: Random) -> bytes:
    """One input: a seed after one to six mutations, mostly few; every second one keeps its structure."""
    if seeds.structured and random.random() < 0.5:
        return seeds.structured(random)
    data = random.choice(seeds.inputs)
    for _ in range(1 + int(random.random() ** 2 * 6)):
        data = random.choice(_MUTATIONS)(data, seeds, random)
    return data


def _span(data: bytes, random: Random) -> tuple[int, int]:
    """A part of the bytes, mostly a short one."""
    start = int(random.random() * (len(data) + 1))
    return start, min(len(data), start + 1 + int(random.random() ** 4 * 64))


def _flipped(data: bytes, seeds: Seeds, random: Random) -> bytes:
    if not data:
        return data
    place = int(random.random() * len(data))
    return data[:place] + bytes((data[place] ^ (1 << int(random.random() * 8)),)) + data[place + 1 :]


def _overwritten(data: bytes, seeds: Seeds, random: Random) -> bytes:
    start, stop = _span(data, random)
    return data[:start] + random.randbytes(min(stop - start, 8)) + data[stop:]


def _shortened(data: bytes, seeds: Seeds, random: Random) -> bytes:
    start, stop = _span(data, random)
    return data[:start] + data[stop:]


def _cut(data: bytes, seeds: Seeds, random: Random) -> bytes:
    return data[: int(random.random() * (len(data) + 1))]


def _doubled(data: bytes, seeds: Seeds, random: Random) -> bytes:
    if len(data) > _LONGEST:
        return data
    start, stop = _span(data, random)
    return data[:stop] + data[start:stop] * (1 + int(random.random() ** 6 * 200)) + data[stop:]


def _inserted(data: bytes, seeds: Seeds, random: Random) -> bytes:
    place = int(random.random() * (len(data) + 1))
    return data[:place] + random.choice(_BYTES) + data[place:]


def _worded(data: bytes, seeds: Seeds, random: Random) -> bytes:
    """A word of the format in place of a part."""
    start, stop = _span(data, random)
    return data[:start] + random.choice(seeds.words) + data[stop if random.random() < 0.5 else start :]


def _renumbered(data: bytes, seeds: Seeds, random: Random) -> bytes:
    """Another number in place of the digits that come next."""
    start = int(random.random() * (len(data) + 1))
    while start < len(data) and not 48 <= data[start] <= 57:
        start += 1
    stop = start
    while stop < len(data) and data[stop] in b"0123456789.":
        stop += 1
    return data[:start] + random.choice(_NUMBERS) + data[stop:]


def _moved(data: bytes, seeds: Seeds, random: Random) -> bytes:
    start, stop = _span(data, random)
    part, rest = data[start:stop], data[:start] + data[stop:]
    place = int(random.random() * (len(rest) + 1))
    return rest[:place] + part + rest[place:]


def _crossed(data: bytes, seeds: Seeds, random: Random) -> bytes:
    """The beginning of one seed and the end of another."""
    other = random.choice(seeds.inputs)
    return data[: int(random.random() * len(data))] + other[int(random.random() * len(other)) :][:_LONGEST]


_MUTATIONS: Final[Sequence[Callable[[bytes, Seeds, Random], bytes]]] = (
    _flipped, _overwritten, _shortened, _cut, _doubled, _inserted, _inserted, _worded, _worded, _renumbered, _moved,
    _crossed,
)  # fmt: skip
