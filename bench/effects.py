"""The effects of ten campaigns with a million assignments, from two million receipts: against pandas and scipy.

Ours reads the warehouse and commits to it; the other side has its tables in memory already and keeps its result there.
"""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench import shoppers
from bench.measuring import Bench, Claim, Result, below, stated

_CAMPAIGNS: Final = 10
_ASSIGNMENTS, _RECEIPTS, _FEWER = 1_000_000, 2_000_000, 100
_HOLDOUT: Final = 0.1
_STARTS: Final = shoppers.AS_OF - dt.timedelta(days=60)
_ENDS: Final = shoppers.AS_OF - dt.timedelta(days=30)
_FOUND: Final = (
    "SELECT campaign_id, uses, incremental_revenue_eur AS eur, revenue_p_value AS p FROM promotions.effects"
)


def prepare(inputs: Path, is_small: bool) -> None:
    """Campaigns, assignments, uses and receipts, in a warehouse and in files of columns."""
    import pyarrow as pa
    import pyarrow.parquet

    fewer = _FEWER if is_small else 1
    each = _ASSIGNMENTS // fewer // _CAMPAIGNS
    warehouse = shoppers.opened(inputs / "warehouse.duckdb")
    receipts = shoppers.receipts(_RECEIPTS // fewer, 2 * each)
    shoppers.sales(warehouse, receipts)
    assigned = pa.concat_tables([_assigned(number, each) for number in range(_CAMPAIGNS)])
    uses = assigned.filter(pa.array(np.random.default_rng(13).random(len(assigned)) < 0.05))
    uses = uses.filter(uses.column("stored_id").is_valid())
    shoppers.fill(
        warehouse, "promotions.assignments", assigned, promotion_id="7", segment="loyal", assigned_at=_STARTS
    )  # fmt: skip
    used = uses.drop_columns(["is_holdout"])
    shoppers.fill(
        warehouse, "promotions.uses", used, promotion_id="7", used_at=_STARTS + dt.timedelta(days=9),
        used_request_id="till", seen_at=_ENDS,
    )  # fmt: skip
    names = pa.table({"campaign_id": [f"campaign-{number}" for number in range(_CAMPAIGNS)]})
    shoppers.fill(
        warehouse, "promotions.campaigns", names, promotion_id="7", audience="loyal", budget_eur=1e9, cost_eur=2.0,
        holdout_share=_HOLDOUT, starts_at=_STARTS, ends_at=_ENDS, inputs="{}", audience_users=each,
        assigned_users=each, holdout_users=0, launched_at=_STARTS,
    )  # fmt: skip
    for name, table in {"receipts": receipts, "assigned": assigned, "uses": used}.items():
        pyarrow.parquet.write_table(table, inputs / f"{name}.parquet")


def _assigned(number: int, each: int) -> Any:  # noqa: ANN401 - Arrow has no types here
    import pyarrow as pa
    import pyarrow.compute as pc

    generator = np.random.default_rng(100 + number)
    user_ids = pa.array(generator.permutation(2 * each)[:each])
    is_holdout = pa.array(generator.random(each) < _HOLDOUT)
    ids = pc.binary_join_element_wise(f"campaign-{number}", user_ids.cast(pa.string()), "7", "/")
    return pa.table(
        {
            "campaign_id": pa.repeat(f"campaign-{number}", each),
            "user_id": user_ids,
            "is_holdout": is_holdout,
            "stored_id": pc.if_else(is_holdout, pa.scalar(None, pa.string()), ids),
        }
    )


def ours(inputs: Path, scratch: Path) -> Iterator[Result]:
    """What the asset effects does."""
    # Arrow asks for pandas when it is given rows; imports are not the work.
    import pandas  # type: ignore[import-untyped]  # noqa: F401
    import scipy.stats  # noqa: F401

    from platform_assets.promotions.measurement import measure
    from resources import catalog

    warehouse = shoppers.opened(Path(shutil.copy(inputs / "warehouse.duckdb", scratch)))
    catalog.tables()
    yield {}
    with warehouse.session() as session:
        measure(session, warehouse, shoppers.AS_OF)
    yield {}
    with warehouse.session() as session:
        rows = session.rows(_FOUND)
    numbers = [[float(str(row[name])) for name in ("uses", "eur", "p")] for row in rows]
    yield _told(
        (str(row["campaign_id"]), uses, eur, p) for row, (uses, eur, p) in zip(rows, numbers, strict=True)
    )


def pandas_way(inputs: Path, scratch: Path) -> Iterator[Result]:
    """Merge, groupby, and scipy's ttest_ind of both arms of each campaign."""
    import pandas as pd
    from scipy import stats

    receipts, assigned, uses = (
        pd.read_parquet(inputs / f"{name}.parquet") for name in ("receipts", "assigned", "uses")
    )
    yield {}
    in_time = receipts[(receipts["sold_at"] >= _STARTS) & (receipts["sold_at"] < _ENDS)]
    revenue = in_time.groupby("user_id")["amount_eur"].sum()
    assigned["revenue"] = assigned["user_id"].map(revenue).fillna(0.0)
    used = uses.groupby("campaign_id").size()
    found = []
    for campaign_id, rows in assigned.groupby("campaign_id"):
        treated, held = (rows.loc[rows["is_holdout"] == is_held, "revenue"] for is_held in (False, True))
        p_value = float(stats.ttest_ind(treated, held, equal_var=False).pvalue)
        found.append(
            (str(campaign_id), float(used[campaign_id]), float(treated.mean() - held.mean()), p_value)
        )
    yield {}
    yield _told(iter(found))


def _told(rows: Iterator[tuple[str, float, float, float]]) -> Result:
    found: Result = {}
    for campaign_id, uses, eur, p_value in rows:
        found |= {f"{campaign_id} uses": uses, f"{campaign_id} EUR": eur, f"{campaign_id} p": p_value}
    return found


BENCH = Bench(
    "effects",
    prepare,
    {"ours": ours, "pandas": pandas_way},
    (
        Claim("effects of 1M assignments, 2M receipts", "ours", "pandas", *below(1)),
        Claim("effects of 1M assignments: pandas and scipy, in memory", "ours", "pandas", *stated()),
    ),
)
