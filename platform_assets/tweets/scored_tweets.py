"""One row per tweet with its language, sentiment, topic and whether it complains, each with what it was read from.

Derived: a pure function of text and language, so only new tweets are scored.
"""

import dagster as dg

from platform_assets.reports import built, label
from platform_assets.tables import POOL, asset_key, described
from platform_assets.tweets import scoring
from resources.sql import Model
from resources.warehouse import Warehouse

TEXTS = Model(
    "tweets.scored_tweets",
    """
SELECT tweet_id, MD5(tweet_id || '|' || COALESCE(lang, '') || '|' || text) AS content_hash, text, lang
FROM tweets.tweets
""",
)


@dg.asset(
    **described(TEXTS.table, {"python"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in TEXTS.inputs],
    code_version=scoring.VERSION,
    pool=POOL,
)
def scored_tweets(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """Read the new tweets, score them, keep the scores."""
    with warehouse.session(label(context)) as session:
        made = session.fill(TEXTS.table, "content_hash", TEXTS, scoring.VERSION, scoring.score)
        return built(session, warehouse, TEXTS.table, made)
