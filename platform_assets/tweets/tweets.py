"""One row per tweet, however often and in whatever shape its message came.

Derived from `tweets.raw_tweets`: the first message of each id speaks.
"""

import dagster as dg

from platform_assets.geo import quadrants
from platform_assets.reports import build
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

TWEETS = Model.beside(__file__)


@dg.asset(
    **described(TWEETS.table, {"sql"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in TWEETS.inputs],
    code_version=TWEETS.digest,
    pool=POOL,
)
def tweets(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult:
    """One row per tweet, however often and in whatever shape its message came."""
    return build(context, warehouse, TWEETS, values=quadrants.PARAMETERS)
