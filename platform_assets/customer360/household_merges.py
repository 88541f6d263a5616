"""One row per dwelling family whose customers the bank does not yet manage as one, and why.

Derived from `crm.households`.
"""

from platform_assets.freshness import hourly
from platform_assets.sql_assets import sql_asset
from resources.sql import Model

HOUSEHOLD_MERGES = Model.beside(__file__)

household_merges = sql_asset(HOUSEHOLD_MERGES, __doc__, layer="out", freshness=hourly)
