"""Rows as CSV (RFC 4180) without a header, as the original has it, and such CSV as rows again.

Seven columns, `mod,no,user,group,usrno,date,file`, and three more only on a record that needs one of them: `target`,
`file_base64`, `target_base64`. What the columns hold is said in `parsing`.
"""

import csv
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, TextIO

import pyarrow as pa
import pyarrow.compute as pc

from platform_assets.listings.documents import FURTHER_KEYS, KEYS, joined
from platform_assets.listings.entry import Refusal, entry
from platform_assets.listings.lines import bytes_of, holding, texts
from resources.batches import batches

COLUMNS: Final = (*KEYS.values(), *FURTHER_KEYS.values())
ROWS: Final = pa.schema([pa.field(name, pa.string()) for name in COLUMNS])
"""What a record holds of a row, all as text, as its document needs it."""
_RECORDS: Final = 20_000
_RECORD_LETTERS: Final = 64_000
"""Most of a record of several lines; names, each letter twice, and their base64 need less than half."""
_PLAIN_SIZE: Final = re.compile("0|[1-9][0-9]{0,17}")
_PLAIN_NAME: Final = re.compile("[ -~]+")
_SPECIAL: Final = b'",\r\n'


def written(rows: pa.Table) -> pa.ChunkedArray:
    """A record with its line feed for each row in the columns of `parsing.ROWS` or `ROWS`."""
    return pa.chunked_array([_written(batch) for batch in rows.to_batches()], pa.string())


def read(stream: TextIO) -> Iterator[tuple[pa.Table, list[tuple[int, Refusal]]]]:
    """Rows in the columns of `ROWS`, some thousand at a time, and lines of the others with why they are none.

    The stream must not translate ends of lines; what is not UTF-8 in it may be surrogates.
    """
    for records in batches(_records(stream), _RECORDS):
        rows = [row for _, row in records if not isinstance(row, Refusal)]
        columns = zip(*rows, strict=True) if rows else [()] * len(COLUMNS)
        table = pa.table([pa.array(column, pa.string()) for column in columns], schema=ROWS)
        yield table, [(line, row) for line, row in records if isinstance(row, Refusal)]


def _written(rows: pa.RecordBatch) -> pa.Array:
    fields = [_quoted(rows.column(name)) for name in KEYS.values()]
    if all(rows.column(name).null_count == len(rows) for name in FURTHER_KEYS.values()):
        end: pa.Array | str = "\n"
    else:
        further = [rows.column(name) for name in FURTHER_KEYS.values()]
        is_needed = pc.or_(pc.or_(*(each.is_valid() for each in further[:2])), further[2].is_valid())
        values = [_quoted(each.fill_null("")) for each in further]
        end = pc.if_else(is_needed, joined([",", values[0], ",", values[1], ",", values[2], "\n"]), "\n")
    pieces = [piece for field in fields for piece in (",", field)][1:]
    return joined([*pieces, end])


def _quoted(column: pa.Array) -> pa.Array:
    if isinstance(column, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(column.indices, _quoted(column.dictionary))
    if column.type != pa.string():
        return column.cast(pa.string())
    special = holding(column, _SPECIAL)
    if special is None:
        return column
    inside = pc.replace_substring(column.filter(special), '"', '""')
    return pc.replace_with_mask(column, special, pc.binary_join_element_wise('"', inside, '"', ""))


_Row = list[str | None]


class _Lines:
    """Lines for a reader of CSV; those of a record that is none can be taken again.

    The reader meets an end behind `_RECORD_LETTERS` of one record, so that no quote opens for the rest of a file.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._again: list[str] = []
        self._taken: list[str] = []
        self._letters = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._stream)
        self._letters += len(line)
        if self._taken and self._letters > _RECORD_LETTERS:
            self._again.append(line)
            raise StopIteration
        self._taken.append(line)
        return line

    def kept(self, count: int | None = None) -> int:
        """Keep the first `count` lines that were taken, else all; how many. The others come again."""
        kept = len(self._taken[:count])
        self._again += reversed(self._taken[kept:])
        self._taken.clear()
        self._letters = 0
        return kept


def _records(stream: TextIO) -> Iterator[tuple[int, _Row | Refusal]]:
    """Records with the number of their first line; of what is no record, the first line, and on behind it."""
    lines, first = _Lines(stream), 1
    while True:
        try:
            for fields in csv.reader(lines, strict=True):
                yield first, _row(fields)
                first += lines.kept()
        except csv.Error as error:
            yield first, Refusal("not_a_listing", f"The record is no CSV: {error}.")
            first += lines.kept(1)
            continue
        return


def _row(fields: list[str]) -> _Row | Refusal:
    """The values of a record that says what a line could have said."""
    if not fields:
        return Refusal("empty_line", "The line is empty.")
    if len(fields) == len(KEYS) and _PLAIN_SIZE.fullmatch(fields[4]) and _PLAIN_NAME.fullmatch(fields[6]):
        # Nearly all of them: few differ in more than size and name, and these are right.
        return _refusal(*fields[:4], "0", fields[5]) or [*fields, None, None, None]
    if len(fields) not in (len(KEYS), len(COLUMNS)):
        counts = f"it needs {len(KEYS)} or {len(COLUMNS)}"
        return Refusal("missing_fields", f"The record has {len(fields)} fields; {counts}.")
    *before, file = fields[: len(KEYS)]
    target, *encoded = [field or None for field in fields[len(KEYS) :] or ["", "", ""]]
    refusal = _refusal(*before)
    if refusal:
        return refusal
    is_link = fields[0][0] == "l"
    is_target_told = encoded[1] is None if target is None else is_link and _is_told(target, encoded[1])
    if not (file and _is_told(file, encoded[0]) and is_target_told):
        return Refusal("bad_name", "The name or target is empty, no UTF-8, or not what its base64 says.")
    return [*fields[: len(KEYS)], target, *encoded]


@lru_cache(maxsize=65_536)
def _refusal(mode: str, links: str, owner: str, owner_group: str, size: str, dated: str) -> Refusal | None:
    """What is wrong with the line that these make up; its grammar is the one of `entry`."""
    line = " ".join((mode, links, owner, owner_group, size, dated, "x"))
    found = entry(os.fsencode(line))
    if isinstance(found, Refusal):
        return found
    if [found.mode, str(found.links), *found[2:6]] != [mode, links, owner, owner_group, size, dated]:
        return Refusal("not_a_listing", "The fields are not those of a line of ls.")
    return None


def _is_told(text: str, encoded: str | None) -> bool:
    try:
        return texts(bytes_of(text, encoded)) == (text, encoded) and "\0" not in text
    except ValueError:
        return False
