"""The port itself: what a message is, and what a log can do.

How SQLite and Kafka do it is in the adapters; who reads keeps its own offsets, in the warehouse.
"""

from abc import abstractmethod
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from resources.closable import Closable


class Message(NamedTuple):
    """One message of a partition; `published_at` is aware and in UTC, None where the log does not know it."""

    offset: int
    published_at: datetime | None
    key: bytes | None
    value: bytes | None


class NewMessage(NamedTuple):
    """A message to append; without a time of its own it is published when it is appended.

    A key without a value is a tombstone: what was published under the key is to be forgotten.
    """

    key: bytes | None
    value: bytes | None
    published_at: datetime | None = None


MAX_BATCH_BYTES: Final = 64 * 1024 * 1024
"""Bytes of keys and values in one batch."""


class Bounds(NamedTuple):
    """What a partition holds: offsets from `earliest` up to, but without, `end`, the next to be written."""

    earliest: int
    end: int


def size(message: Message) -> int:
    """Bytes of key and value."""
    return len(message.key or b"") + len(message.value or b"")


class Batch(NamedTuple):
    """Messages in the order of their offsets, and the offset to read from next, past gaps of compaction."""

    messages: list[Message]
    next_offset: int


class OffsetsLost(Exception):  # noqa: N818 - it names what happened, as the sentence it carries does
    """The log no longer holds the offset that a reader wants next."""

    def __init__(self, topic: str, partition: int, start: int, earliest: int) -> None:
        """`start` was wanted; the log begins at `earliest`, above it, or the topic was made anew."""
        self.topic = topic
        self.partition = partition
        self.start = start
        self.earliest = earliest
        if start < earliest:
            lost = (
                f"offsets {start} to {earliest - 1} of topic {topic}, partition {partition}, were deleted "
                f"before they were read: lengthen the topic's retention, and read on from {earliest}"
            )
        else:
            lost = (
                f"offset {start} of topic {topic}, partition {partition}, lies behind its end: the topic "
                f"was made anew, so read it from {earliest}"
            )
        super().__init__(f"{lost[0].upper()}{lost[1:]}.")


class MessageLog(Closable):
    """Topics, each of one or more partitions; offsets grow within a partition.

    Everything raises Unavailable when the log itself cannot be used. One thread uses an instance at a time.
    """

    @abstractmethod
    def topic_id(self, topic: str) -> str:
        """Which topic of this name it is: another one after it was made anew; empty when there is none.

        Offsets tell messages apart within one id only.
        """

    @abstractmethod
    def bounds(self, topic: str) -> dict[int, Bounds]:
        """The bounds of each partition; empty when the topic does not exist."""

    @abstractmethod
    def offsets_at(self, topic: str, moment: datetime) -> dict[int, int]:
        """Of each partition the first offset published at or after `moment` (aware), its end where there is none."""

    @abstractmethod
    def read(
        self,
        topic: str,
        partition: int,
        start: int,
        limit: int = 10_000,
        max_bytes: int = MAX_BATCH_BYTES,
    ) -> Batch:
        """At most `limit` (1 or more) messages from offset `start`, none beyond the end as of the call.

        The batch ends before the message that would make its keys and values more than `max_bytes`, but holds
        one at least. Never waits for new messages: at the end the batch is empty and its `next_offset` is
        `start`. Raises OffsetsLost when `start` is below the earliest offset or above the end, or the topic is gone.
        """

    @abstractmethod
    def append(self, topic: str, messages: Iterable[NewMessage | tuple[bytes | None, bytes | None]]) -> int:
        """Append messages, or bare keys and values, and say how many; they are durable when it returns.

        Messages of one key go to one partition, in order. After an error some may have been written.
        """

    @abstractmethod
    def uri(self, topic: str) -> str:
        """Where the topic lies, without credentials."""
