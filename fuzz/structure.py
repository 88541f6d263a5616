"""Mutations that keep a format whole: JSON that still parses, records with all their fields, archives of odd content.

They reach what lies behind a parser's first complaint; mutations of bytes are in `mutation`.
"""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any, Final

from fuzz.mutation import Seeds, mutated

_VALUES: Final[Sequence[Any]] = (
    None, True, False, 0, -0.0, 1, -1, 12.5, 1e308, -72.6734, 41.7658, 181, 2**53 + 1, 2**64, -(2**63), 10**400, "",
    " ", "12", "NaN", "1e5", "\0", "\ud800", "\U0001f3e0", "a" * 3_000, [], {}, [[]], [None], [1], [1, 2, 3],
    [[-72.6, 41.7]], [41.7, -72.6], [-72.6, 41.7], ["-72.6", "41.7"], [1e308, -1e308], [True, False], {"type": "Point"},
    {"coordinates": [-72.6, 41.7]}, {"id": 7}, {"id_str": 7}, "2026-11-01T08:00:00Z", "9999-12-31T23:59:59-23:59",
    "Thu Feb 21 14:03:11 +0000 2019", "Thu Feb 21 24:60:61 -9999 2019", "Thu Foo 1 1 1 1",
)  # fmt: skip
_FIELDS: Final = (
    b"", b" ", b"\xa0", b"\t", b"0", b"-0.0", b"+41.7", b"41.7", b"-72.6", b"1e2", b"-7.26e1", b"1e999", b"nan", b"inf",
    b"0x1", b"41,7", b'"41.7"', b'"-72.6"', b'""', b'"a""b"', b'"a\nb"', b'"a\r\nb"', b"'", b"\\N", b"NULL",
    b"\xc3\xa9", b"\xff", b"\0",
    b"M" * 3_000, b"12 1/2", "\u0661\u0662".encode(), b"\xef\xbb\xbf12", b'"', b'a"b', b' "a"', b'"a" ',
)  # fmt: skip


def documents(inputs: Sequence[bytes]) -> Callable[[Random], bytes]:
    """JSON documents in which some places hold other things, or nothing, or twice the same name."""
    parsed = [text for text in inputs if _is_object(text)]

    def make(random: Random) -> bytes:
        document = json.loads(random.choice(parsed))
        for _ in range(1 + int(random.random() ** 2 * 4)):
            _replace(document, random)
        text = json.dumps(document, ensure_ascii=random.random() < 0.5)
        return text.encode(errors="surrogatepass") + b"\n"

    return make


def records(inputs: Sequence[bytes]) -> Callable[[Random], bytes]:
    """CSV records of the same number of fields, or one more or less, with other things in some of them."""

    def make(random: Random) -> bytes:
        fields = random.choice(inputs).rstrip(b"\r\n").split(b",")
        for _ in range(1 + int(random.random() ** 2 * 4)):
            fields[int(random.random() * len(fields))] = random.choice(_FIELDS)
        if random.random() < 0.05:
            fields.append(random.choice(_FIELDS))
        return b",".join(fields) + random.choice((b"\n", b"\n", b"\r\n"))

    return make


def words(inputs: Sequence[bytes], others: Sequence[bytes]) -> Callable[[Random], bytes]:
    """Lines of words between blanks with other words in some places, or other blanks between them."""

    def make(random: Random) -> bytes:
        given = random.choice(inputs).split(b" ")
        for _ in range(1 + int(random.random() ** 2 * 4)):
            given[int(random.random() * len(given))] = random.choice(others)
        return b" ".join(given)

    return make


def archives(plain: Seeds) -> Callable[[Random], bytes]:
    """Sound archives of mutated plain files, some of several members, some twice packed, some cut."""

    def make(random: Random) -> bytes:
        data = b"".join(mutated(plain, random) for _ in range(random.randint(1, 4)))
        for _ in range(random.choice((1, 1, 1, 2))):
            data = random.choice((_gzip, _gzips, _zip))(data, random)
        return data if random.random() < 0.9 else data[: int(random.random() * len(data))]

    return make


def _is_object(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _replace(document: dict[str, Any], random: Random) -> None:
    """Go down by chance, and put something in place of what is found there."""
    place: Any = document
    while place:
        key = random.choice(list(place)) if isinstance(place, dict) else int(random.random() * len(place))
        below = place[key]
        if isinstance(below, dict | list) and below and random.random() < 0.8:
            place = below
            continue
        if random.random() < 0.2 and isinstance(place, dict):
            del place[key]
        else:
            place[key] = deepcopy(random.choice(_VALUES))
        return


def _gzip(data: bytes, random: Random) -> bytes:
    return gzip.compress(data, compresslevel=random.choice((0, 1, 9)), mtime=0)


def _gzips(data: bytes, random: Random) -> bytes:
    """Several gzip members one after the other, which are one file."""
    cut = int(random.random() * len(data))
    return _gzip(data[:cut], random) + _gzip(data[cut:], random) + random.choice((b"", b"\0" * 7, b"x"))


def _zip(data: bytes, random: Random) -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for number in range(random.randint(1, 3)):
            archive.writestr(zipfile.ZipInfo(f"{number}.csv"), data)
    return stored.getvalue()
