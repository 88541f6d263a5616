"""RFM segments of two million receipts: the model of promotions.segments against pandas.

Ours reads the warehouse and commits to it; pandas has the receipts in memory already and keeps its result there.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench import shoppers
from bench.measuring import Bench, Claim, Result, faster

_RECEIPTS, _SHOPPERS = 2_000_000, 200_000
_FEWER: Final = 100
_FOUND: Final = """
SELECT segment, COUNT(*) AS n, ROUND(SUM(monetary_eur), 2) AS eur FROM promotions.segments GROUP BY segment
"""


def prepare(inputs: Path, is_small: bool) -> None:
    """The receipts, in a warehouse and in a file of columns."""
    import pyarrow.parquet

    fewer = _FEWER if is_small else 1
    found = shoppers.receipts(_RECEIPTS // fewer, _SHOPPERS // fewer)
    pyarrow.parquet.write_table(found, inputs / "receipts.parquet")
    shoppers.sales(shoppers.opened(inputs / "warehouse.duckdb"), found)


def ours(inputs: Path, scratch: Path) -> Iterator[Result]:
    """What the asset segments does."""
    from platform_assets.promotions.segments import SEGMENTS

    warehouse = shoppers.opened(Path(shutil.copy(inputs / "warehouse.duckdb", scratch)))
    yield {}
    with warehouse.session() as session:
        session.build(SEGMENTS, values={"as_of": shoppers.AS_OF})
    yield {}
    with warehouse.session() as session:
        yield _told(
            (str(row["segment"]), int(str(row["n"])), float(str(row["eur"]))) for row in session.rows(_FOUND)
        )


def pandas_way(inputs: Path, scratch: Path) -> Iterator[Result]:
    """Groupby, quintiles by rank, and np.select."""
    import pandas as pd  # type: ignore[import-untyped]

    receipts = pd.read_parquet(inputs / "receipts.parquet")
    yield {}
    made = _segmented(receipts)
    yield {}
    found = made.groupby("segment")["monetary"].agg(["count", "sum"]).round(2)
    yield _told((str(row[0]), int(row[1]), float(row[2])) for row in found.itertuples())


def _segmented(receipts: Any) -> Any:  # noqa: ANN401 - pandas has no types here
    first = np.datetime64(shoppers.AS_OF) - np.timedelta64(365, "D")
    bought = receipts[(receipts["sold_at"] > first) & (receipts["sold_at"] <= shoppers.AS_OF)]
    kept = (
        bought[bought["amount_eur"] >= 0]
        .groupby("user_id")
        .agg(last=("sold_at", "max"), frequency=("sold_at", "size"))
    )
    kept["monetary"] = bought.groupby("user_id")["amount_eur"].sum().round(2)
    kept = kept.reset_index()
    r, f, m = (_quintiles(kept, name) for name in ("last", "frequency", "monetary"))
    rules = {
        "champions": (r >= 4) & (f + m >= 8),
        "loyal": (r >= 3) & (f + m >= 7),
        "new": (r >= 4) & (f == 1),
        "promising": r >= 4,
        "needs_attention": r == 3,
        "at_risk": f + m >= 6,
    }
    kept["segment"] = np.select(list(rules.values()), list(rules), "lost")
    return kept


def _quintiles(kept: Any, name: str) -> Any:  # noqa: ANN401
    """As NTILE: the first groups are the larger ones; ties go by the shopper's number."""
    place = np.empty(len(kept), np.int64)
    place[kept.sort_values([name, "user_id"]).index] = np.arange(len(kept))
    size, larger = divmod(len(kept), 5)
    return np.where(place < larger * (size + 1), place // (size + 1), (place - larger) // max(size, 1)) + 1


def _told(rows: Iterator[tuple[str, int, float]]) -> Result:
    found: Result = {}
    for segment, count, eur in rows:
        found |= {segment: count, f"{segment} EUR": eur}
    return found


BENCH = Bench(
    "segments",
    prepare,
    {"ours": ours, "pandas": pandas_way},
    (Claim("segments of 2M receipts, 200k shoppers: pandas, in memory", "ours", "pandas", *faster(1)),),
)
