"""Mutated messages of the topic `tweets`, in batches as an ingest decodes them."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from typing import Final

from fuzz import structure
from fuzz.mutation import Seeds
from fuzz.targets import Seen, Target, Violation
from platform_assets.tweets import tweet
from resources.message_log import Message
from samples import world
from tests.bad_input import MESSAGES

_BATCH: Final = 500
_PUBLISHED: Final = datetime(2026, 11, 1, tzinfo=UTC)
_WORDS: Final = (
    b'"data":', b'"includes":', b'"users":', b'"places":', b'"geo":', b'"coordinates":', b'"tweet":',
    b'"screenName":',
    b'"text":', b'"full_text":', b'"extended_tweet":', b'"id":', b'"id_str":', b'"created_at":', b'"user":',
    b'"place":',
    b'"author_id":', b'"delete":', b'"tweet_delete":', b'"user_delete":', b'"scrub_geo":', b'"limit":',
    b'"errors":', b"[41.7,-72.6]", b"[-72.6,41.7]", b"[1e400,1]", b"null",
    b"true", b"{}", b"[]", b'""', b'"\\ud800"', b'"\\u0000"', b"[" * 2_000, b'{"a":' * 2_000, b"\xff", b"\0",
    b'"Thu Feb 31 14:03:11 +0000 2019"', b'"2026-11-01T08:00:00.000Z"', b'"9999-12-31T23:59:59-14:00"',
    b'"0001-01-01T00:00:00+14:00"', b'"2026-11-01T08:00:00+99:00"', b'"Thu Feb 21 14:03:11 +2400 0001"',
)  # fmt: skip


def tweets() -> Target:
    """Messages of every shape, and all that are none."""
    made = world.make(world.WorldConfig(addresses=1_500, customers=220, tweets=400))
    given = [message.value for message in made.tweets()] + [bad.value for bad in MESSAGES]
    inputs = [value for value in given if value is not None and len(value) < 10_000]
    seeds = Seeds(inputs, _WORDS, structure.documents(inputs))
    return Target("a message", seeds, _BATCH, _judge)


def _judge(inputs: Sequence[bytes], random: Random) -> Seen:
    messages = [Message(offset, _PUBLISHED, None, value) for offset, value in enumerate(inputs)]
    decoded = tweet.decode("tweets", "topic", 0, messages)
    for table in decoded:
        table.validate(full=True)
    offsets = [offset for table in decoded for offset in table.column("log_offset").to_pylist()]
    if sorted(offsets) != list(range(len(inputs))):
        raise Violation(
            f"{len(inputs)} messages went in, {len(offsets)} rows, rejects and deletions came out"
        )
    return Seen(
        decoded.rows.num_rows + decoded.deletions.num_rows,
        Counter(decoded.rejects.column("reason").to_pylist()),
    )
