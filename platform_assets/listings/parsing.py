"""Lines of `ls -l` as rows and rejects: each line is in exactly one of them.

Lines without oddities are read in bulk by `plain`, the others one by one by `entry`; which was which does not show.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from platform_assets.listings.dates import moment
from platform_assets.listings.entry import Entry, Reason, Refusal, entry
from platform_assets.listings.lines import bytes_of, texts
from platform_assets.listings.plain import Plain, plain
from resources import catalog
from resources.files.containers import shown
from resources.files.lines import Offsets

_REPEATED: Final = ("mode", "links", "owner", "owner_group", "dated")
ROWS: Final = pa.schema(
    field.with_type(pa.dictionary(pa.int32(), field.type)) if field.name in _REPEATED else field
    for field in catalog.schema("listings.listing_csv", without=("batch_id",))
)
REJECTS: Final = catalog.schema("listings.rejected_listings", without=("batch_id",))
"""Columns of the tables without their batch; of what is the same in many rows, dictionaries."""
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)


class Parsed(NamedTuple):
    """What lines said: rows in the columns of `ROWS`, rejects in those of `REJECTS`, both in the order of the lines."""

    rows: pa.Table
    rejects: pa.Table


def parsed(lines: pa.Table) -> Parsed:
    """Read lines in the columns of `lines.LINES`; nothing in them is an error.

    The year that ls leaves out is told by `listed_at` of the line.
    """
    parts = [_parsed(batch) for batch in lines.to_batches() if len(batch)]
    return Parsed(
        pa.Table.from_batches([part.rows for part in parts], ROWS),
        pa.Table.from_batches([part.rejects for part in parts], REJECTS),
    )


class _Part(NamedTuple):
    rows: pa.RecordBatch
    rejects: pa.RecordBatch


def _parsed(lines: pa.RecordBatch) -> _Part:
    found = plain(lines.column("text"), lines.column("text_base64"))
    dated, dated_at = _dates(found.dated, lines.column("listed_at").take(pa.array(found.places)))
    rows = _rows(lines, found, dated, dated_at)
    places = found.places
    if dated_at.null_count:
        rows = rows.filter(dated_at.is_valid())
        places = places[dated_at.is_valid().to_numpy(zero_copy_only=False)]
    odd = np.ones(len(lines), np.bool_)
    odd[places] = False
    if not odd.any():
        nothing = [pa.nulls(0, field.type) for field in REJECTS]
        return _Part(rows, pa.RecordBatch.from_arrays(nothing, schema=REJECTS))
    return _with_odd(lines, rows, places, np.flatnonzero(odd))


def _rows(lines: pa.RecordBatch, found: Plain, dated: pa.Array, dated_at: pa.Array) -> pa.RecordBatch:
    places, nothing = pa.array(found.places), pa.nulls(len(found.places), pa.string())
    columns = {
        **found._asdict(),
        "source": lines.column("source").take(places),
        "line": lines.column("line").take(places),
        "links": pa.DictionaryArray.from_arrays(found.links.indices, found.links.dictionary.cast(pa.int64())),
        "dated": dated,
        "dated_at": dated_at,
        "link_target": found.target,
        "file_base64": nothing,
        "target_base64": nothing,
    }
    return pa.RecordBatch.from_arrays([columns[name] for name in ROWS.names], schema=ROWS)


def _dates(printed: pa.DictionaryArray, listed: pa.Array) -> tuple[pa.DictionaryArray, pa.Array]:
    """Dates in single blanks, and what they mean; few are distinct, so each is looked at once."""
    times = listed.dictionary_encode()
    codes = pc.add(pc.multiply(printed.indices.cast(pa.int64()), len(times.dictionary)), times.indices)
    pairs = codes.dictionary_encode()
    dated = [" ".join(text.split()) for text in printed.dictionary.to_pylist()]
    listed_at = times.dictionary.to_pylist()
    found = [
        moment(dated[code // len(listed_at)], listed_at[code % len(listed_at)])
        for code in pairs.dictionary.to_pylist()
    ]
    moments = pa.array(found, pa.timestamp("us")).take(pairs.indices)
    return pa.DictionaryArray.from_arrays(printed.indices, pa.array(dated, pa.string())), moments


def _with_odd(lines: pa.RecordBatch, rows: pa.RecordBatch, places: Offsets, odd: Offsets) -> _Part:
    """The rows and what the lines at `odd` say, in the order of the lines."""
    read: list[dict[str, object]] = []
    read_at: list[int] = []
    rejects: list[dict[str, object]] = []
    taken = lines.take(pa.array(odd))
    said = taken.drop_columns("listed_at").to_pylist()
    for place, line, listed in zip(odd.tolist(), said, taken.column("listed_at"), strict=True):
        raw = bytes_of(line["text"], line["text_base64"])
        at = {"source": line["source"], "line": line["line"]}
        found = _dated(entry(raw), listed)
        if isinstance(found, Refusal):
            rejects.append({**at, **found._asdict(), "raw": shown(raw)})
        else:
            read.append({**at, **found})
            read_at.append(place)
    return _Part(
        _in_order(rows, places, pa.RecordBatch.from_pylist(read, ROWS), read_at),
        pa.RecordBatch.from_pylist(rejects, REJECTS),
    )


def _dated(found: Entry | Refusal, listed: pa.TimestampScalar) -> dict[str, object] | Refusal:
    """An entry in the columns of a row."""
    if isinstance(found, Refusal):
        return found
    at = moment(found.dated, listed.as_py())
    if at is None:
        return Refusal("bad_date", f"There is no time {found.dated}.")
    file, file_base64 = texts(found.file)
    target, target_base64 = (None, None) if found.target is None else texts(found.target)
    return {
        **found._asdict(),
        "dated_at": at,
        "file": file,
        "file_base64": file_base64,
        "link_target": target,
        "target_base64": target_base64,
    }


def _in_order(
    rows: pa.RecordBatch, places: Offsets, others: pa.RecordBatch, others_at: Sequence[int]
) -> pa.RecordBatch:
    if not len(others):
        return rows
    order = np.argsort(np.concatenate((places, np.array(others_at, places.dtype))), kind="stable")
    return pa.concat_batches([rows, others]).take(pa.array(order))
