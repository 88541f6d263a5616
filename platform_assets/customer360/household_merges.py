"""One row per dwelling family whose customers the bank does not yet manage as one, and why.

Derived from `crm.households`.
"""

import dagster as dg

from platform_assets.automation import hourly
from platform_assets.reports import build
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

HOUSEHOLD_MERGES = Model.beside(__file__)


@dg.asset(
    **described(HOUSEHOLD_MERGES.table, {"sql"}, "out", doc=__doc__),
    deps=[asset_key(table) for table in HOUSEHOLD_MERGES.inputs],
    code_version=HOUSEHOLD_MERGES.digest,
    freshness_policy=hourly,
    pool=POOL,
)
def household_merges(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """One row per dwelling family whose customers the bank does not yet manage as one, and why."""
    return build(context, warehouse, HOUSEHOLD_MERGES)
