"""One row per change of a customer that an extraction saw: created, deleted, restored, or a column's new value.

Derived from `crm.raw_customers`, which only grows: so it is a history without being a ledger.
"""

import dagster as dg

from platform_assets.reports import build
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

CUSTOMER_CHANGES = Model.beside(__file__)


@dg.asset(
    **described(CUSTOMER_CHANGES.table, {"sql"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in CUSTOMER_CHANGES.inputs],
    code_version=CUSTOMER_CHANGES.digest,
    pool=POOL,
)
def customer_changes(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """One row per change of a customer that an extraction saw: created, deleted, restored, or a column's new value."""
    return build(context, warehouse, CUSTOMER_CHANGES)
