"""One row per offer rule. They are data in `offer_rules.sql`: edit them there.

Derived from its own text.
"""

import dagster as dg

from platform_assets.reports import build
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

OFFER_RULES = Model.beside(__file__)


@dg.asset(
    **described(OFFER_RULES.table, {"sql"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in OFFER_RULES.inputs],
    code_version=OFFER_RULES.digest,
    pool=POOL,
)
def offer_rules(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """One row per offer rule. They are data in `offer_rules.sql`: edit them there."""
    return build(context, warehouse, OFFER_RULES)
