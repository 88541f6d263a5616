"""Address files in the formats of OpenAddresses, parsed to rows and rejects in bounded memory.

Which format a file has is decided here, by its content; each format and container has its own module.
"""

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, Final

import pyarrow as pa

from platform_assets.geo import csv_records, geojson_lines
from platform_assets.geo.address_rows import REASONS, REJECTS, ROWS, rejected
from resources.files.containers import (
    HEAD_BYTES,
    MAX_PLAIN_BYTES,
    Member,
    Reader,
    UnreadableFile,
    members,
    shown,
)
from resources.files.csv_table import header_of
from resources.files.lines import BLOCK_BYTES, blocks, first_line, without_bom
from resources.files.records import Parsed, Reject

__all__ = ["REASONS", "REJECTS", "ROWS", "Parsed", "UnreadableFile", "read"]

VERSION: Final = "1"
"""Raised when the same bytes may give other rows: every file is then read again."""


def read(
    stream: BinaryIO | Reader, name: str, limit: int = MAX_PLAIN_BYTES, block_bytes: int = BLOCK_BYTES
) -> Iterator[Parsed]:
    """Parse a file part by part; every record that is not blank is in exactly one row or one reject.

    Accepts CSV (LON, LAT, NUMBER, STREET and more, any case and order) and line-delimited GeoJSON; plain,
    gzip or zip. Lines count from 1 within the file or its member; a header is line 1. A member that cannot be
    read as a whole is one reject on line 0, as long as another can. Otherwise, and whenever an archive is
    damaged, encrypted, or above `limit` bytes when plain, raises `UnreadableFile`: what was parsed until then
    must be dropped. `name` only appears in its message; no result depends on `block_bytes`.
    """
    unreadable: UnreadableFile | None = None
    readable = 0
    for member in members(stream, limit):
        try:
            yield from _member(member, block_bytes)
            readable += 1
        except UnreadableFile as error:
            if member.name is None or error.reason in ("corrupt_archive", "too_large"):
                raise
            unreadable = error
            reject = Reject(0, error.reason, error.detail, error.raw.encode())
            yield Parsed(pa.RecordBatch.from_pylist([], ROWS), rejected(member.name, [reject]))
    if not readable:
        raise unreadable or UnreadableFile("empty_file", f"{name} is an archive without files.", "")


def _member(member: Member, block_bytes: int) -> Iterator[Parsed]:
    rest = blocks(member.stream, block_bytes)
    first = next((block for block in map(without_bom, rest) if block.data.strip()), None)
    if first is None:
        raise UnreadableFile("empty_file", "It holds nothing but blank lines.", "")
    line, after = first_line(first)
    head = shown(line[:HEAD_BYTES].rstrip(b"\r\n"))
    if first.too_long:
        raise UnreadableFile("unknown_format", "Its first line is too long for any known format.", head)
    if line.lstrip(b" \t\x1e").startswith(b"{"):
        if b'"FeatureCollection"' in line:
            detail = "It is one FeatureCollection; write one Feature per line (GeoJSON sequence)."
            raise UnreadableFile("unknown_format", detail, head)
        yield from geojson_lines.read(member.name, chain([first], rest))
        return
    header = header_of(line)
    if sum(name in header for name in csv_records.NEEDED) < 2:
        detail = "It is neither CSV with the columns LON, LAT, NUMBER, STREET nor line-delimited GeoJSON."
        raise UnreadableFile("unknown_format", detail, head)
    yield from csv_records.read(member.name, header, chain([after], rest))
