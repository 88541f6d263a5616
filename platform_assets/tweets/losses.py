"""Messages that were gone before they were read: what is noticed, and where reading goes on.

Noticing belongs here; the commit that remembers it in `tweets.lost_offsets` is in `arrival`.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from platform_assets.tweets.position import Position
from resources.message_log import Bounds

TABLE = "tweets.lost_offsets"
RECENT = """
SELECT
  topic || ' ' || TO_VARCHAR(log_partition) || ': ' || TO_VARCHAR(first_offset)
    || COALESCE(' to ' || TO_VARCHAR(last_offset), ' and on') || ', ' || reason AS told
FROM tweets.lost_offsets
WHERE noticed_at >= DATEADD(day, -7, (SELECT MAX(committed_at) FROM ledger.positions))
"""
"""Ranges that people still have to hear of, in words: those of the seven days before the last commit."""


@dataclass(frozen=True)
class Lost:
    """Offsets `first` to `last` of a partition were not read and never will be; reading goes on at `next_position`.

    `last` is None for a topic that was made anew: what it held after `first`, nobody can tell.
    """

    topic: str
    topic_id: str
    partition: int
    first: int
    last: int | None
    reason: Literal["retention", "recreated"]
    next_position: Position

    def row(self, noticed_at: dt.datetime) -> dict[str, object]:
        """A row of `tweets.lost_offsets`; `noticed_at` is aware."""
        return {
            "topic": self.topic,
            "topic_id": self.topic_id or None,
            "log_partition": self.partition,
            "first_offset": self.first,
            "last_offset": self.last,
            "reason": self.reason,
            "noticed_at": noticed_at.astimezone(dt.UTC).replace(tzinfo=None),
        }

    def __str__(self) -> str:
        """What a person is told."""
        if self.reason == "recreated":
            return (
                f"Topic {self.topic} was made anew: partition {self.partition} is read from its beginning; "
                f"what the old topic held from offset {self.first} on was not read."
            )
        return (
            f"Offsets {self.first} to {self.last} of topic {self.topic}, partition {self.partition}, were deleted "
            f"before they were read: reading goes on at {self.next_position.offset}; lengthen the topic's retention."
        )


def noticed(
    topic: str, partition: int, position: Position | None, topic_id: str, bounds: Bounds
) -> Lost | None:
    """What is lost between the position and what the log has now; None when reading can go on.

    `bounds` must be younger than the position, or another reader's progress would look like a new topic. What was
    deleted before the first read of all is no loss; nor is what was to be read again: its rows are still there.
    """
    if position is None:
        return None
    first = position.behind
    if not position.is_of(topic_id) or first > bounds.end:
        beginning = Position(0, position.renamed(topic_id))
        return Lost(topic, position.topic_id, partition, first, None, "recreated", beginning)
    if first < bounds.earliest:
        then = position.at(bounds.earliest, position.named(topic_id))
        return Lost(topic, then.topic_id, partition, first, bounds.earliest - 1, "retention", then)
    return None
