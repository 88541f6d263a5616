"""Messages of the topic `tweets`, decoded to the rows of `tweets.raw_tweets` and `tweets.rejected_tweets`.

Batches and their columns belong here; what one message means is in `message`, reading the log elsewhere.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import pyarrow as pa

from platform_assets.tweets.message import MAX_BYTES, REASONS, Unreadable, tweet_of
from resources import catalog
from resources.message_log import Message

__all__ = ["REASONS", "REJECTS", "ROWS", "Decoded", "decode"]

MAX_RAW_BYTES: Final = 8_192
"""How much is kept of a message above `MAX_BYTES`; a smaller one is kept whole."""

ROWS: Final = catalog.schema("tweets.raw_tweets")
REJECTS: Final = catalog.schema("tweets.rejected_tweets")


class Decoded(NamedTuple):
    """A batch of messages: `rows` as `ROWS`, `rejects` as `REJECTS`, together one per message."""

    rows: pa.Table
    rejects: pa.Table


def decode(topic: str, partition: int, messages: Sequence[Message]) -> Decoded:
    """Decode messages of one partition; each becomes exactly one row or one reject. Raises nothing."""
    rows: list[tuple[object, ...]] = []
    rejects: list[tuple[object, ...]] = []
    for offset, published_at, _key, value in messages:
        try:
            rows.append((topic, partition, offset, published_at, *tweet_of(value)))
        except Unreadable as why:
            rejects.append((topic, partition, offset, published_at, why.reason, why.detail, _raw(value)))
    return Decoded(_table(rows, ROWS), _table(rejects, REJECTS))


def _raw(value: bytes | None) -> str:
    kept = value or b""
    return (kept if len(kept) <= MAX_BYTES else kept[:MAX_RAW_BYTES]).decode(errors="backslashreplace")


def _table(rows: list[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
