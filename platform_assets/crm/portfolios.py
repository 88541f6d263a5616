"""One row per portfolio that the CRM holds now, open or closed.

Derived from `crm.raw_portfolios`: the latest version of each, deleted ones left out.
"""

from platform_assets.sql_assets import sql_asset
from resources.sql import Model

PORTFOLIOS = Model.beside(__file__)

portfolios = sql_asset(PORTFOLIOS, __doc__, layer="core")
