"""One row per customer with the dwelling that the CRM address means: exact, else fuzzy with a score, else none.

Derived from `crm.customers`, `geo.streets` and `geo.addresses`. Every row explains itself; nobody is left out.
`geo.streets` in turn reads `crm.customers`, because one grammar must read the addresses of both: so the groups depend
on each other, but no table depends on itself.
"""

from platform_assets.reports import Check
from platform_assets.sql_assets import sql_asset
from resources.sql import Model

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

customer_homes = sql_asset(CUSTOMER_HOMES, __doc__, layer="core", checks=CHECKS)
