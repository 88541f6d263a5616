"""One row per tweet with its language, sentiment, topic and whether it complains, each with what it was read from.

Derived: a pure function of text and language, so only new tweets are scored.
"""

from platform_assets.sql_assets import filled_asset
from platform_assets.tweets import scoring
from resources.sql import Model

TEXTS = Model(
    "tweets.scored_tweets",
    """
SELECT tweet_id, MD5(tweet_id || '|' || COALESCE(lang, '') || '|' || text) AS content_hash, text, lang
FROM tweets.tweets
""",
)

scored_tweets = filled_asset(TEXTS, "content_hash", scoring.score, scoring.VERSION, __doc__)
