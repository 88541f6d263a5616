"""CSV files as columns (RFC 4180, with forgiveness), split into fields by a library, some blocks ahead.

What makes a record is decided in `csv_lines`, what its columns mean by the domain.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from resources.files.containers import shown
from resources.files.csv_lines import Gathered, Gatherer, Records
from resources.files.lines import Block
from resources.files.records import Reject, too_long

T = TypeVar("T")

TRIMMED: Final = " \t\r\n\xa0"
_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_BOM: Final = b"\xef\xbb\xbf"
_AHEAD: Final = 2
"""Blocks that are split into fields while the next is read: the library works outside the interpreter's lock."""


class Layout(NamedTuple):
    """Columns that are looked for, in any order; `numbers` are those of them that hold numbers, as a rule."""

    columns: tuple[str, ...]
    numbers: frozenset[str]


class Split(NamedTuple):
    """A part of a file: the records that fit the header, their known columns, and the rejects of the same part.

    Columns are text, empty ones null; those of numbers are numbers where the library could read all of them.
    """

    records: Records
    table: pa.Table
    rejects: list[Reject]

    def column(self, name: str) -> pa.Array:
        """A column, empty where the file has none of that name."""
        if name not in self.table.column_names:
            return pa.nulls(len(self.table), pa.string())
        column = self.table.column(name)
        # Even of a single chunk, as a block of text gives it, the library would make a copy.
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()

    def text(self, name: str) -> pa.Array:
        """A column of text, trimmed."""
        return trimmed(self.column(name))

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """A column of numbers, NaN where there is none."""
        column = self.column(name)
        if column.type == pa.string():
            column = pc.ascii_trim(column, " \t")
            column = pc.if_else(pc.match_substring_regex(column, _NUMBER), pc.ascii_ltrim(column, "+"), None)
            column = column.cast(pa.float64())
        return column.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def header_of(line: bytes) -> list[str]:
    """Column names of a header line, in lower case."""
    return [name.strip(' \t\r\n"\xa0').lower() for name in shown(line).split(",")]


def split(
    header: list[str], blocks: Iterable[Block], layout: Layout, then: Callable[[Split], T]
) -> Iterator[T]:
    """What `then` makes of each part of the blocks after a header, in order; it runs in threads, some parts ahead."""
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(_AHEAD) as pool:
        for gathered in _gathered(blocks, Gatherer(len(header))):
            waiting.append(pool.submit(lambda part: then(_split(part, header, layout)), gathered))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def trimmed(column: pa.Array) -> pa.Array:
    """Text without blanks around it, null where nothing is left."""
    if column.null_count == len(column):
        return column
    column = pc.utf8_trim(column, TRIMMED)
    empty = pc.equal(column, "")
    return pc.if_else(empty, None, column) if pc.any(empty).as_py() else column


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


def _split(gathered: Gathered, header: list[str], layout: Layout) -> Split:
    records, rejects = gathered.records, gathered.rejects
    if not len(records.lines):
        return Split(records, pa.table({}), rejects)
    table, misfits = _table(records.text, header, layout)
    for index, fields in misfits:
        raw = records.raw(index)
        if raw.strip():
            detail = f"The record has {fields} fields, the header {len(header)}."
            rejects.append(Reject(int(records.lines[index]), "wrong_number_of_fields", detail, raw))
    fits = np.ones(len(records.lines), np.bool_)
    fits[[index for index, _fields in misfits]] = False
    fitting = records._replace(
        starts=records.starts[fits], stops=records.stops[fits], lines=records.lines[fits]
    )
    return Split(fitting, table, rejects)


def _table(text: bytes, header: list[str], layout: Layout) -> tuple[pa.Table, list[tuple[int, int]]]:
    """The known columns of CSV text, and (index, number of fields) of records that do not fit the header."""
    try:
        return _read_csv(text, header, layout, pa.float64())
    except pa.ArrowInvalid:
        return _read_csv(text, header, layout, pa.string())


def _read_csv(
    text: bytes, header: list[str], layout: Layout, number: pa.DataType
) -> tuple[pa.Table, list[tuple[int, int]]]:
    misfits: list[tuple[int, int]] = []

    def skip(row: pyarrow.csv.InvalidRow) -> str:
        misfits.append((row.number - 1, row.actual_columns))
        return "skip"

    known = [name for name in layout.columns if name in header]
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
            column_types={name: number if name in layout.numbers else pa.string() for name in known},
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    return table, misfits


_NO_LINES: Final = np.empty(0, np.int64)
_NO_RECORDS: Final = Records(b"", _NO_LINES, _NO_LINES, _NO_LINES, b"")


def _joined(pending: Block | None, block: Block) -> Block:
    if pending is None:
        return block
    ends = np.concatenate((pending.ends, block.ends + len(pending.data)))
    return Block(pending.first_line, pending.data + block.data, ends)
