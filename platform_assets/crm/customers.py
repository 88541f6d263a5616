"""One row per customer that the CRM holds now.

Derived from `crm.raw_customers`: the latest version of each, deleted ones left out.
"""

import dagster as dg

from platform_assets.reports import build
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

CUSTOMERS = Model.beside(__file__)


@dg.asset(
    **described(CUSTOMERS.table, {"sql"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in CUSTOMERS.inputs],
    code_version=CUSTOMERS.digest,
    pool=POOL,
)
def customers(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """One row per customer that the CRM holds now."""
    return build(context, warehouse, CUSTOMERS)
