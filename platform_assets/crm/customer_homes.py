"""One row per customer with the dwelling that the CRM address means: exact, else fuzzy with a score, else none.

Derived from `crm.customers`, `geo.streets` and `geo.addresses`. Every row explains itself; nobody is left out.
"""

import dagster as dg

from platform_assets.reports import Check, build
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

CUSTOMER_HOMES = Model.beside(__file__)

CHECKS = (
    Check(
        "every_customer_is_listed",
        "A customer without a home has a row that says so.",
        "SELECT ABS((SELECT COUNT(*) FROM crm.customers)"
        " - (SELECT COUNT(DISTINCT customer_id) FROM crm.customer_homes))"
        " + (SELECT COUNT(*) - COUNT(DISTINCT customer_id) FROM crm.customer_homes) AS n",
    ),
)


@dg.asset(
    **described(CUSTOMER_HOMES.table, {"sql"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in CUSTOMER_HOMES.inputs],
    code_version=CUSTOMER_HOMES.digest,
    pool=POOL,
    check_specs=[check.spec(CUSTOMER_HOMES.table) for check in CHECKS],
)
def customer_homes(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """One row per customer with the dwelling that the CRM address means: exact, else fuzzy with a score, else none."""
    return build(context, warehouse, CUSTOMER_HOMES, checks=CHECKS)
