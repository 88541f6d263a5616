"""What is forgotten stays away: how rows of messages leave by the ledger `tweets.deleted_tweets`.

Statements that an ingest runs in its own transaction, after its rows were appended; what a notice asks is in `notices`.
"""

from collections.abc import Mapping
from typing import Final

from platform_assets.tweets.position import Position
from resources.sql import Value
from resources.warehouse import Amend

RAW: Final = "tweets.raw_tweets"
REJECTED: Final = "tweets.rejected_tweets"
LEDGER: Final = "tweets.deleted_tweets"

# In each statement `{notices}` may narrow the ledger, and `{rows}` the rows that leave.
_TWEETS = (
    "(tweet_id IN (SELECT d.tweet_id FROM tweets.deleted_tweets AS d WHERE d.scope = 'tweet' AND {notices})"
    " OR message_key IN (SELECT d.tweet_id FROM tweets.deleted_tweets AS d WHERE d.scope = 'tweet' AND {notices}))"
    " AND {rows}"
)
# Of an account goes what it had written by then: one that comes back may write anew.
_AUTHORS = """DELETE FROM tweets.raw_tweets
USING (
  SELECT d.author_id AS who, MAX(COALESCE(d.published_at, '9999-12-31 00:00:00'::TIMESTAMP_NTZ)) AS until_at
  FROM tweets.deleted_tweets AS d
  WHERE d.scope = 'author' AND {notices}
  GROUP BY d.author_id
) AS s
WHERE author_id = s.who
  AND COALESCE(created_at, published_at, '1970-01-01 00:00:00'::TIMESTAMP_NTZ) <= s.until_at AND {rows}"""
# A reject is kept as it was received, so no place can be taken out of it: it leaves as a whole.
_REJECTED_AUTHORS = """DELETE FROM tweets.rejected_tweets
USING (
  SELECT d.author_id AS who, MAX(COALESCE(d.published_at, '9999-12-31 00:00:00'::TIMESTAMP_NTZ)) AS until_at
  FROM tweets.deleted_tweets AS d
  WHERE d.scope IN ('author', 'place') AND {notices}
  GROUP BY d.author_id
) AS s
WHERE author_id = s.who
  AND COALESCE(published_at, '1970-01-01 00:00:00'::TIMESTAMP_NTZ) <= s.until_at AND {rows}"""
# Ids of the platform are numbers that grow with time: a longer one is a later one.
_PLACES = """UPDATE tweets.raw_tweets
SET lon = NULL, lat = NULL, place_name = NULL, place_region = NULL
FROM (
  SELECT d.author_id AS who, d.tweet_id AS upto
  FROM tweets.deleted_tweets AS d
  WHERE d.scope = 'place' AND {notices}
) AS s
WHERE author_id = s.who
  AND (s.upto IS NULL OR LENGTH(tweet_id) < LENGTH(s.upto)
    OR (LENGTH(tweet_id) = LENGTH(s.upto) AND tweet_id <= s.upto))
  AND (lon IS NOT NULL OR lat IS NOT NULL OR place_name IS NOT NULL OR place_region IS NOT NULL) AND {rows}"""


def forgotten() -> list[Amend]:
    """All that the whole ledger names leaves, from whatever message it came: a pass over both in full."""
    return _amends({})


def forgotten_by(topic: str, partition: int, since: int, until: int) -> list[Amend]:
    """What the notices at offsets `since` to before `until` name leaves, from whatever message it came."""
    values: dict[str, Value] = {"topic": topic, "log_partition": partition, "since": since, "until": until}
    these = (
        "d.topic = :topic AND d.log_partition = :log_partition"
        " AND d.log_offset >= :since AND d.log_offset < :until"
    )
    return _amends(values, notices=these)


def kept_away(topic: str, partition: int, since: int) -> list[Amend]:
    """What has just been appended from offset `since` of a partition, and is named in the ledger, leaves again."""
    narrowed = "topic = :topic AND log_partition = :log_partition AND log_offset >= :since"
    return _amends({"topic": topic, "log_partition": partition, "since": since}, rows=narrowed)


def replaced(topic: str, partition: int, since: int, end: Position, was: Position) -> list[Amend]:
    """Rows of offsets from `since` to before `end` leave before they are appended again; none that was never read."""
    if since >= was.read_to:
        return []
    values: dict[str, Value] = {
        "topic": topic,
        "log_partition": partition,
        "topic_id": end.topic_id,
        "old_id": was.topic_id,
        "since": since,
        "until": end.offset,
    }
    return [
        Amend(
            table,
            f"DELETE FROM {table} WHERE topic = :topic AND log_partition = :log_partition "
            "AND COALESCE(topic_id, '') IN (:topic_id, :old_id) AND log_offset >= :since AND log_offset < :until",
            values,
        )
        for table in (RAW, REJECTED)
    ]


def _amends(values: Mapping[str, Value], *, notices: str = "TRUE", rows: str = "TRUE") -> list[Amend]:
    texts = (
        (RAW, f"DELETE FROM {RAW} WHERE {_TWEETS}"),
        (REJECTED, f"DELETE FROM {REJECTED} WHERE {_TWEETS}"),
        (RAW, _AUTHORS),
        (REJECTED, _REJECTED_AUTHORS),
        (RAW, _PLACES),
    )
    return [Amend(table, text.format(notices=notices, rows=rows), values) for table, text in texts]
