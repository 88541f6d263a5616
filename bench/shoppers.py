"""Receipts, segments and campaigns of the benches of promotions, straight into a warehouse and as columns.

The same at every run; what is measured with them is told in each bench.
"""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

    from resources.warehouse import DuckDbWarehouse

AS_OF: Final = dt.datetime(2026, 11, 1)  # noqa: DTZ001 - as tables have it
_YEAR_S: Final = 365 * 86_400
RETURNED: Final = 0.02
"""Share of receipts that take something back."""


def receipts(count: int, shoppers: int) -> "pa.Table":
    """Columns user_id, sold_at, amount_eur: a year and two months of them, some shoppers coming far more often."""
    import pyarrow as pa

    generator = np.random.default_rng(11)
    user_ids = (shoppers * generator.random(count) ** 2).astype(np.int64)
    before = generator.integers(0, _YEAR_S * 7 // 6, count)
    cents = np.round(generator.lognormal(3, 0.8, count) * 100) + 1
    sign = np.where(generator.random(count) < RETURNED, -1, 1)
    sold_at = np.datetime64(AS_OF, "us") - before.astype("timedelta64[s]")
    return pa.table({"user_id": user_ids, "sold_at": sold_at, "amount_eur": sign * cents / 100})


def sales(warehouse: "DuckDbWarehouse", found: "pa.Table") -> None:
    """Receipts as rows of promotions.sales."""
    import pyarrow as pa

    lines = pa.array(np.arange(1, len(found) + 1))
    rows = found.append_column("line", lines).append_column("sale_id", lines.cast(pa.string()))
    fill(warehouse, "promotions.sales", rows, file="promotions/sales/all.csv", file_version="1")


def fill(warehouse: "DuckDbWarehouse", table: str, rows: "pa.Table", **constants: object) -> None:
    """Rows of a table."""
    with warehouse.spool(table) as spool:
        spool.write(rows, **constants)
        with warehouse.session() as session:
            session.append(spool)


def opened(path: Path) -> "DuckDbWarehouse":
    """A warehouse with its tables."""
    from resources.warehouse import DuckDbWarehouse

    warehouse = DuckDbWarehouse(path)
    with warehouse.session():
        pass
    return warehouse
