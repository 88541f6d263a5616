"""Sales files as rows and rejects: columns by name, whole columns at a time, each receipt of a file once.

How a file is split into fields is in `resources.files`; how its version gets into the warehouse in `arrival`.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import BinaryIO, Final, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resources import catalog
from resources.files.containers import (
    HEAD_BYTES,
    MAX_PLAIN_BYTES,
    FileReason,
    Reader,
    UnreadableFile,
    members,
    shown,
)
from resources.files.csv_table import Layout, Split, header_of, split
from resources.files.lines import BLOCK_BYTES, Block, Mask, Offsets, blocks, first_line, without_bom
from resources.files.records import LineReason, Parsed, Reject, rejected
from resources.promotion_store.port import MAX_USER_ID

VERSION: Final = "2"
"""Raised when the same bytes may give other rows: every file is then read again."""

RowReason = Literal[
    "missing_sale_id",
    "missing_user_id",
    "bad_user_id",
    "bad_sold_at",
    "sold_ahead",
    "bad_amount",
    "duplicate_sale_id",
]
Reason: TypeAlias = LineReason | RowReason | FileReason
REASONS: Final[tuple[Reason, ...]] = (*get_args(LineReason), *get_args(RowReason), *get_args(FileReason))

NEEDED: Final = ("sale_id", "user_id", "sold_at", "amount_eur")
COLUMNS: Final = (*NEEDED, "promotion_id")
ROWS: Final = catalog.schema("promotions.sales", without=("file", "file_version"))
REJECTS: Final = catalog.schema("promotions.rejected_sales", without=("file", "file_version"))
"""Columns of the tables without the file and its version."""

_AHEAD: Final = dt.timedelta(days=1)
"""So much a till may be wrong, or off by its offset: one receipt far ahead would make all shoppers look old."""
_LAYOUT: Final = Layout(COLUMNS, frozenset(("amount_eur",)))
_USER: Final = r"^\d{1,16}$"
_LEAP: Final = r"20(?:[02468][048]|[13579][26])-02-29"
_DAY: Final = (
    r"20\d\d-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
    r"|02-(?:0[1-9]|1\d|2[0-8]))"
)
_CLOCK: Final = r"[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
_OFFSET: Final = r"(?:Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)"
_TIME: Final = rf"^(?:{_DAY}|{_LEAP})(?:{_CLOCK}{_OFFSET}?)?$"
_HAS_OFFSET: Final = rf":[\d.:]+{_OFFSET}$"
_TOO_FINE: Final = r"(\.\d{6})\d+"


def read(
    stream: BinaryIO | Reader,
    name: str,
    came_at: dt.datetime,
    limit: int = MAX_PLAIN_BYTES,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[Parsed]:
    """Parse a file part by part; every record that is not blank is in exactly one row or one reject.

    Accepts CSV with the columns of `NEEDED`, any case and order, plain or gzip. Lines count from 1, a header is line
    1. A time without an offset is UTC, and none is later than a day after the file came, `came_at`. Of two receipts
    with one number the first that can be loaded counts; the numbers of a file are kept in memory, some 100 bytes
    each. Raises `UnreadableFile` when that cannot be done or the file has more than `limit` bytes when plain: what
    was parsed until then must be dropped. No result depends on `block_bytes`.
    """
    member = next(members(stream, limit), None)
    if member is None or member.name is not None:
        detail = f"{name} is a zip archive; store it plain or compressed by gzip."
        raise UnreadableFile("unknown_format", detail, "PK")
    header, body = _headed(blocks(member.stream, block_bytes))
    seen = _Seen()
    latest = (came_at.astimezone(dt.UTC) + _AHEAD).replace(tzinfo=None)
    for judged in split(header, body, _LAYOUT, partial(_judged, latest)):
        yield seen.once(judged)


def _headed(found: Iterator[Block]) -> tuple[list[str], Iterable[Block]]:
    """Names of the columns, and the blocks behind them."""
    first = next((block for block in map(without_bom, found) if block.data.strip()), None)
    if first is None:
        raise UnreadableFile("empty_file", "It holds nothing but blank lines.", "")
    line, after = first_line(first)
    head = shown(line[:HEAD_BYTES].rstrip(b"\r\n"))
    header = header_of(line)
    if first.too_long or sum(column in header for column in NEEDED) < 2:
        raise UnreadableFile("unknown_format", f"It is no CSV with the columns {', '.join(COLUMNS)}.", head)
    if missing := [column for column in NEEDED if column not in header]:
        raise UnreadableFile("missing_columns", f"The header has no column {', '.join(missing)}.", head)
    return header, chain([after], found)


class _Judged(NamedTuple):
    """Rows that are good by themselves, the place of each among the records of its part, and the rejects."""

    rows: pa.RecordBatch
    places: Offsets
    part: Split


class _Seen:
    """The receipts of a file so far."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def once(self, judged: _Judged) -> Parsed:
        """Take out what was there before."""
        rows, rejects = judged.rows, judged.part.rejects
        again = self._again(rows.column("sale_id").to_pylist())
        if again.any():
            detail = "The file has a receipt of this number before it."
            for place in judged.places[again].tolist():
                line, raw = int(judged.part.records.lines[place]), judged.part.records.raw(place)
                rejects.append(Reject(line, "duplicate_sale_id", detail, raw))
            rows = rows.filter(pa.array(~again))
        return Parsed(rows, rejected(rejects, REJECTS))

    def _again(self, ids: list[str]) -> Mask:
        fresh = set(ids)
        again = np.zeros(len(ids), np.bool_)
        if len(fresh) < len(ids) or not self._ids.isdisjoint(fresh):
            here: set[str] = set()
            for place, sale in enumerate(ids):
                again[place] = sale in here or sale in self._ids
                here.add(sale)
        self._ids |= fresh
        return again


