"""A campaign for a million shoppers: decided, kept in the warehouse and written to the embedded store.

Against a loop that does the same for one shopper after the other, as services usually do: a hash, two inserts, each its
own commit. It is measured on fewer, and times are told per shopper.
"""

import datetime as dt
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from bench import shoppers
from bench.measuring import Bench, Claim, Result, faster

if TYPE_CHECKING:
    from platform_assets.promotions.campaign import CampaignInputs

_SHOPPERS, _FEWER, _INSERTED = 1_000_000, 100, 1_000
_COMPARED: Final = 500
"""Shoppers of whom both sides tell who was held out."""
_NOW: Final = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
_INSERT: Final = "INSERT INTO promotions.assignments VALUES (?, ?, ?, ?, ?, ?, ?)"
_HELD: Final = (
    f"SELECT user_id FROM promotions.assignments WHERE is_holdout AND user_id < {_COMPARED} ORDER BY user_id"
)


def prepare(inputs: Path, is_small: bool) -> None:
    """A warehouse with a segment of so many shoppers."""
    import pyarrow as pa

    count = _SHOPPERS // (_FEWER if is_small else 1)
    scores = pa.array(np.random.default_rng(17).integers(1, 6, count))
    shoppers.fill(
        shoppers.opened(inputs / "warehouse.duckdb"),
        "promotions.segments",
        pa.table({"user_id": np.arange(count), "monetary_score": scores}),
        segment="loyal", recency_days=3, frequency=2, monetary_eur=20.0, recency_score=3, frequency_score=3,
        last_sold_at=shoppers.AS_OF, as_of=shoppers.AS_OF,
    )  # fmt: skip


def _asked() -> "CampaignInputs":
    from platform_assets.promotions.campaign import campaign_from

    asked = {"audience": ["loyal"], "budget_eur": 1e9, "cost_eur": 1.0, "holdout_share": 0.1}
    return campaign_from({"campaign_id": "bench", "promotion_id": "7", **asked})


def ours(inputs: Path, scratch: Path) -> Iterator[Result]:
    """What the job launch_campaign does, without Dagster."""
    from platform_assets.promotions.assignments import refuse_what_is_wrong
    from platform_assets.promotions.launch import decided, send
    from resources.promotion_store import SqlitePromotionStore

    warehouse = shoppers.opened(Path(shutil.copy(inputs / "warehouse.duckdb", scratch)))
    with closing(SqlitePromotionStore(scratch / "promotions.sqlite")) as store:
        store.check()
        yield {}
        known = decided(_asked(), warehouse, _NOW)
        refuse_what_is_wrong(warehouse, "bench")
        sent = send(known, store, warehouse)
        yield {"units": float(known.assigned_users + known.holdout_users)}
        with warehouse.session() as session:
            held = [int(str(row["user_id"])) for row in session.rows(_HELD)]
        yield {"sent_all": str(sent == known.assigned_users == store.count("bench")), "held": str(held)}


def row_by_row(inputs: Path, scratch: Path) -> Iterator[Result]:
    """One shopper after the other."""
    import duckdb

    from resources.promotion_store import Promotion, SqlitePromotionStore

    connection = duckdb.connect(shutil.copy(inputs / "warehouse.duckdb", scratch))
    with closing(SqlitePromotionStore(scratch / "promotions.sqlite")) as store:
        store.check()
        users = connection.execute(
            f"SELECT user_id FROM promotions.segments WHERE user_id < {_INSERTED}"
        ).fetchall()
        yield {}
        sent = 0
        for (user_id,) in users:
            drawn = hashlib.sha256(f"bench/{user_id}".encode()).digest()
            is_holdout = int.from_bytes(drawn[:8], "big") / 2**64 < 0.1
            stored_id = None if is_holdout else f"bench/{user_id}/7"
            connection.execute(
                _INSERT, ["bench", user_id, "7", is_holdout, "loyal", stored_id, _NOW.replace(tzinfo=None)]
            )
            if stored_id:
                sent += store.add([Promotion(stored_id, "bench", user_id, "7", False, _NOW, "bench")])
        yield {"units": float(len(users))}
        held = [int(user_id) for (user_id,) in connection.execute(_HELD).fetchall()]
        yield {"sent_all": str(sent == store.count("bench")), "held": str(held)}


BENCH = Bench(
    "assignments",
    prepare,
    {"ours": ours, "rows": row_by_row},
    (
        Claim(
            "a shopper of 1M, assigned and written to warehouse and store: row inserts",
            "ours",
            "rows",
            *faster(100),
        ),
    ),
)
