"""Two years of receipts, from the bucket to checked rows and rejects, then segments of all shoppers.

Against pandas and SQLite, which load everything unchecked and make no segments.
"""

from collections.abc import Iterator
from pathlib import Path

from bench import inputs as made
from bench.measuring import Bench, Claim, Result, faster

KEY = "promotions/sales/receipts.csv"
_FOUND = """
SELECT COUNT(*) AS loaded, SUM(CAST(ROUND(amount_eur * 100) AS BIGINT)) AS cents, COUNT(DISTINCT user_id) AS shoppers,
  COUNT(promotion_id) AS redeemed
FROM {table}
"""


def prepare(inputs: Path, is_small: bool) -> None:
    """Two million receipts."""
    made.sales_file(inputs / KEY, 20_000 if is_small else 2_000_000)


def ours(inputs: Path, scratch: Path) -> Iterator[Result]:
    """What the asset sales does."""
    yield from _taken(inputs, scratch, with_segments=False)


def ours_to_segments(inputs: Path, scratch: Path) -> Iterator[Result]:
    """What the assets sales and segments do."""
    yield from _taken(inputs, scratch, with_segments=True)


def _taken(inputs: Path, scratch: Path, *, with_segments: bool) -> Iterator[Result]:
    from platform_assets.moments import moment
    from platform_assets.promotions import receipts, sales, segments
    from platform_assets.promotions.arrival import INCOMING, take_in_all
    from resources.object_store import FolderObjectStore
    from resources.warehouse import DuckDbWarehouse

    warehouse, store = DuckDbWarehouse(scratch / "warehouse.duckdb"), FolderObjectStore(inputs)
    with warehouse.session():
        pass
    yield {"parser": receipts.VERSION}
    (entry,) = take_in_all(store.all(INCOMING), store, warehouse)
    with warehouse.session() as session:
        checks = sales.CHECKS + (segments.CHECKS if with_segments else ())
        if with_segments:
            as_of = moment("", session, "promotions.sales", "sold_at")
            session.build(segments.SEGMENTS, values={"as_of": as_of})
        offenders = [session.rows(check.offenders)[0]["n"] for check in checks]
    yield {}
    with warehouse.session() as session:
        (found,) = session.rows(_FOUND.format(table="promotions.sales"))
        segmented = session.count("promotions.segments")
    counts = {name: int(str(value)) for name, value in found.items()}
    yield {**counts, "read": entry.read_rows, "offenders": str(offenders), "segmented": segmented}


def pandas_sqlite(inputs: Path, scratch: Path) -> Iterator[Result]:
    """`pandas.read_csv` and `to_sql`, times parsed."""
    import sqlite3

    import pandas as pd  # type: ignore[import-untyped]

    connection = sqlite3.connect(scratch / "sales.sqlite")
    yield {}
    frame = pd.read_csv(inputs / KEY, dtype={"promotion_id": str}, parse_dates=["sold_at"])
    frame.to_sql("sales", connection, index=False)
    connection.commit()
    yield {}
    (read,) = connection.execute("SELECT COUNT(*) FROM sales").fetchone()
    good = "(SELECT * FROM sales WHERE user_id IS NOT NULL AND amount_eur IS NOT NULL) AS good"
    row = connection.execute(_FOUND.format(table=good)).fetchone()
    connection.close()
    yield {"read": read, **dict(zip(("loaded", "cents", "shoppers", "redeemed"), row, strict=True))}


BENCH = Bench(
    "sales",
    prepare,
    {"ours": ours, "segments": ours_to_segments, "pandas": pandas_sqlite},
    (
        Claim("2M receipts, checked: pandas to SQLite", "ours", "pandas", *faster(3)),
        Claim("2M receipts, checked and segmented: pandas to SQLite", "segments", "pandas", *faster(3)),
    ),
)
