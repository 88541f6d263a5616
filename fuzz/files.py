"""Address files of many mutated records: CSV and line-delimited GeoJSON, counted a second time in another way.

Containers are left out here, so that every input reaches the parser of its format.
"""

import io
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from fuzz import structure
from fuzz.csv_records import first_lines
from fuzz.mutation import Seeds, mutated
from fuzz.targets import Seen, Target, Violation
from platform_assets.geo import openaddresses
from resources.files import lines
from samples import source_formats, world
from tests.bad_input import FEATURE, FILES, GOOD, HEADER

_BATCH: Final = 60
_BLOCKS: Final = (1, 7, 64, 500, 4_000)
_RARELY: Final = 0.05
_FIELDS: Final = len(HEADER.split(b","))
_WORDS: Final = tuple(name.encode() for name in source_formats.STANDARD)
_CSV_WORDS: Final = (
    b'"', b'""', b'","', b'"\n"', b'",\n', b",", b",,,,", b"\n", b"\r\n", b"\r", b"NULL", b"NaN", b'"MAIN, ST"',
    b"\xa0",
    b"-72.6734,41.7658,", b"41.7658,-72.6734,", b"0,0,", HEADER, GOOD, *_WORDS,
)  # fmt: skip
_JSON_WORDS: Final = (
    b'{"type":"Feature"', b'"geometry":', b'"properties":', b'"coordinates":', b"[-72.6734,41.7658]", b"[41.7,-72.6]",
    b'"type":"Point"', b"null", b"true", b"{}", b"[]", b"[" * 300, b'{"a":' * 300, b"\\u0000", b"\\ud800", b'"number":',
    b'"street":', b'"hash":', b"1e999", b"\x1e", b"\n", b"\r\n", b'"FeatureCollection"', FEATURE,
)  # fmt: skip


def csv() -> Target:
    """Records of CSV below one header; one in twenty headers is mutated, too."""
    records = [line + b"\n" for line in _lines(".csv") if b"{" not in line[:1]]
    records += [file.content.removeprefix(HEADER) for file in FILES if file.content.startswith(HEADER)]
    inputs = [record for record in records if len(record) < 5_000]
    sound = [record for record in inputs if record.count(b",") == _FIELDS - 1]
    seeds = Seeds(inputs, _CSV_WORDS, structure.records(sound))

    def judge(inputs: Sequence[bytes], random: Random) -> Seen:
        header = mutated(Seeds([HEADER], _CSV_WORDS), random) if random.random() < _RARELY else HEADER
        content = header + b"".join(inputs)
        return _judged(content, random, _csv_lines if header is HEADER else None)

    return Target("a record of a CSV file of 60", seeds, _BATCH, judge)


def geojson() -> Target:
    """Lines of GeoJSON below one good one."""
    records = [line + b"\n" for line in _lines(".geojson")]
    records += [file.content for file in FILES if file.content.startswith(FEATURE)]
    inputs = [record for record in records if len(record) < 5_000]
    seeds = Seeds(inputs, _JSON_WORDS, structure.documents(inputs))

    def judge(inputs: Sequence[bytes], random: Random) -> Seen:
        return _judged(FEATURE + b"".join(inputs), random, _json_lines)

    return Target("a line of a GeoJSON file of 60", seeds, _BATCH, judge)


def _judged(content: bytes, random: Random, count: Callable[[bytes], list[int] | None] | None) -> Seen:
    """Read a file, once more in other blocks now and then, and compare its records with another count."""
    block_bytes = random.choice(_BLOCKS)
    try:
        lines, seen = _read(content)
    except openaddresses.UnreadableFile as unreadable:
        if count:
            raise Violation(f"a file with a good first line is unreadable: {unreadable}") from unreadable
        return Seen(0, Counter({f"file: {unreadable.reason}": 1}))
    if lines != sorted(set(lines)):
        raise Violation("a record is a row and a reject, or is there twice")
    expected = count(content) if count else None
    if expected is not None and lines != expected:
        odd = sorted(set(lines) ^ set(expected))[:5]
        raise Violation(f"{len(expected)} records are in the file, {len(lines)} came out; lines {odd} differ")
    if random.random() < _RARELY and _read(content, block_bytes) != (lines, seen):
        raise Violation(f"blocks of {block_bytes} bytes give another result")
    return seen


def _read(content: bytes, block_bytes: int = lines.BLOCK_BYTES) -> tuple[list[int], Seen]:
    lines: list[int] = []
    reasons: Counter[str] = Counter()
    loaded = 0
    for rows, rejects in openaddresses.read(io.BytesIO(content), "fuzz", block_bytes=block_bytes):
        rows.validate(full=True)
        rejects.validate(full=True)
        lines += rows.column("line").to_pylist() + rejects.column("line").to_pylist()
        reasons.update(rejects.column("reason").to_pylist())
        loaded += rows.num_rows
    return sorted(lines), Seen(loaded, reasons)


def _json_lines(content: bytes) -> list[int]:
    return [
        number
        for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1)
        if line.strip().removeprefix(b"\x1e").strip()
    ]


def _csv_lines(content: bytes) -> list[int] | None:
    if b'"' not in content:
        return [
            number for number, line in enumerate(content.split(b"\n"), start=1) if number > 1 and line.strip()
        ]
    return first_lines(content, _FIELDS)


def _lines(suffix: str) -> list[bytes]:
    """Some lines of the sample world's files of one format."""
    made = world.make(world.WorldConfig(addresses=1_500, customers=220, tweets=50))
    found: list[bytes] = []
    for file in made.address_files():
        if file.key.endswith(suffix):
            found += b"".join(file.blocks).split(b"\n")[1:40]
    return [line for line in found if line.strip()]
