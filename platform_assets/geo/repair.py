"""Rejected address records as a spreadsheet: written for a person to correct, and read back as rows.

What a good address is stays in `address_rows`; how repaired rows commit is in `repaired_rejects`.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from platform_assets.geo.address_rows import Candidates, checked
from platform_assets.geo.csv_records import COLUMNS
from resources.files.csv_table import trimmed
from resources.files.records import Parsed
from resources.unavailable import Unavailable

PLACE: Final = ("file", "file_version", "member", "line")
"""Columns by which a record is found again; they must not be changed."""
WHY: Final = ("reason", "detail", "raw")
"""Columns for the person who corrects."""
ADDRESS: Final = tuple(column.upper() for column in COLUMNS)
"""Columns to correct, as in an address file; a record where all are empty is left as it is."""

Place = tuple[str | None, int]
"""Member and line of a record within its file."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Correction(NamedTuple):
    """What a person wrote for one rejected record."""

    place: Place
    values: Mapping[str, str]
    raw: str


class Corrections(NamedTuple):
    """A corrected sheet: the file and version that it is of, and what was corrected."""

    file: str
    version: str
    rows: list[Correction]


def sheet(rejects: Iterable[Mapping[str, object]]) -> str:
    """Rows of `geo.rejected_addresses` as CSV: place, reason, record as received, its columns as far as they show."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*PLACE, *WHY, *ADDRESS])
    for row in rejects:
        told = [_cell(row[name]) for name in WHY]
        writer.writerow([*(_cell(row[name]) for name in PLACE), *told, *_columns(str(row["raw"]))])
    return out.getvalue()


def corrections(text: str) -> Corrections:
    """Read a corrected sheet; raises Unavailable where it is no such sheet, or is of several files."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    missing = [name for name in (*PLACE, *ADDRESS[:4]) if name not in (reader.fieldnames or ())]
    if missing:
        raise Unavailable(
            f"The repaired sheet has no column {', '.join(missing)}; export it again with `rejects`."
        )
    rows = list(reader)
    of = {(_uncell(row["file"]), _uncell(row["file_version"])) for row in rows}
    if len(of) != 1:
        raise Unavailable(
            f"The repaired sheet is of {len(of)} versions of files; hand back one version of one file at a time."
        )
    file, version = of.pop()
    corrected = [_correction(row) for row in rows if any((row.get(name) or "").strip() for name in ADDRESS)]
    return Corrections(file, version, corrected)


def parsed(member: str | None, rows: list[Correction]) -> Parsed:
    """Corrected records of one member as rows and rejects: the rules are those of a file, the line is the first one."""
    ordered = sorted(rows, key=lambda row: row.place[1])
    texts = [
        trimmed(pa.array([row.values.get(name) or None for row in ordered], pa.string()))
        for name in ADDRESS[2:]
    ]
    lon, lat = ([_number(row.values.get(name, "")) for row in ordered] for name in ADDRESS[:2])
    lines = np.array([row.place[1] for row in ordered], np.int64)
    raw = [row.raw.encode() for row in ordered]
    return checked(member, Candidates(lines, np.array(lon), np.array(lat), texts, raw.__getitem__), [])


def _correction(row: Mapping[str, str]) -> Correction:
    line = row["line"].strip()
    if not (line.isascii() and line.isdigit()):
        raise Unavailable(
            f"A line of the repaired sheet is {row['line']!r}; leave the columns of the place as they were."
        )
    values = {name: row.get(name) or "" for name in ADDRESS}
    return Correction((_uncell(row["member"]) or None, int(line)), values, "")


def _columns(raw: str) -> list[str]:
    """The record split as OpenAddresses orders its columns, where it has as many; else for the person to fill in."""
    try:
        fields = next(csv.reader([raw], strict=True), [])
    except csv.Error:
        fields = []
    if len(fields) not in (len(ADDRESS), len(ADDRESS) - 1):
        return [""] * len(ADDRESS)
    # A coordinate begins with a minus; what else looks like a formula is not put where a spreadsheet runs it.
    safe = [field if not field.startswith(_FORMULA) or isfinite(_number(field)) else "" for field in fields]
    return [*safe, *[""] * (len(ADDRESS) - len(safe))]


def _cell(value: object) -> str:
    """Text that a spreadsheet shows and does not run."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _uncell(text: str) -> str:
    """What `_cell` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def _number(text: str) -> float:
    try:
        return float("" if "_" in text else text.strip())
    except ValueError:
        return float("nan")
