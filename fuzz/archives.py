"""Mutated gzip and zip files: what comes out stays within the limits, and is refused with a reason or read as a whole.

One in ten is also read to its end as an address file.
"""

import gzip
import io
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Final

from fuzz import structure
from fuzz.mutation import Seeds
from fuzz.targets import Seen, Target, Violation
from platform_assets.geo import openaddresses
from resources.files import containers as parser
from tests.bad_input import FEATURE, FILES, GOOD, HEADER

_LIMIT: Final = 4_000_000
"""What one input may become; a bomb is to be stopped here."""
_CHUNK: Final = 65_536
_WORDS: Final = (
    b"\x1f\x8b\x08\x00", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x07\x08", b"\x1f\x8b",
    struct.pack("<H", 0xFFFF), struct.pack("<I", 0xFFFFFFFF), struct.pack("<Q", 1 << 62), b"\x01\x00", b"\x08\x00",
    b"\x0c\x00", b"\x0e\x00", b"\x63\x00", b"\x14\x00\x01\x00", b"../../etc/passwd", b"/abs", b"__MACOSX/",
    b"a/", b"\0",
    b"\x00\x00\xff\xff", gzip.compress(b""), gzip.compress(b"x"),
)  # fmt: skip


def containers() -> Target:
    """Whole archives, each an input of its own."""
    plain = Seeds(
        [HEADER + GOOD * 5, FEATURE * 3, HEADER + b"\n" * 20_000], [HEADER, GOOD, FEATURE, b"\0", b"\n"]
    )
    seeds = Seeds(_seeds(), _WORDS, structure.archives(plain))
    return Target("a whole gzip or zip file", seeds, 20, _judge)


def _judge(inputs: Sequence[bytes], random: Random) -> Seen:
    rows = 0
    reasons: Counter[str] = Counter()
    for data in inputs:
        try:
            rows += _members(data)
            if random.random() < 0.1:
                _addresses(data)
        except parser.UnreadableFile as unreadable:
            if unreadable.reason not in openaddresses.REASONS or not unreadable.detail:
                raise Violation(f"{unreadable.reason!r} is no reason of the list") from unreadable
            reasons[unreadable.reason] += 1
    return Seen(rows, reasons)


def _members(data: bytes) -> int:
    """Members that were read to their end; each byte is counted against the limit."""
    count = total = 0
    for member in parser.members(io.BytesIO(data), _LIMIT):
        while chunk := member.stream.read(_CHUNK):
            total += len(chunk)
            if len(chunk) > _CHUNK or total > _LIMIT:
                raise Violation(f"{total} bytes came out, {_LIMIT} are allowed")
        count += 1
    return count


def _addresses(data: bytes) -> None:
    places: list[tuple[str | None, int]] = []
    for part in openaddresses.read(io.BytesIO(data), "fuzz", _LIMIT):
        for table in part:
            table.validate(full=True)
            places += zip(table.column("member").to_pylist(), table.column("line").to_pylist(), strict=True)
    names = {name for name, _line in places}
    if len(names) > 1 and len(places) != len(set(places)) and not _has_namesakes(data):
        raise Violation("a record is a row and a reject, or is there twice")


def _has_namesakes(data: bytes) -> bool:
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    return len(names) != len(set(names))


def _seeds() -> list[bytes]:
    body = HEADER + GOOD * 5
    archives = [file.content for file in FILES if file.content[:2] in (b"PK", b"\x1f\x8b")]
    return [
        *(archive for archive in archives if len(archive) < 20_000),
        gzip.compress(body),
        gzip.compress(HEADER) + gzip.compress(GOOD) + gzip.compress(b""),
        gzip.compress(FEATURE * 3, compresslevel=1),
        gzip.compress(HEADER + b"\n" * 200_000),
        _gzip_with_fields(body),
        *(
            _zip(method, body)
            for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
        ),
        _zip(zipfile.ZIP_DEFLATED, _zip(zipfile.ZIP_DEFLATED, body)),
        _zip(zipfile.ZIP_DEFLATED, b"\n" * 300_000),
        body,
    ]


def _gzip_with_fields(body: bytes) -> bytes:
    """All optional fields of RFC 1952, 2.3.1: extra, name, comment and the header's own checksum."""
    head = b"\x1f\x8b\x08\x1e" + bytes(6) + b"\x04\x00abcd" + b"name.csv\0" + b"comment\0"
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    packed = zlib.compressobj(wbits=-15)
    return head + packed.compress(body) + packed.flush() + struct.pack("<II", zlib.crc32(body), len(body))


def _zip(method: int, body: bytes) -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", method) as archive:
        archive.comment = b"a comment"
        archive.writestr("folder/a.csv", body)
        archive.writestr("b.csv", HEADER + GOOD)
    return stored.getvalue()
