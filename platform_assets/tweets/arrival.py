"""Messages of one topic partition on their way into the warehouse, exactly once.

The steps and their order belong here; what a message means is in `tweet`, how rows commit in the warehouse port.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from platform_assets.tweets import tweet
from resources.message_log import Batch, MessageLog, OffsetsLost
from resources.warehouse import Commit, Warehouse

TABLES = ("tweets.raw_tweets", "tweets.rejected_tweets")
BATCH = 10_000
"""Messages in one commit."""


@dataclass(frozen=True)
class Taken:
    """What one commit took from a partition: offsets from `start` to before `end`."""

    partition: int
    start: int
    end: int
    read: int
    loaded: int
    rejected: int


def source_of(topic: str, partition: int) -> str:
    """Name of the position of a topic partition."""
    return f"topic/{topic}/{partition}"


def take_in(topic: str, message_log: MessageLog, warehouse: Warehouse, label: str = "") -> Iterator[Taken]:
    """Commit everything that was in the topic when this began, batch by batch; each batch and its offset together.

    Raises OffsetsLost when the log no longer has the offset to go on from.
    """
    for partition, bounds in sorted(message_log.bounds(topic).items()):
        with warehouse.session(label) as session:
            position = session.position(source_of(topic, partition))
        start = int(position) if position else bounds.earliest
        if start > bounds.end:
            raise OffsetsLost(topic, partition, start, bounds.earliest)
        while start < bounds.end:
            batch = message_log.read(topic, partition, start, BATCH)
            if batch.next_offset == start:
                break
            yield _commit(topic, partition, position, start, batch, warehouse, label)
            start = batch.next_offset
            position = str(start)


def _commit(
    topic: str,
    partition: int,
    position: str | None,
    start: int,
    batch: Batch,
    warehouse: Warehouse,
    label: str,
) -> Taken:
    decoded = tweet.decode(topic, partition, batch.messages)
    with warehouse.spool(TABLES[0]) as loaded, warehouse.spool(TABLES[1]) as rejected:
        loaded.write(decoded.rows)
        rejected.write(decoded.rejects)
        with warehouse.session(label) as session:
            session.commit(
                Commit(
                    source=source_of(topic, partition),
                    expected=position,
                    next_position=str(batch.next_offset),
                    read=len(batch.messages),
                    loaded=[loaded],
                    rejected=[rejected],
                )
            )
        return Taken(partition, start, batch.next_offset, len(batch.messages), loaded.rows, rejected.rows)
