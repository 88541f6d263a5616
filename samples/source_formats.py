"""The formats of address files: columns of a source as bytes of CSV or GeoJSON, in one of three containers.

Here belongs writing any dwellings in any format; which file holds which dwellings is said in `address_files`.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from samples.dwellings import Dwellings, Floats, Ints
from samples.street_names import Spelling

STANDARD = ("LON", "LAT", "NUMBER", "STREET", "UNIT", "CITY", "DISTRICT", "REGION", "POSTCODE", "ID", "HASH")
"""Columns of OpenAddresses in their usual order."""
BOM = b"\xef\xbb\xbf"
_ROWS = 100_000
_ZIP_TIME = (2026, 10, 1, 0, 0, 0)


@dataclass(frozen=True)
class Layout:
    """How one source writes: its columns, what it leaves empty, its spelling, its bytes."""

    columns: tuple[str, ...] = STANDARD
    empty: frozenset[str] = frozenset({"DISTRICT"})
    spelling: Spelling = Spelling.SHORT
    unit_prefix: str = "APT "
    body: Literal["csv", "geojson"] = "csv"
    container: Literal["plain", "gzip", "zip"] = "plain"
    members: int = 1
    is_lower_case: bool = False
    is_quoted: bool = False
    has_bom: bool = False
    newline: bytes = b"\n"
    shift_m: float = 0.0
    """How far this source's points lie from the true ones, metres to the east."""


def write(dwellings: Dwellings, rows: Ints, layout: Layout, name: str) -> Iterator[bytes]:
    """The rows as one file in blocks; `name` is that of the file inside a zip archive."""
    if layout.container == "gzip":
        yield from gzipped(_plain(dwellings, rows, layout))
    elif layout.container == "zip":
        yield _zipped(dwellings, rows, layout, name)
    else:
        yield from _plain(dwellings, rows, layout)


def gzipped(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks as one gzip stream without a time in it."""
    packer = zlib.compressobj(4, zlib.DEFLATED, 31)
    for block in blocks:
        yield packer.compress(block)
    yield packer.flush()


def header(layout: Layout) -> bytes:
    """First line of a CSV file, with its mark of byte order if it has one."""
    text = ",".join(layout.columns)
    line = (text.lower() if layout.is_lower_case else text).encode() + layout.newline
    return BOM + line if layout.has_bom else line


def _plain(dwellings: Dwellings, rows: Ints, layout: Layout) -> Iterator[bytes]:
    if layout.body == "csv":
        yield header(layout)
    for start in range(0, len(rows), _ROWS):
        block = columns(dwellings, rows[start : start + _ROWS], layout)
        yield _csv(block, layout) if layout.body == "csv" else geojson(block)


def _zipped(dwellings: Dwellings, rows: Ints, layout: Layout, name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        archive.writestr(zipfile.ZipInfo("ct/", _ZIP_TIME), b"")
        archive.writestr(zipfile.ZipInfo("__MACOSX/._ct", _ZIP_TIME), b"\x00\x05\x16\x07")
        for number, part in enumerate(np.array_split(rows, layout.members), start=1):
            member = zipfile.ZipInfo(f"ct/{name}_{number}.csv", _ZIP_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w", force_zip64=True) as file:
                for block in _plain(dwellings, part, layout):
                    file.write(block)
    return packed.getvalue()


def columns(dwellings: Dwellings, rows: Ints, layout: Layout) -> dict[str, pa.Array]:
    """The columns of a layout as text, in its order."""
    lon = np.round(dwellings.lon[rows] + layout.shift_m / 83_000, 7)
    texts = {
        "LON": _number(lon),
        "LAT": _number(dwellings.lat[rows]),
        "NUMBER": pa.array(dwellings.number[rows]).cast(pa.string()),
        "STREET": dwellings.streets(rows, layout.spelling),
        "UNIT": dwellings.units(rows, layout.unit_prefix),
        "CITY": dwellings.cities(rows),
        "DISTRICT": _repeat("", len(rows)),
        "REGION": _repeat("CT", len(rows)),
        "POSTCODE": dwellings.postcodes(rows),
        "ID": pa.array(rows + 1).cast(pa.string()),
        "HASH": _hashes(rows),
        "ACCURACY": _repeat("3", len(rows)),
    }
    blank = _repeat("", len(rows))
    return {name: blank if name in layout.empty else texts[name] for name in layout.columns}


def geojson(block: dict[str, pa.Array]) -> bytes:
    """Rows as GeoJSON features, one a line; needs all standard columns."""
    pieces: list[pa.Array | str] = ['{"type":"Feature","properties":{']
    for i, name in enumerate(
        ("HASH", "NUMBER", "STREET", "UNIT", "CITY", "DISTRICT", "REGION", "POSTCODE", "ID")
    ):
        pieces += [f'{"," if i else ""}"{name.lower()}":"', block[name], '"']
    pieces += ['},"geometry":{"type":"Point","coordinates":[', block["LON"], ",", block["LAT"], "]}}\n"]
    lines = pc.binary_join_element_wise(*pieces, "")
    return _joined(lines)


def _csv(block: dict[str, pa.Array], layout: Layout) -> bytes:
    options = csv.WriteOptions(
        include_header=False, quoting_style="all_valid" if layout.is_quoted else "none"
    )
    out = io.BytesIO()
    csv.write_csv(pa.table(block), out, options)
    return out.getvalue() if layout.newline == b"\n" else out.getvalue().replace(b"\n", layout.newline)


def _joined(lines: pa.StringArray) -> bytes:
    offsets = np.frombuffer(lines.buffers()[1], np.int32)[: len(lines) + 1]
    return lines.buffers()[2].slice(0, int(offsets[-1])).to_pybytes() if len(lines) else b""


def _number(values: Floats) -> pa.StringArray:
    return pa.array(values).cast(pa.string())


def _repeat(text: str, count: int) -> pa.StringArray:
    return pa.repeat(pa.scalar(text), count)


def _hashes(rows: Ints) -> pa.StringArray:
    """Sixteen hexadecimal digits of each row, well mixed (the finaliser of splitmix64)."""
    mixed = (rows.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    digits = (mixed ^ (mixed >> np.uint64(31))).astype(">u8").tobytes().hex().encode()
    return pa.array(np.frombuffer(digits, "S16")).cast(pa.string())
