"""Tweets end to end: decode, locate, categorise, commit; and the same with sentiment, which one library bounds.

Against json, geopandas and pandas in one process, which `usual_tweets` holds; both begin with the same dwellings,
customers and households, and must come to the same categories of the same customers.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from bench import usual_tweets
from bench.measuring import Bench, Claim, Result, faster, stated

_REPOSITORY = Path(__file__).parents[1]
_FOUND = """
SELECT category, COUNT(*) AS tweets, 
  MD5(COALESCE(LISTAGG(customer_id, ',') WITHIN GROUP (ORDER BY customer_id), '')) AS customers
FROM customer360.categories GROUP BY category
"""
_MOOD = "SELECT COUNT(sentiment) AS scored, ROUND(AVG(sentiment), 2) AS mood FROM tweets.scored_tweets"


def prepare(inputs: Path, is_small: bool) -> None:
    """A sample world whose tweets are still in the log, everything else up to date in the warehouse."""
    from samples import world

    size = world.WorldConfig(2_000, 300, 1_000) if is_small else world.WorldConfig(50_000, 4_000, 50_000)
    home = inputs / "home"
    world.write(world.make(size), home)
    (home / "log.sqlite").rename(inputs / "log.sqlite")
    shutil.copy(_REPOSITORY / "dagster.yaml", inputs)
    own = {"QUADRANT_HOME": str(home), "DAGSTER_HOME": str(inputs), "QUADRANT_DEPLOYMENT": "local"}
    command = [sys.executable, "-m", "platform_assets", "run"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **own})
    (home / "warehouse.duckdb").rename(inputs / "warehouse.duckdb")


def ours(is_scored: bool, inputs: Path, scratch: Path) -> Iterator[Result]:
    """What the assets raw_tweets, tweets, located_tweets, categories do, and scored_tweets if it is to."""
    from platform_assets.customer360.categories import CATEGORIES
    from platform_assets.geo.quadrants import PARAMETERS, QUADRANTS
    from platform_assets.tweets import scoring, tweet
    from platform_assets.tweets.arrival import take_in
    from platform_assets.tweets.located_tweets import LOCATED_TWEETS
    from platform_assets.tweets.scored_tweets import TEXTS
    from platform_assets.tweets.tweets import TWEETS
    from resources.message_log import SqliteMessageLog
    from resources.warehouse import DuckDbWarehouse

    warehouse = DuckDbWarehouse(Path(shutil.copy(inputs / "warehouse.duckdb", scratch)))
    with warehouse.session():
        tweet.decode("tweets", "", 0, [])
    with closing(SqliteMessageLog(Path(shutil.copy(inputs / "log.sqlite", scratch)))) as log:
        yield {}
        list(take_in("tweets", log, warehouse))
    with warehouse.session() as session:
        session.build(TWEETS, values=PARAMETERS)
        for quadrant in QUADRANTS:
            session.build(LOCATED_TWEETS, ("quadrant", quadrant), {"quadrant": quadrant})
        session.build(CATEGORIES)
        if is_scored:
            session.fill(TEXTS.table, "content_hash", TEXTS, scoring.VERSION, scoring.score)
    yield {}
    with warehouse.session() as session:
        result: Result = {}
        for row in session.rows(_FOUND):
            result[str(row["category"])] = int(str(row["tweets"]))
            result[f"{row['category']} of"] = str(row["customers"])
        if is_scored:
            result |= {name: float(str(value)) for name, value in session.rows(_MOOD)[0].items()}
    yield result


def usual(is_scored: bool, inputs: Path, scratch: Path) -> Iterator[Result]:
    """The same by json, geopandas, pandas and VADER, into a table of DuckDB."""
    import duckdb

    from resources.message_log import SqliteMessageLog

    connection = duckdb.connect(shutil.copy(inputs / "warehouse.duckdb", scratch))
    usual_tweets.imported()
    with closing(SqliteMessageLog(Path(shutil.copy(inputs / "log.sqlite", scratch)))) as log:
        yield {}
        tweets = usual_tweets.decoded(log)
    located = usual_tweets.located(tweets, usual_tweets.addresses(connection))
    found = usual_tweets.categorised(located, connection)
    moods = usual_tweets.scored(tweets) if is_scored else []
    connection.register("found", found)
    connection.execute("CREATE TABLE usual AS SELECT tweet_id, category, customer_id, address_id FROM found")
    connection.close()
    yield {}
    yield usual_tweets.summary(found, moods)


BENCH = Bench(
    "end_to_end",
    prepare,
    {
        "ours": partial(ours, False),
        "usual": partial(usual, False),
        "ours_scored": partial(ours, True),
        "usual_scored": partial(usual, True),
    },
    (
        Claim("50k tweets to categories: json, geopandas", "ours", "usual", *faster(5)),
        Claim("50k tweets to categories and sentiment", "ours_scored", "usual_scored", *stated()),
    ),
)
