"""Messages of the topic `tweets`, decoded to rows of `tweets.raw_tweets`, `rejected_tweets` and `deleted_tweets`.

Batches and their columns belong here; what one message means is in `message`, reading the log elsewhere.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import pyarrow as pa

from platform_assets.tweets.message import MAX_BYTES, REASONS, Tweet, Unreadable, read
from platform_assets.tweets.notices import ids_in
from resources import catalog
from resources.message_log import Message

__all__ = ["DELETIONS", "REASONS", "REJECTS", "ROWS", "Decoded", "decode"]

MAX_RAW_BYTES: Final = 8_192
"""How much is kept of a message above `MAX_BYTES`; a smaller one is kept whole."""

ROWS: Final = catalog.schema("tweets.raw_tweets")
REJECTS: Final = catalog.schema("tweets.rejected_tweets")
DELETIONS: Final = catalog.schema("tweets.deleted_tweets")


class Decoded(NamedTuple):
    """A batch of messages: `rows` as `ROWS`, `rejects` as `REJECTS`, `deletions` as `DELETIONS`, together one each."""

    rows: pa.Table
    rejects: pa.Table
    deletions: pa.Table


def decode(topic: str, topic_id: str, partition: int, messages: Sequence[Message]) -> Decoded:
    """Decode messages of one partition; each becomes exactly one row, reject or deletion. Raises nothing.

    A key without a value is a tombstone: the tweet of that id is to be forgotten.
    """
    # Field after field, row after row: a tuple kept for each row is one more object that the collector looks at.
    rows: list[object] = []
    rejects: list[object] = []
    deletions: list[object] = []
    for offset, published_at, key, value in messages:
        name = key.decode(errors="backslashreplace") if key else None
        if name and value is None:
            deletions += (offset, published_at, "tombstone", "tweet", name, None)
            continue
        try:
            found = read(value)
        except Unreadable as why:
            kept = _kept(value or b"")
            raw = kept.decode(errors="backslashreplace")
            rejects += (offset, published_at, why.reason, why.detail, raw, name, *ids_in(kept))
            continue
        if isinstance(found, Tweet):
            rows += (offset, published_at, *found, None if name == found.tweet_id else name)
        else:
            deletions += (offset, published_at, *found)
    place = {"topic": topic, "topic_id": topic_id or None, "log_partition": partition}
    return Decoded(
        _table(rows, ROWS, place), _table(rejects, REJECTS, place), _table(deletions, DELETIONS, place)
    )


def _kept(value: bytes) -> bytes:
    return value if len(value) <= MAX_BYTES else value[:MAX_RAW_BYTES]


def _table(fields: list[object], schema: pa.Schema, place: Mapping[str, object]) -> pa.Table:
    """Rows as Arrow: the columns of `place` are the same in all of them, the others are in the order of `schema`."""
    width = len(schema) - len(place)
    columns = iter([fields[number::width] for number in range(width)])
    rows = len(fields) // width
    return pa.Table.from_arrays(
        [
            pa.repeat(pa.scalar(place[field.name], field.type), rows)
            if field.name in place
            else pa.array(next(columns), field.type)
            for field in schema
        ],
        schema=schema,
    )
