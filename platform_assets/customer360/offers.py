"""One row per personal offer, with why this customer gets it.

Derived: the rule with the smallest priority that fits; consent given, at most one per customer and calendar month, none
while a support case is open.
"""

import dagster as dg

from platform_assets.automation import hourly
from platform_assets.reports import Check, build
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

OFFERS = Model.beside(__file__)

CHECKS = (
    Check(
        "nobody_without_consent",
        "No offer to a customer who did not agree to offers.",
        "SELECT COUNT(*) AS n FROM customer360.offers AS o JOIN crm.customers AS c ON c.customer_id = o.customer_id"
        " WHERE NOT c.has_marketing_consent",
    ),
)


@dg.asset(
    **described(OFFERS.table, {"sql"}, "out", doc=__doc__),
    deps=[asset_key(table) for table in OFFERS.inputs],
    code_version=OFFERS.digest,
    freshness_policy=hourly,
    pool=POOL,
    check_specs=[check.spec(OFFERS.table) for check in CHECKS],
)
def offers(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult:
    """One row per personal offer, with why this customer gets it."""
    return build(context, warehouse, OFFERS, checks=CHECKS)
