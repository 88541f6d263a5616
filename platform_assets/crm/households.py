"""One row per household: who lives together, who heads it, as whom the bank manages them.

Derived from the ledger `crm.household_members`, which mints the ids.
"""

from platform_assets.sql_assets import sql_asset
from resources.sql import Model

HOUSEHOLDS = Model.beside(__file__)

households = sql_asset(HOUSEHOLDS, __doc__, layer="core")
