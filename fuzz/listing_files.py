"""Whole texts of listings, whose ends of lines must be told, and free CSV of their rows; both counted in another way.

What one line says is fuzzed in `listings`.
"""

import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random
from typing import Final

from fuzz import structure
from fuzz.listings import lines_of_ls
from fuzz.mutation import Seeds
from fuzz.targets import Seen, Target, Violation
from platform_assets.listings import conversion, sheets
from platform_assets.listings.lines import from_records
from platform_assets.listings.parsing import parsed
from platform_assets.listings.text import split
from resources.files.lines import BLOCK_BYTES, MAX_LINE_BYTES, MAX_RAW_BYTES
from tests.platform_assets.listings.listed_lines import LOADED, read

_BATCH: Final = 60
_LISTED: Final = dt.datetime(2026, 11, 21, 10, 5, tzinfo=dt.UTC)
_BOM: Final = b"\xef\xbb\xbf"
_BLOCKS: Final = (1, 7, 64, 500, 4_000)
_RARELY: Final = 0.02
_RECORD_LETTERS: Final = 64_000
_WORDS: Final = (
    b'"', b'""', b'","', b'"\n', b'\n"', b",", b",,,", b"\n", b"\r\n", b"\r", b"-rw-r--r--", b"lrwxrwxrwx", b"8, 0",
    b'"8, 0"', b"Mar 19 2021", b"2026-11-21 10:05", b"L2H/", b"L2E=", b"/a", b"\xff", b"\0", b"\xc2\x85",
)  # fmt: skip
_FIELD: Final = r'(?>"(?:[^"]|"")*+"|(?!")[^,\r\n]*+)'
_RECORD: Final = re.compile(rf"{_FIELD}(?:,{_FIELD})*+(?:\r\n|\r|\n|\Z)")
_LINE: Final = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n|\Z)")


def texts() -> Target:
    """Texts of mutated lines, with any ends."""
    return Target("a line of a text of 60, with any ends", lines_of_ls().seeds, _BATCH, _judge_text)


def records() -> Target:
    """CSV as `sheets` writes it, and what else may stand in such a file."""
    written = "".join(sheets.written(read(*LOADED).rows).to_pylist()).encode()
    seeds = [written, *written.splitlines(keepends=True) * 3]
    return Target(
        "a record of CSV of 60", Seeds(seeds, _WORDS, structure.records(seeds[1:])), _BATCH, _judge_csv
    )


def _judge_text(inputs: Sequence[bytes], random: Random) -> Seen:
    end = random.choice((b"\n", b"\r\n", b"\0"))
    lines = _well_ended(inputs, end)
    block_bytes = random.choice(_BLOCKS)
    if random.random() < _RARELY:
        lines.insert(-1, b"x" * random.choice((MAX_LINE_BYTES - 2, MAX_LINE_BYTES, MAX_LINE_BYTES * 3)))
        block_bytes = BLOCK_BYTES
    text = random.choice((b"", _BOM)) + end.join(lines) + random.choice((end, b""))
    found = list(split(io.BytesIO(text), block_bytes))
    if found != [line if len(line) < MAX_LINE_BYTES else line[:MAX_RAW_BYTES] for line in lines]:
        raise Violation(f"{len(lines)} lines were written, {len(found)} others came out")
    _judge_lines(text)
    return _judge_lines(random.choice((b"\n", b"\0", b"\r\n", b"")).join(inputs))


def _well_ended(inputs: Sequence[bytes], end: bytes) -> list[bytes]:
    """Lines without what ends them, but with what ends others; those that ls writes outnumber those bytes."""
    gone, other = (b"\0", b"\n") if end == b"\0" else (b"\r\n", b"\0")
    bare = [line.translate(None, gone) for line in inputs]
    return [*[LOADED[0]] * (sum(line.count(other) for line in bare) + 2), *bare, LOADED[0]]


def _judge_lines(text: bytes) -> Seen:
    """All bytes of a text are in its lines; by the assets' way and by the command's each is one row or one reject."""
    lines = list(split(io.BytesIO(text)))
    if max(map(len, lines), default=0) < MAX_RAW_BYTES and not _is_whole(lines, text.removeprefix(_BOM)):
        raise Violation("the lines of a text are not the text")
    found = parsed(from_records(lines, 1, "fuzz", _LISTED))
    rejects = [(each["line"], each["reason"]) for each in found.rejects.to_pylist()]
    if sorted(found.rows.column("line").to_pylist() + [line for line, _ in rejects]) != list(
        range(1, len(lines) + 1)
    ):
        raise Violation("a line is a row and a reject, or neither")
    made = "".join(conversion.JSON(found.rows).to_pylist()).encode()
    if _told(conversion.of_text(io.BytesIO(text), _LISTED, conversion.JSON)) != (made, rejects):
        raise Violation("the command reads a text in another way")
    return Seen(len(found.rows), Counter(reason for _, reason in rejects))


def _is_whole(lines: list[bytes], text: bytes) -> bool:
    """Whether lines are all of a text in one of its forms; of the last line the end may be missing."""
    by_feed = b"".join(line + b"\n" for line in lines)
    fed = text if text.endswith(b"\n") or not text else text + b"\n"
    is_fed = by_feed in (fed, fed.replace(b"\r\n", b"\n"))
    return is_fed or text in (b"\0".join(lines), b"\0".join([*lines, b""]))


def _judge_csv(inputs: Sequence[bytes], random: Random) -> Seen:
    data = random.choice((b"", _BOM)) + b"".join(inputs)
    output, rejects = _told(conversion.of_csv(io.BytesIO(data)))
    expected = _first_lines(data.removeprefix(_BOM).decode(errors="surrogateescape"))
    rows, lines = output.count(b"\n"), [line for line, _ in rejects]
    if rows + len(lines) != len(expected) or lines != [line for line in expected if line in set(lines)]:
        raise Violation(
            f"{len(expected)} records are in the file, {rows} rows and {len(lines)} rejects came out"
        )
    return Seen(rows, Counter(reason for _, reason in rejects))


def _first_lines(text: str) -> list[int]:
    """First lines of the records of CSV, and the lines that begin none."""
    place, line, found = 0, 1, []
    while place < len(text):
        found.append(line)
        alone = _LINE.match(text, place)
        whole = _RECORD.match(text, place)
        taken = whole if whole and len(whole[0]) <= _RECORD_LETTERS else alone
        if taken is None:
            raise Violation(f"nothing begins at letter {place}")
        line += len(re.findall(r"\r\n|\r|\n", taken[0]))
        place = taken.end()
    return found


def _told(parts: Iterable[conversion.Part]) -> tuple[bytes, list[tuple[int, str]]]:
    """What came out, and the lines that did not with why."""
    every = list(parts)
    output = b"".join(bytes(buffer) for part in every for buffer in part.outputs[0])
    return output, [(each.line, each.reason) for part in every for each in part.rejects]
