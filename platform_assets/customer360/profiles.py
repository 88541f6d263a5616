"""One row per customer with everything known: home, household, portfolios, voice, how to be contacted.

Derived from `crm`, categories and scores.
"""

from platform_assets.sql_assets import sql_asset
from resources.sql import Model

PROFILES = Model.beside(__file__)

profiles = sql_asset(PROFILES, __doc__, layer="core")
