"""Small sales files and how tests read them."""

import datetime as dt
import io
from typing import Any, NamedTuple

from platform_assets.promotions import receipts
from resources.files import lines

HEADER = b"sale_id,user_id,sold_at,amount_eur,promotion_id\n"
GOOD = b"R1,15,2026-10-31T17:05:00,12.50,4\n"
LATE = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


class Read(NamedTuple):
    rows: list[dict[str, Any]]
    rejects: list[dict[str, Any]]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        return [(reject["line"], reject["reason"]) for reject in self.rejects]


def read(
    data: bytes, block_bytes: int = lines.BLOCK_BYTES, came_at: dt.datetime = LATE, **options: int
) -> Read:
    found = Read([], [])
    parts = receipts.read(io.BytesIO(data), "a.csv", came_at, block_bytes=block_bytes, **options)
    for rows, rejects in parts:
        assert (rows.schema, rejects.schema) == (receipts.ROWS, receipts.REJECTS)
        rows.validate(full=True)
        found.rows.extend(rows.to_pylist())
        found.rejects.extend(rejects.to_pylist())
    return found


def receipt(number: int, rest: bytes = b"15,2026-10-31T17:05:00,12.50,\n") -> bytes:
    return b"R%d,%s" % (number, rest)
