"""One row per shopper who bought in the last year: how recently, how often, how much, and the segment of that.

Derived from receipts as of a time. Each of the three is scored by quintiles over all these shoppers, ties by the number
of the shopper: the same receipts give the same segments.
"""

from typing import Any

import dagster as dg
from pydantic import Field

from platform_assets.freshness import hourly
from platform_assets.moments import moment
from platform_assets.pictures import as_markdown
from platform_assets.promotions import campaign
from platform_assets.reports import Check, built, column_lineage, label
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Session, Warehouse

SEGMENTS = Model.beside(__file__)
NAMES = campaign.SEGMENTS
CHECKS = (
    Check(
        "every_shopper_is_in_one_segment",
        "Each shopper who bought in the year before is there once.",
        "SELECT COUNT(g.user_id) - COUNT(DISTINCT g.user_id) + ABS(COUNT(DISTINCT g.user_id) - MAX(b.n)) AS n"
        " FROM (SELECT COUNT(DISTINCT s.user_id) AS n FROM promotions.sales AS s"
        " JOIN (SELECT MAX(as_of) AS as_of FROM promotions.segments) AS m"
        " ON s.sold_at > DATEADD(day, -365, m.as_of) AND s.sold_at <= m.as_of WHERE s.amount_eur >= 0) AS b"
        " LEFT JOIN promotions.segments AS g ON TRUE",
    ),
    Check(
        "segments_are_known",
        "Campaigns name segments: there is none but those of the list.",
        f"SELECT COUNT(*) AS n FROM promotions.segments WHERE segment NOT IN ({', '.join(map(repr, NAMES))})",
    ),
)


class AsOf(dg.Config):
    """The moment that shoppers are looked at."""

    as_of: str = Field(
        default="",
        description="ISO time, UTC. Empty: the time of the latest sale, so that the same data gives the same segments.",
    )


@dg.asset(
    **described(SEGMENTS.table, {"sql"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in SEGMENTS.inputs],
    code_version=SEGMENTS.digest,
    freshness_policy=hourly,
    pool=POOL,
    check_specs=[check.spec(SEGMENTS.table) for check in CHECKS],
)
def segments(
    context: dg.AssetExecutionContext, config: AsOf, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """Score every shopper; draw the grid when something changed."""
    with warehouse.session(label(context)) as session:
        as_of = moment(config.as_of, session, "promotions.sales", "sold_at")
        made = session.build(SEGMENTS, values={"as_of": as_of})
        numbers = {**_numbers(session, is_drawn=made.was_written), "as_of": as_of.isoformat()}
        lineage = column_lineage(SEGMENTS)
        return built(session, warehouse, SEGMENTS.table, made, numbers, CHECKS, lineage)


def _numbers(session: Session, *, is_drawn: bool) -> dict[str, Any]:
    rows = session.rows(
        "SELECT segment, COUNT(*) AS n FROM promotions.segments GROUP BY segment ORDER BY segment"
    )
    numbers: dict[str, Any] = {str(row["segment"]): int(str(row["n"])) for row in rows}
    if not is_drawn:
        return numbers
    from platform_assets.promotions import grid

    picture = grid.draw(session.rows(CELLS))
    return {**numbers, "grid": dg.MetadataValue.md(as_markdown(picture, grid.TITLE))}


CELLS = """
SELECT recency_score, frequency_score, COUNT(*) AS shoppers
FROM promotions.segments
GROUP BY recency_score, frequency_score
"""
