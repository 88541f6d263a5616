"""One row per household: who lives together, who heads it, as whom the bank manages them.

Derived from the ledger `crm.household_members`, which mints the ids.
"""

import dagster as dg

from platform_assets.reports import build
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

HOUSEHOLDS = Model.beside(__file__)


@dg.asset(
    **described(HOUSEHOLDS.table, {"sql"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in HOUSEHOLDS.inputs],
    code_version=HOUSEHOLDS.digest,
    pool=POOL,
)
def households(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """One row per household: who lives together, who heads it, as whom the bank manages them."""
    return build(context, warehouse, HOUSEHOLDS)