_RULES: Final[tuple[tuple[RowReason, str], ...]] = (
    ("missing_sale_id", "The number of the receipt is empty."),
    ("missing_user_id", "The shopper is empty."),
    ("bad_user_id", f"The shopper is no whole number from 0 to {MAX_USER_ID}."),
    (
        "bad_sold_at",
        "The time is not written as 2026-10-31T17:05:00, with or without an offset, or not of 2000 to 2099.",
    ),
    ("sold_ahead", "The time is more than a day after the file came."),
    ("bad_amount", "The amount is not written as a number such as 12.50."),
)
_FINE: Final = len(_RULES)


def _judged(latest: dt.datetime, part: Split) -> _Judged:
    """Which records of a part are good by themselves, and not sold after `latest` (naive UTC)."""
    sale, user_text, promotion = (part.text(name) for name in ("sale_id", "user_id", "promotion_id"))
    user, sold, amount = _users(user_text), _times(part.text("sold_at")), part.numbers("amount_eur")
    ahead = _mask(pc.fill_null(pc.greater(sold, pa.scalar(latest, pa.timestamp("us"))), False))
    broken = (_empty(sale), _empty(user_text), _empty(user), _empty(sold), ahead, ~np.isfinite(amount))
    bad = np.logical_or.reduce(broken)
    lines = part.records.lines
    if bad.any():
        rules = np.select(broken, range(_FINE), _FINE)
        for place in np.flatnonzero(bad).tolist():
            reject = Reject(int(lines[place]), *_RULES[int(rules[place])], part.records.raw(place))
            part.rejects.append(reject)
    columns = [pa.array(lines), sale, user, sold, pa.array(amount), promotion]
    if bad.any():
        columns = [column.filter(pa.array(~bad)) for column in columns]
    return _Judged(pa.RecordBatch.from_arrays(columns, schema=ROWS), np.flatnonzero(~bad), part)


def _users(text: pa.Array) -> pa.Array:
    """Numbers of shoppers, null where the text is none."""
    numbers = pc.if_else(pc.match_substring_regex(text, _USER), text, None).cast(pa.int64())
    return pc.if_else(pc.less_equal(numbers, MAX_USER_ID), numbers, None)


def _times(text: pa.Array) -> pa.Array:
    """Times as naive UTC microseconds, null where the text is none."""
    text = pc.if_else(pc.match_substring_regex(text, _TIME), text, None)
    if pc.any(pc.match_substring_regex(text, _TOO_FINE)).as_py():
        text = pc.replace_substring_regex(text, _TOO_FINE, r"\1")
    has_offset = pc.match_substring_regex(text, _HAS_OFFSET)
    naive = pc.if_else(has_offset, None, text).cast(pa.timestamp("us"))
    if not pc.any(has_offset).as_py():
        return naive
    aware = pc.if_else(has_offset, text, None).cast(pa.timestamp("us", "UTC"))
    return pc.coalesce(naive, aware.cast(pa.timestamp("us")))


def _empty(column: pa.Array) -> Mask:
    return _mask(column.is_null())


def _mask(column: pa.Array) -> Mask:
    found: Mask = column.to_numpy(zero_copy_only=False)
    return found
