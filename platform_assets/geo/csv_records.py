"""Address files as comma-separated records (RFC 4180, with forgiveness), split into fields by a library.

Columns are read here; what makes a record is decided in `csv_lines`, a good address in `address_rows`.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from platform_assets.geo.address_rows import TEXTS, Candidates, Degrees, Parsed, Reject, checked
from platform_assets.geo.containers import UnreadableFile, shown
from platform_assets.geo.csv_lines import Gathered, Gatherer, Records
from platform_assets.geo.lines import MAX_LINE_BYTES, Block

NEEDED: Final = ("lon", "lat", "number", "street")
COLUMNS: Final = (
    "lon",
    "lat",
    "number",
    "street",
    "unit",
    "city",
    "district",
    "region",
    "postcode",
    "id",
    "hash",
)
"""Columns of an OpenAddresses file; LON and LAT, then those of `TEXTS`."""
TRIMMED: Final = " \t\r\n\xa0"
_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_BOM: Final = b"\xef\xbb\xbf"
_AHEAD: Final = 2
"""Blocks that are split into fields while the next is read: the library works outside the interpreter's lock."""


def header_of(line: bytes) -> list[str]:
    """Column names of a header line, in lower case."""
    return [name.strip(' \t\r\n"\xa0').lower() for name in shown(line).split(",")]


def read(member: str | None, header: list[str], blocks: Iterable[Block]) -> Iterator[Parsed]:
    """Parse the blocks after the header. Raises `UnreadableFile` where a needed column is missing."""
    if missing := [name.upper() for name in NEEDED if name not in header]:
        detail = f"The header has no column {', '.join(missing)}."
        raise UnreadableFile("missing_columns", detail, ",".join(header)[:256])
    waiting: deque[Future[Parsed]] = deque()
    with ThreadPoolExecutor(_AHEAD) as pool:
        for gathered in _gathered(blocks, Gatherer(len(header))):
            waiting.append(pool.submit(_parsed, member, header, gathered))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _gathered(blocks: Iterable[Block], gatherer: Gatherer) -> Iterator[Gathered]:
    """The records of each block, in order: what a block leaves open is closed by the next."""
    pending: Block | None = None
    for block in blocks:
        if block.too_long:
            if pending:
                yield gatherer.gather(pending, final=True)
            yield Gathered(_NO_RECORDS, [too_long(block)], None)
            pending = None
        else:
            gathered = gatherer.gather(_joined(pending, block), final=False)
            pending = gathered.pending
            yield gathered
    if pending:
        yield gatherer.gather(pending, final=True)


def too_long(block: Block) -> Reject:
    """The reject that a line above the limit becomes."""
    return Reject(
        block.first_line, "line_too_long", f"The line has more than {MAX_LINE_BYTES} bytes.", block.data
    )


def trimmed(column: pa.Array) -> pa.Array:
    """Text without blanks around it, null where nothing is left."""
    if column.null_count == len(column):
        return column
    column = pc.utf8_trim(column, TRIMMED)
    empty = pc.equal(column, "")
    return pc.if_else(empty, None, column) if pc.any(empty).as_py() else column


def _parsed(member: str | None, header: list[str], gathered: Gathered) -> Parsed:
    records, rejects = gathered.records, gathered.rejects
    if not len(records.lines):
        return checked(member, _no_candidates(), rejects)
    table, misfits = _table(records.text, header)
    for index, fields in misfits:
        raw = records.raw(index)
        if raw.strip():
            detail = f"The record has {fields} fields, the header {len(header)}."
            rejects.append(Reject(int(records.lines[index]), "wrong_number_of_fields", detail, raw))
    fits = np.ones(len(records.lines), np.bool_)
    fits[[index for index, _fields in misfits]] = False
    records = records._replace(
        starts=records.starts[fits], stops=records.stops[fits], lines=records.lines[fits]
    )
    return checked(member, _candidates(table, records), rejects)


def _table(text: bytes, header: list[str]) -> tuple[pa.Table, list[tuple[int, int]]]:
    """The known columns of CSV text, and (index, number of fields) of records that do not fit the header."""
    try:
        return _read_csv(text, header, pa.float64())
    except pa.ArrowInvalid:
        return _read_csv(text, header, pa.string())


def _read_csv(
    text: bytes, header: list[str], coordinate: pa.DataType
) -> tuple[pa.Table, list[tuple[int, int]]]:
    misfits: list[tuple[int, int]] = []

    def skip(row: pyarrow.csv.InvalidRow) -> str:
        misfits.append((row.number - 1, row.actual_columns))
        return "skip"

    known = [name for name in COLUMNS if name in header]
    names = [
        name if name in known and header.index(name) == place else f"other {place}"
        for place, name in enumerate(header)
    ]
    # The library would take away a byte order mark, and number rows only when it uses one thread.
    text = b"\n" + text if text.startswith(_BOM) else text
    table = pyarrow.csv.read_csv(
        pa.BufferReader(text),
        read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
        parse_options=pyarrow.csv.ParseOptions(
            newlines_in_values=b'"' in text, ignore_empty_lines=True, invalid_row_handler=skip
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            check_utf8=False,
            include_columns=known,
            column_types={name: coordinate if name in ("lon", "lat") else pa.string() for name in known},
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    return table, misfits


def _candidates(table: pa.Table, records: Records) -> Candidates:
    texts = [
        trimmed(_one(table.column(name))) if name in table.column_names else pa.nulls(len(table), pa.string())
        for name in COLUMNS[2:]
    ]
    lon, lat = (_degrees(_one(table.column(name))) for name in COLUMNS[:2])
    return Candidates(records.lines, lon, lat, texts, records.raw)


def _one(column: pa.ChunkedArray) -> pa.Array:
    # Even of a single chunk, as a block of text gives it, the library would make a copy.
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _degrees(column: pa.Array) -> Degrees:
    """Numbers, NaN where there is none."""
    if column.type == pa.string():
        column = pc.ascii_trim(column, " \t")
        column = pc.if_else(pc.match_substring_regex(column, _NUMBER), pc.ascii_ltrim(column, "+"), None)
        column = column.cast(pa.float64())
    return column.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def _no_candidates() -> Candidates:
    nothing = pa.nulls(0, pa.string())
    return Candidates(
        np.empty(0, np.int64), np.empty(0), np.empty(0), [nothing] * len(TEXTS), lambda _index: b""
    )


_NO_LINES: Final = np.empty(0, np.int64)
_NO_RECORDS: Final = Records(b"", _NO_LINES, _NO_LINES, _NO_LINES, b"")


def _joined(pending: Block | None, block: Block) -> Block:
    if pending is None:
        return block
    ends = np.concatenate((pending.ends, block.ends + len(pending.data)))
    return Block(pending.first_line, pending.data + block.data, ends)
