"""Listings of many mutated lines, read in bulk, one by one, and in blocks of a file; documents and CSV of the rows.

Lines are records here, so that one mutated input is one line whatever it holds.
"""

import datetime as dt
import io
import json
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Final

import pyarrow as pa

from fuzz import structure
from fuzz.mutation import Seeds
from fuzz.targets import Seen, Target, Violation
from platform_assets.listings import conversion, sheets
from platform_assets.listings.documents import documents
from platform_assets.listings.lines import from_block, from_records
from platform_assets.listings.parsing import Parsed, parsed
from resources.files.lines import blocks
from resources.listing_store.canonical import canonical
from tests.platform_assets.listings.listed_lines import LOADED, REJECTED

_BATCH: Final = 200
_LISTED: Final = dt.datetime(2026, 11, 21, 10, 5, tzinfo=dt.UTC)
_LONGEST: Final = 500
_RARELY: Final = 0.1
_WORDS: Final = (
    b" ", b"  ", b" -> ", b"->", b"total 4", b":", b"ls: ", b"find: ", b"?", b"-rw-r--r--", b"lrwxrwxrwx", b"+", b"@",
    b"8, 0", b"Nov 21 10:05 ", b"Mar 19  2021 ", b"2026-11-21 10:05 ", b"2026-11-21 10:05:11.123456789 +0000 ",
    b"Feb 29 ", b"24:00", b"0000", b"01", b"9223372036854775807", b"\t", b"root", b",,", b'","', b"\xff",
)  # fmt: skip


def lines_of_ls() -> Target:
    """Lines of ls -l of all kinds, and what else stands in such files."""
    rejected = [line for line, _ in REJECTED if len(line) < _LONGEST]
    seeds = Seeds(
        [*LOADED * 3, *rejected],
        _WORDS,
        structure.words(LOADED, [*_WORDS, *b" ".join(LOADED).split(b" ") * 2]),
    )
    return Target("a line of a listing of 200", seeds, _BATCH, _judge)


def _judge(inputs: Sequence[bytes], random: Random) -> Seen:
    found = parsed(from_records(inputs, 1, "fuzz", _LISTED))
    found.rows.validate(full=True)
    found.rejects.validate(full=True)
    at = sorted(found.rows.column("line").to_pylist() + found.rejects.column("line").to_pylist())
    if at != list(range(1, len(inputs) + 1)):
        raise Violation("a line is a row and a reject, or neither")
    made = documents(found.rows).column("document").to_pylist()
    if odd := [text for text in made if canonical(json.loads(text)).decode() != text]:
        raise Violation(f"{odd[0]!r} is no canonical JSON")
    _check_csv(found, made)
    if random.random() < _RARELY:
        _check_parts(inputs, found, random)
    return Seen(len(found.rows), Counter(found.rejects.column("reason").to_pylist()))


def _check_csv(found: Parsed, made: list[str]) -> None:
    sheet = "".join(sheets.written(found.rows).to_pylist()).encode()
    parts = list(conversion.of_csv(io.BytesIO(sheet)))
    again = b"".join(bytes(buffer) for part in parts for buffer in part.outputs[0])
    if again.decode() != "".join(f"{text}\n" for text in made):
        raise Violation("text to CSV to JSON is not text to JSON")


def _check_parts(inputs: Sequence[bytes], found: Parsed, random: Random) -> None:
    """One by one, and as a file in small blocks, where a line feed within a line makes it two."""
    alone = [parsed(from_records([line], number, "fuzz", _LISTED)) for number, line in enumerate(inputs, 1)]
    if _told(*alone) != _told(found):
        raise Violation("a line alone gives another result")
    text = b"\n".join(inputs) + b"\n"
    split = parsed(from_records(text.split(b"\n")[:-1], 1, "fuzz", _LISTED))
    tables = [
        from_block(block, "fuzz", _LISTED) for block in blocks(io.BytesIO(text), random.choice((7, 500)))
    ]
    if _told(parsed(pa.concat_tables(tables))) != _told(split):
        raise Violation("blocks of a file give another result")


def _told(*found: Parsed) -> list[list[dict[str, object]]]:
    """All rows and all rejects."""
    return [pa.concat_tables(tables).to_pylist() for tables in zip(*found, strict=True)]
