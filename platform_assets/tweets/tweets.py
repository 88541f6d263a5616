"""One row per tweet, however often and in whatever shape its message came.

Derived from `tweets.raw_tweets`: the first message of each id speaks.
"""

from platform_assets.geo import quadrants
from platform_assets.sql_assets import sql_asset
from resources.sql import Model

TWEETS = Model.beside(__file__)

tweets = sql_asset(TWEETS, __doc__, layer="core", values=quadrants.PARAMETERS)
