"""Address files full of traps: records that must be refused, each for its reason, between records that must not.

Small files written by hand here, with their truth; ordinary files are made in `address_files`.
"""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa

from samples.dwellings import Dwellings, Ints
from samples.source_formats import STANDARD, Layout, columns, geojson, gzipped

_BORROWED = 12


class Reject(NamedTuple):
    """A record that must be refused: where its first line is (0: the whole file), why, what the trap is called."""

    line: int
    reason: str
    trap: str


class TrapFile(NamedTuple):
    """A whole file with what a right reading finds in it."""

    name: str
    content: bytes
    rows: int
    rejects: tuple[Reject, ...]
    is_readable: bool = True


class Record(NamedTuple):
    """Bytes of a record without its end of line; no reason for a good one, "blank" for a line that is none."""

    trap: str
    reason: str
    raw: bytes


OUTSIDE = 2
"""Good records of other states; they are addresses without a quadrant."""

_CSV_RECORDS: tuple[Record, ...] = (
    Record("other_state", "", b"-72.5898001,42.1015002,77,STATE ST,,SPRINGFIELD,,MA,01103,,"),
    Record("other_state", "", b"-71.4128001,41.8240002,5,WEYBOSSET ST,,PROVIDENCE,,RI,02903,,"),
    Record("blank_line", "blank", b""),
    Record("missing_number", "missing_number", b"-73.5387,41.0534,,ATLANTIC ST,,STAMFORD,,CT,06901,,"),
    Record("missing_street", "missing_street", b"-73.5387,41.0534,17,,,STAMFORD,,CT,06901,,"),
    Record("blank_street", "missing_street", b"-73.5387,41.0534,18,   ,,STAMFORD,,CT,06901,,"),
    Record("no_number_at_all", "bad_coordinate", b"n/a,41.0534,19,ATLANTIC ST,,STAMFORD,,CT,06901,,"),
    Record("empty_coordinate", "bad_coordinate", b",,20,ATLANTIC ST,,STAMFORD,,CT,06901,,"),
    Record(
        "decimal_comma", "wrong_number_of_fields", b"-73,5387,41,0534,21,ATLANTIC ST,,STAMFORD,,CT,06901,,"
    ),
    Record(
        "beyond_the_earth",
        "coordinate_out_of_range",
        b"-273.5387,41.0534,22,ATLANTIC ST,,STAMFORD,,CT,06901,,",
    ),
    Record(
        "swapped_coordinates", "swapped_coordinates", b"41.0534,-73.5387,23,ATLANTIC ST,,STAMFORD,,CT,06901,,"
    ),
    Record("null_island", "null_island", b"0,0,24,ATLANTIC ST,,STAMFORD,,CT,06901,,"),
    Record("too_few_fields", "wrong_number_of_fields", b"-73.5387,41.0534,25,ATLANTIC ST"),
    Record(
        "too_many_fields",
        "wrong_number_of_fields",
        b"-73.5387,41.0534,26,ATLANTIC ST,,STAMFORD,,CT,06901,,,,x",
    ),
    Record("latin_1", "not_utf8", b"-73.5387,41.0534,27,CAF\xc9 ST,,STAMFORD,,CT,06901,,"),
    Record("blank_line", "blank", b""),
    Record("not_a_number", "bad_coordinate", b"NaN,NaN,28,ATLANTIC ST,,STAMFORD,,CT,06901,,"),
)
_UNCLOSED = Record(
    "unclosed_quote", "unclosed_quote", b'-73.5387,41.0534,29,"ATLANTIC ST,,STAMFORD,,CT,06901,,'
)


def files(dwellings: Dwellings, csv_rows: Ints, geojson_rows: Ints) -> Iterator[TrapFile]:
    """All of them in the order of their names; their good records repeat dwellings of other files."""
    yield _hand_collected(dwellings, csv_rows[: 2 * _BORROWED])
    yield _survey(dwellings, geojson_rows[:_BORROWED])
    yield _unreadable("2026-10-15_empty.csv", b"", "empty_file")
    yield _unreadable(
        "2026-10-16_without_numbers.csv", b"LON,LAT,STREET\n-73.5,41.1,MAIN ST\n", "missing_columns"
    )
    yield _unreadable(
        "2026-10-17_broken_download.csv.gz", _truncated(dwellings, csv_rows[:200]), "corrupt_archive"
    )
    yield _unreadable(
        "2026-10-18_scanned_list.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "unknown_format"
    )


