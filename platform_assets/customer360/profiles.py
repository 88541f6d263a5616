"""One row per customer with everything known: home, household, portfolios, voice, how to be contacted.

Derived from `crm`, categories and scores.
"""

import dagster as dg

from platform_assets.reports import build
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

PROFILES = Model.beside(__file__)


@dg.asset(
    **described(PROFILES.table, {"sql"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in PROFILES.inputs],
    code_version=PROFILES.digest,
    pool=POOL,
)
def profiles(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """One row per customer with everything known: home, household, portfolios, voice, how to be contacted."""
    return build(context, warehouse, PROFILES)
