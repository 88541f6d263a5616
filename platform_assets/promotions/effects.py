"""One row per campaign: what it changed against those who were held out, and how sure that is.

Derived from assignments, sales and uses, seen from the latest sale: the warehouse sums both arms, and Welch's and
Newcombe's intervals are made of the sums. P-values are corrected for the number of campaigns (Benjamini-Hochberg).
"""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import dagster as dg
from pydantic import Field

from platform_assets.freshness import hourly
from platform_assets.moments import moment
from platform_assets.pictures import as_markdown
from platform_assets.reports import Check, built, label
from platform_assets.tables import POOL, asset_key, described
from resources.warehouse import Session, Warehouse

if TYPE_CHECKING:
    from resources.warehouse import Built

TABLE = "promotions.effects"
INPUTS = ("promotions.assignments", "promotions.campaigns", "promotions.sales", "promotions.uses")
_ARM, _AMOUNT = ("promotions.assignments", "is_holdout"), ("promotions.sales", "amount_eur")
_USE = ("promotions.uses", "stored_id")
_REDEEMED = (
    ("promotions.campaigns", "ends_at"),
    ("promotions.campaigns", "promotion_id"),
    ("promotions.campaigns", "starts_at"),
    ("promotions.sales", "promotion_id"),
    ("promotions.uses", "used_at"),
)
_TIME = (
    ("promotions.campaigns", "starts_at"),
    ("promotions.campaigns", "ends_at"),
    ("promotions.sales", "sold_at"),
)
SOURCES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "campaign_id": (("promotions.campaigns", "campaign_id"),),
    "promotion_id": (("promotions.campaigns", "promotion_id"),),
    "state": _TIME,
    "measured_to": _TIME,
    "treated_users": (_ARM,),
    "holdout_users": (_ARM,),
    "uses": (_USE,),
    "cost_eur": (_USE, ("promotions.campaigns", "cost_eur")),
    **dict.fromkeys(
        ("treated_redemption", "holdout_redemption", "incremental_redemption", "redemption_low", "redemption_high"),
        _REDEEMED,
    ),
    **dict.fromkeys(
        ("treated_revenue_eur", "holdout_revenue_eur", "incremental_revenue_eur", "revenue_low_eur",
         "revenue_high_eur", "total_incremental_eur", "revenue_p_value", "revenue_q_value", "is_significant",
         "minimum_detectable_eur"),
        (_AMOUNT,),
    ),
    **dict.fromkeys(
        ("sample_ratio_p_value", "is_balanced"), (_ARM, ("promotions.campaigns", "holdout_share"))
    ),
    "verdict": (_ARM, _AMOUNT, *_TIME),
}  # fmt: skip
"""Where each column comes from: what the warehouse sums, and what of it makes which column."""

CHECKS = (
    Check(
        "each_campaign_once",
        "Every campaign has one effect.",
        "SELECT ABS((SELECT COUNT(*) FROM promotions.campaigns) - (SELECT COUNT(*) FROM promotions.effects))"
        " + (SELECT COUNT(*) - COUNT(DISTINCT campaign_id) FROM promotions.effects) AS n",
    ),
    Check(
        "arms_are_balanced",
        "Treated and holdout of every campaign have the sizes that were drawn; the effect of others is not to be used.",
        "SELECT COUNT(*) AS n FROM promotions.effects WHERE NOT is_balanced",
        blocking=False,
        names="SELECT campaign_id FROM promotions.effects WHERE NOT is_balanced ORDER BY campaign_id",
    ),
    Check(
        "somebody_is_held_out",
        "Every campaign holds somebody out, so that its effect can be told.",
        "SELECT COUNT(*) AS n FROM promotions.effects WHERE holdout_users = 0",
        blocking=False,
        names="SELECT campaign_id FROM promotions.effects WHERE holdout_users = 0 ORDER BY campaign_id",
    ),
)


class Measuring(dg.Config):
    """From when campaigns are seen."""

    as_of: str = Field(
        default="",
        description="ISO time, UTC; sales and redemptions before it count. Empty: just after the latest sale, so that "
        "the same data gives the same effects.",
    )


@dg.asset(
    **described(TABLE, {"python", "sql"}, "out", doc=__doc__),
    deps=[asset_key(table) for table in INPUTS],
    freshness_policy=hourly,
    pool=POOL,
    check_specs=[check.spec(TABLE) for check in CHECKS],
)
def effects(
    context: dg.AssetExecutionContext, config: Measuring, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """Measure every campaign; draw the chart when something changed."""
    from platform_assets.promotions import measurement

    with warehouse.session(label(context)) as session:
        made = measurement.measure(session, warehouse, _moment(config.as_of, session))
        rows = session.rows(f"SELECT {', '.join(measurement.TOLD)} FROM {TABLE} ORDER BY campaign_id")
        lineage = dg.TableColumnLineage(
            {
                column: [dg.TableColumnDep(asset_key(table), name) for table, name in found]
                for column, found in SOURCES.items()
            }
        )
        return built(session, warehouse, TABLE, made, _numbers(rows, made), CHECKS, lineage)


def _moment(as_of: str, session: Session) -> dt.datetime:
    """As tables have it, naive UTC; a second after the latest sale, so that this one counts."""
    found = moment(as_of, session, "promotions.sales", "sold_at")
    naive = found.astimezone(dt.UTC).replace(tzinfo=None) if found.tzinfo else found
    return naive if as_of else naive + dt.timedelta(seconds=1)


def _numbers(rows: list[dict[str, Any]], made: "Built") -> dict[str, Any]:
    """Campaigns by state, what each says, and the chart where there is something to draw."""
    states = [row["state"] for row in rows]
    lines = [
        "| campaign | verdict |",
        "|---|---|",
        *(f"| {r['campaign_id']} | {r['verdict']} |" for r in rows[-50:]),
    ]
    found: dict[str, Any] = {
        **{state: states.count(state) for state in sorted(set(states))},
        "significant": sum(row["is_significant"] for row in rows),
        "verdicts": dg.MetadataValue.md("\n".join(lines)),
    }
    if made.was_written and any(row["revenue_low_eur"] is not None for row in rows):
        from platform_assets.promotions import chart

        found["chart"] = dg.MetadataValue.md(as_markdown(chart.draw(rows), chart.TITLE))
    return found