def _hand_collected(dwellings: Dwellings, rows: Ints) -> TrapFile:
    """Good rows, quoted commas and newlines, then every bad record; the unclosed quote comes last but for good rows."""
    good = [b",".join(fields) for fields in _fields(dwellings, rows)]
    quoted = [_quoted(fields, i) for i, fields in enumerate(_fields(dwellings, rows[:3]))]
    records = [Record("", "", line) for line in good[:_BORROWED]]
    records += [Record("quoted_newline_and_comma", "", line) for line in quoted]
    records += [*_CSV_RECORDS, _UNCLOSED, *(Record("", "", line) for line in good[_BORROWED:])]
    return _file(
        "2026-10-13_hand_collected.csv", [Record("", "blank", ",".join(STANDARD).encode()), *records], b"\r\n"
    )


def _survey(dwellings: Dwellings, rows: Ints) -> TrapFile:
    good = geojson(columns(dwellings, rows, Layout(body="geojson"))).splitlines()
    feature = json.loads(good[0])
    point, properties = feature["geometry"], feature["properties"]

    def changed(trap: str, reason: str, **parts: object) -> Record:
        return Record(trap, reason, json.dumps({**feature, **parts}, separators=(",", ":")).encode())

    records = [Record("", "", line) for line in good[:-1]]
    records += [
        Record("cut_off_json", "invalid_json", good[0][:-20]),
        Record("prose", "invalid_json", b"end of the northern part"),
        changed(
            "a_line_string",
            "not_an_address",
            geometry={"type": "LineString", "coordinates": [[-73, 41], [-73, 42]]},
        ),
        Record("metadata", "not_an_address", b'{"type":"FeatureCollection","name":"litchfield"}'),
        changed("no_house_number", "missing_number", properties={**properties, "number": ""}),
        changed("no_street", "missing_street", properties={**properties, "street": None}),
        changed(
            "swapped_coordinates",
            "swapped_coordinates",
            geometry={**point, "coordinates": [41.8007, -73.1212]},
        ),
        changed("null_island", "null_island", geometry={**point, "coordinates": [0, 0]}),
        Record("blank_line", "blank", b""),
        Record("", "", good[-1]),
    ]
    return _file("2026-10-14_survey.geojson", records, b"\n")


def _file(name: str, records: Sequence[Record], newline: bytes) -> TrapFile:
    line, rows, rejects = 1, 0, []
    for record in records:
        if not record.reason:
            rows += 1
        elif record.reason != "blank":
            rejects.append(Reject(line, record.reason, record.trap))
        line += 1 + record.raw.count(b"\n")
    content = b"".join(record.raw + newline for record in records)
    return TrapFile(name, content, rows, tuple(rejects))


def _unreadable(name: str, content: bytes, reason: str) -> TrapFile:
    return TrapFile(name, content, 0, (Reject(0, reason, reason),), is_readable=False)


def _truncated(dwellings: Dwellings, rows: Ints) -> bytes:
    lines = [",".join(STANDARD).encode(), *(b",".join(fields) for fields in _fields(dwellings, rows))]
    whole = b"".join(gzipped(iter((b"\n".join(lines),))))
    return whole[: len(whole) * 2 // 3]


def _fields(dwellings: Dwellings, rows: Ints) -> list[list[bytes]]:
    block = columns(dwellings, rows, Layout())
    return [[str(value).encode() for value in record.values()] for record in pa.table(block).to_pylist()]


def _quoted(fields: list[bytes], number: int) -> bytes:
    notes = (b'"sheet 3, row 9"', b'"sheet ""A""\nrow 10"', b'"sheet 4\r\n\r\nrow 1"')
    return b",".join([*fields[:9], notes[number], fields[10]])
