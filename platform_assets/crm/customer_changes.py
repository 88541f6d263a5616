"""One row per change of a customer that an extraction saw: created, deleted, restored, or a column's new value.

Derived from `crm.raw_customers`, which only grows: so it is a history without being a ledger.
"""

from platform_assets.sql_assets import sql_asset
from resources.sql import Model

CUSTOMER_CHANGES = Model.beside(__file__)

customer_changes = sql_asset(CUSTOMER_CHANGES, __doc__, layer="core")
