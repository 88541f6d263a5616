"""Campaigns measured: what both arms did in the campaign's time, and the row of `promotions.effects` of that.

What is counted belongs here; the formulas are in `effect`, the sentence is in `verdict`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from platform_assets.promotions import effect
from platform_assets.promotions.verdict import verdict
from resources.sql import Model
from resources.warehouse import Built, Commit, Delete, Session, Warehouse
from resources.warehouse.ledger import digest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ARMS: Final = Model(
    "promotions.effects",
    """
WITH times AS (
  SELECT campaign_id, promotion_id, starts_at, IFF(ends_at < :as_of, ends_at, :as_of) AS measured_to
  FROM promotions.campaigns
),

bought AS (
  SELECT
    a.campaign_id,
    a.user_id,
    SUM(s.amount_eur) AS revenue_eur,
    COUNT_IF(s.promotion_id = t.promotion_id) AS redemptions
  FROM promotions.assignments AS a
  JOIN times AS t ON t.campaign_id = a.campaign_id
  JOIN promotions.sales AS s
    ON s.user_id = a.user_id AND s.sold_at >= t.starts_at AND s.sold_at < t.measured_to
  GROUP BY a.campaign_id, a.user_id
),

used AS (
  SELECT
    u.stored_id,
    -- A use whose time nobody noted was after the launch, and counts.
    u.used_at IS NULL OR u.used_at >= t.starts_at AND u.used_at < t.measured_to AS is_measured
  FROM promotions.uses AS u
  JOIN times AS t ON t.campaign_id = u.campaign_id
)

SELECT
  a.campaign_id,
  a.is_holdout,
  COUNT(*) AS users,
  AVG(COALESCE(b.revenue_eur, 0::FLOAT)) AS revenue_eur,
  VARIANCE(COALESCE(b.revenue_eur, 0::FLOAT)) AS variance,
  COUNT_IF(COALESCE(b.redemptions, 0) > 0 OR COALESCE(u.is_measured, FALSE)) AS redeemed,
  COUNT(u.stored_id) AS uses
FROM promotions.assignments AS a
LEFT JOIN bought AS b ON b.campaign_id = a.campaign_id AND b.user_id = a.user_id
LEFT JOIN used AS u ON u.stored_id = a.stored_id
GROUP BY a.campaign_id, a.is_holdout
""",
)
"""Both arms of every campaign, summed by the warehouse: one row each, whatever the number of shoppers.

