"""What becomes of the records of a file: rows and rejects, whatever the file is about.

Which reasons there are beyond these, and what a row is, is said by the domain.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

import pyarrow as pa

from resources.files.containers import shown
from resources.files.lines import MAX_LINE_BYTES, MAX_RAW_BYTES, Block

LineReason = Literal["wrong_number_of_fields", "not_utf8", "unclosed_quote", "line_too_long"]
"""Why lines of a CSV file are no record."""


class Parsed(NamedTuple):
    """A part of a file, its lines in order: a batch for the table of rows and one for that of rejects."""

    rows: pa.RecordBatch
    rejects: pa.RecordBatch


class Reject(NamedTuple):
    """A record that cannot be loaded: its first line, why, and its bytes as received."""

    line: int
    reason: str
    detail: str
    raw: bytes


def too_long(block: Block) -> Reject:
    """The reject that a line above the limit becomes."""
    return Reject(
        block.first_line, "line_too_long", f"The line has more than {MAX_LINE_BYTES} bytes.", block.data
    )


def rejected(rejects: Iterable[Reject], schema: pa.Schema, **constants: object) -> pa.RecordBatch:
    """Rejects in the order of their lines, in the columns of `schema`; `constants` fill those that a Reject has not."""
    ordered = sorted(rejects, key=lambda reject: reject.line)
    raw = [shown(reject.raw[:MAX_RAW_BYTES].rstrip(b"\r\n")) for reject in ordered]
    columns: dict[str, list[object]] = {name: [value] * len(raw) for name, value in constants.items()}
    for name in ("line", "reason", "detail"):
        columns[name] = [getattr(reject, name) for reject in ordered]
    columns["raw"] = list(raw)
    return pa.RecordBatch.from_arrays(
        [pa.array(columns[field.name], field.type) for field in schema], schema=schema
    )
