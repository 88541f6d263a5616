"""One row per support case: complaints of one customer that follow each other by less than 14 days, and why.

Derived from categories and scores as of a time; a case closes when it has been quiet for 14 days.
"""

import dagster as dg
from pydantic import Field

from platform_assets.freshness import hourly
from platform_assets.moments import moment
from platform_assets.reports import built, column_lineage, label
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

SUPPORT_CASES = Model.beside(__file__)


class AsOf(dg.Config):
    """The moment the cases are looked at."""

    as_of: str = Field(
        default="",
        description="ISO time, UTC. Empty: the time of the latest tweet, so that the same data gives the same cases.",
    )


@dg.asset(
    **described(SUPPORT_CASES.table, {"sql"}, "out", doc=__doc__),
    deps=[asset_key(table) for table in SUPPORT_CASES.inputs],
    code_version=SUPPORT_CASES.digest,
    freshness_policy=hourly,
    pool=POOL,
)
def support_cases(
    context: dg.AssetExecutionContext, config: AsOf, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """Find the cases, count the open ones."""
    with warehouse.session(label(context)) as session:
        as_of = moment(config.as_of, session, "customer360.categories", "tweeted_at")
        made = session.build(SUPPORT_CASES, values={"as_of": as_of})
        still_open = session.rows("SELECT COUNT(*) AS n FROM customer360.support_cases WHERE state = 'open'")
        numbers = {"open_cases": int(str(still_open[0]["n"])), "as_of": as_of.isoformat()}
        lineage = column_lineage(SUPPORT_CASES)
        return built(session, warehouse, SUPPORT_CASES.table, made, numbers, lineage=lineage)
