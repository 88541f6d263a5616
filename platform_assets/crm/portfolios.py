"""One row per portfolio that the CRM holds now, open or closed.

Derived from `crm.raw_portfolios`: the latest version of each, deleted ones left out.
"""

import dagster as dg

from platform_assets.reports import build
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

PORTFOLIOS = Model.beside(__file__)


@dg.asset(
    **described(PORTFOLIOS.table, {"sql"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in PORTFOLIOS.inputs],
    code_version=PORTFOLIOS.digest,
    pool=POOL,
)
def portfolios(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """One row per portfolio that the CRM holds now, open or closed."""
    return build(context, warehouse, PORTFOLIOS)
