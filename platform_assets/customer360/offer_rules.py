"""One row per offer rule. They are data in `offer_rules.sql`: edit them there.

Derived from its own text.
"""

from platform_assets.sql_assets import sql_asset
from resources.sql import Model

OFFER_RULES = Model.beside(__file__)

offer_rules = sql_asset(OFFER_RULES, __doc__, layer="core")
