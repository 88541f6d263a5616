"""One row per customer that the CRM holds now.

Derived from `crm.raw_customers`: the latest version of each, deleted ones left out.
"""

from platform_assets.sql_assets import sql_asset
from resources.sql import Model

CUSTOMERS = Model.beside(__file__)

customers = sql_asset(CUSTOMERS, __doc__, layer="core")
