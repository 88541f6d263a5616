"""Documents of listed files: compact JSON with the original's keys in its order, and the hash that names each.

All values are texts, `usrno` is the size; how lines are read belongs to `parsing`, who gets a document to `posting`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from platform_assets.listings.lines import holding
from resources import catalog
from resources.listing_store.canonical import quoted

DOCUMENTS: Final = catalog.schema("listings.listing_json", without=("batch_id",))
"""Columns of the table without its batch."""
KEYS: Final = {
    "mod": "mode",
    "no": "links",
    "user": "owner",
    "group": "owner_group",
    "usrno": "size",
    "date": "dated",
    "file": "file",
}
FURTHER_KEYS: Final = {
    "target": "link_target",
    "file_base64": "file_base64",
    "target_base64": "target_base64",
}
"""Column of a row by key of its document; the further ones are there only where the row has a value."""

_BLANK: Final = ord(" ")
_ESCAPED: Final = b'"\\\x7f'


def documents(rows: pa.Table) -> pa.Table:
    """A document for each row in the columns of `parsing.ROWS`, in the columns of `DOCUMENTS`."""
    text = texts(rows)
    hashes = [hashlib.sha256(document).hexdigest() for document in text.cast(pa.binary()).to_pylist()]
    columns = {
        "source": rows.column("source"),
        "line": rows.column("line"),
        "content_hash": pa.array(hashes, pa.string()),
        "document": text,
    }
    return pa.table([columns[name] for name in DOCUMENTS.names], schema=DOCUMENTS)


def texts(rows: pa.Table, end: str = "") -> pa.ChunkedArray:
    """The documents alone, each with `end` behind it; of the rows only the columns of both `KEYS` are looked at."""
    chunks = [_texts(batch, end) for batch in rows.to_batches()]
    return pa.chunked_array(chunks, pa.string())


def _texts(rows: pa.RecordBatch, end: str) -> pa.Array:
    pieces: list[pa.Array | str] = []
    for key, column in KEYS.items():
        pieces += [f'{"," if pieces else "{"}"{key}":"', _escaped(rows.column(column)), '"']
    for key, column in FURTHER_KEYS.items():
        values = rows.column(column)
        if values.null_count < len(values):
            further = pc.binary_join_element_wise(f',"{key}":"', _escaped(values), '"', "")
            pieces.append(further.fill_null(""))
    return joined([*pieces, "}" + end])


def joined(pieces: Iterable[pa.Array | str]) -> pa.Array:
    """Texts of each row side by side; what is the same in many rows is put together once for all of them."""
    runs: list[list[pa.Array | str]] = []
    for piece in pieces:
        if runs and all(_repeat_alike(piece, other) for other in runs[-1]):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return pc.binary_join_element_wise(*map(_as_one, runs), "")


def _repeat_alike(one: pa.Array | str, other: pa.Array | str) -> bool:
    """Whether both are constants or dictionaries, and the same rows have the same of both."""
    if isinstance(one, pa.DictionaryArray) and isinstance(other, pa.DictionaryArray):
        # A dictionary may hold what no row has, and be longer by that.
        return len(one.dictionary) == len(other.dictionary) and bool(one.indices.equals(other.indices))
    return not (isinstance(one, pa.StringArray) or isinstance(other, pa.StringArray))


def _as_one(run: Sequence[pa.Array | str]) -> pa.Array | pa.Scalar:
    if isinstance(run[0], pa.StringArray):
        return run[0]
    codes = [each.indices for each in run if isinstance(each, pa.DictionaryArray)]
    texts = [each.dictionary if isinstance(each, pa.DictionaryArray) else each for each in run]
    text = pc.binary_join_element_wise(*texts, "")
    return text.take(codes[0]) if codes else text


def _escaped(column: pa.Array) -> pa.Array:
    """Texts as they stand between the quotes of JSON."""
    if isinstance(column, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(column.indices, _escaped(column.dictionary))
    if column.type != pa.string():
        return column.cast(pa.string())
    odd = holding(column, _ESCAPED, below=_BLANK)
    if odd is None:
        return column
    written = [quoted(text)[1:-1] for text in column.filter(odd).to_pylist()]
    return pc.replace_with_mask(column, odd, pa.array(written, pa.string()))