`uses` are all that the store took, whenever, for each has its cost. `redeemed` are shoppers who used or bought with the
promotion in the measured time, as those held out could have.
"""

TOLD: Final = (
    "campaign_id", "state", "measured_to", "incremental_revenue_eur", "revenue_low_eur", "revenue_high_eur",
    "is_significant", "is_balanced", "verdict",
)  # fmt: skip
"""Columns of an effect that a report shows."""

CAMPAIGNS: Final = """
SELECT campaign_id, promotion_id, starts_at, ends_at, cost_eur, holdout_share
FROM promotions.campaigns
ORDER BY campaign_id
"""
VERSION: Final = "1"
"""Of the formulas: another one measures every campaign again."""

_UNBALANCED = 0.001

Row = dict[str, Any]


class Arm(NamedTuple):
    """One arm of each campaign; NaN is what the time has not told yet, or what an arm without shoppers cannot."""

    users: "Floats"
    revenue_eur: "Floats"
    variance: "Floats"
    redeemed: "Floats"
    uses: "Floats"


def measure(session: Session, warehouse: Warehouse, as_of: dt.datetime) -> Built:
    """Make `promotions.effects` anew, unless none of its inputs has moved; `as_of` is naive UTC, as in tables.

    Raises OvertakenError when another run was first; then nothing was written.
    """
    table = ARMS.table
    inputs = digest(VERSION, ARMS.text, as_of.isoformat(), *map(session.version, ARMS.inputs))
    position = session.position(table)
    if position == inputs:
        return Built(session.count(table), session.version(table), was_written=False)
    rows = measured(session.rows(CAMPAIGNS), session.fetch(ARMS.text, as_of=as_of), as_of)
    with warehouse.spool(table) as spool:
        spool.write_rows(rows)
        session.commit(Commit(table, position, inputs, len(rows), [spool], deletes=[Delete(table)]))
    return Built(len(rows), session.version(table), was_written=True, added=len(rows))


def measured(campaigns: Sequence[Row], arms: pa.Table, as_of: dt.datetime) -> list[Row]:
    """Rows of `promotions.effects`, from rows of CAMPAIGNS and those of ARMS; `as_of` is naive UTC, as in tables.

    Numbers that two arms cannot tell, or that the time has not yet told, are None.
    """
    rows = [_state(campaign, as_of) for campaign in campaigns]
    treated, holdout = _arm(rows, arms, is_holdout=False), _arm(rows, arms, is_holdout=True)
    shares = np.array([campaign["holdout_share"] for campaign in campaigns], float)
    costs = np.array([campaign["cost_eur"] for campaign in campaigns], float)
    columns = {
        **_redemption(treated, holdout),
        **_revenue(treated, holdout),
        "cost_eur": treated.uses * costs,
        "sample_ratio_p_value": effect.sample_ratio(treated.users, holdout.users, shares),
    }
    for number, row in enumerate(rows):
        row |= {name: _plain(column[number]) for name, column in columns.items()}
        row |= {
            "treated_users": int(treated.users[number]),
            "holdout_users": int(holdout.users[number]),
            "uses": int(treated.uses[number]),
            "is_significant": bool(columns["revenue_q_value"][number] < 1 - effect.CONFIDENCE),
            "is_balanced": not columns["sample_ratio_p_value"][number] < _UNBALANCED,
        }
        row["verdict"] = verdict(row, campaigns[number]["ends_at"])
    return rows


def _redemption(treated: Arm, holdout: Arm) -> "dict[str, Floats]":
    found = effect.newcombe(
        effect.Share(treated.redeemed, treated.users), effect.Share(holdout.redeemed, holdout.users)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "treated_redemption": treated.redeemed / treated.users,
            "holdout_redemption": holdout.redeemed / holdout.users,
            "incremental_redemption": found.estimate,
            "redemption_low": found.low,
            "redemption_high": found.high,
        }


def _revenue(treated: Arm, holdout: Arm) -> "dict[str, Floats]":
    arms = [effect.Moments(arm.users, arm.revenue_eur, arm.variance) for arm in (treated, holdout)]
    found, p_value = effect.welch(*arms)
    return {
        "treated_revenue_eur": treated.revenue_eur,
        "holdout_revenue_eur": holdout.revenue_eur,
        "incremental_revenue_eur": found.estimate,
        "revenue_low_eur": found.low,
        "revenue_high_eur": found.high,
        "total_incremental_eur": found.estimate * treated.users,
        "revenue_p_value": p_value,
        "revenue_q_value": effect.benjamini_hochberg(p_value),
        "minimum_detectable_eur": effect.minimum_detectable(*arms),
    }


def _state(campaign: Mapping[str, Any], as_of: dt.datetime) -> Row:
    starts_at, ends_at = campaign["starts_at"], campaign["ends_at"]
    state = "planned" if as_of <= starts_at else "running" if as_of < ends_at else "ended"
    return {
        "campaign_id": campaign["campaign_id"],
        "promotion_id": campaign["promotion_id"],
        "state": state,
        "measured_to": max(starts_at, min(as_of, ends_at)),
    }


def _arm(rows: Sequence[Row], arms: pa.Table, *, is_holdout: bool) -> Arm:
    """One arm in the order of the campaigns."""
    found = {row["campaign_id"]: row for row in arms.to_pylist() if row["is_holdout"] == is_holdout}
    own = [found.get(row["campaign_id"], {}) for row in rows]
    columns = {name: np.array([row.get(name) for row in own], float) for name in Arm._fields}
    is_told = np.array([row["state"] != "planned" for row in rows], bool)
    columns |= {
        name: np.where(is_told, columns[name], np.nan) for name in ("revenue_eur", "variance", "redeemed")
    }
    return Arm(**{**columns, **{name: np.nan_to_num(columns[name]) for name in ("users", "uses")}})


def _plain(value: float) -> float | None:
    """As a table has it; beyond the eighth digit there is only the order in which a warehouse has summed."""
    return None if np.isnan(value) else float(f"{value:.8g}")
