"""One row per personal offer, with why this customer gets it.

Derived: the rule with the smallest priority that fits; consent given, at most one per customer and calendar month, none
while a support case is open.
"""

from platform_assets.freshness import hourly
from platform_assets.reports import Check
from platform_assets.sql_assets import sql_asset
from resources.sql import Model

OFFERS = Model.beside(__file__)
CHECKS = (
    Check(
        "nobody_without_consent",
        "No offer to a customer who did not agree to offers.",
        "SELECT COUNT(*) AS n FROM customer360.offers AS o JOIN crm.customers AS c ON c.customer_id = o.customer_id"
        " WHERE NOT c.has_marketing_consent",
    ),
)

offers = sql_asset(OFFERS, __doc__, layer="out", checks=CHECKS, freshness=hourly)
