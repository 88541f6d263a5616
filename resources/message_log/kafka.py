"""The message log in Kafka, through librdkafka.

Partitions are assigned, never subscribed, and nothing is committed to Kafka: the warehouse's offsets rule.
"""

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from resources.message_log.kafka_clients import KafkaClients
from resources.message_log.kafka_errors import sentence
from resources.message_log.kafka_topics import topic_id
from resources.message_log.port import (
    MAX_BATCH_BYTES,
    Batch,
    Bounds,
    Message,
    MessageLog,
    NewMessage,
    OffsetsLost,
    size,
)
from resources.unavailable import Unavailable

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, Producer
    from confluent_kafka import Message as Event

# consume() waits its whole time-out for a full list, so both are small; the first list tells how large messages are.
_FIRST = 16
_AT_ONCE = 2_000
_PATIENCE_S = 0.1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class KafkaMessageLog(MessageLog):
    """Topics of a Kafka cluster, read committed.

    `security` holds librdkafka's own settings, such as `security.protocol`, `sasl.password`; none is shown.
    A question to the brokers, and a stall while reading or appending, ends after `timeout_s` seconds; within
    it librdkafka reconnects and retries by itself. Appends are idempotent and acknowledged by all replicas.
    """

    def __init__(
        self, bootstrap_servers: str, security: Mapping[str, str] | None = None, timeout_s: float = 10.0
    ) -> None:
        """Nothing is connected before the first call."""
        self._servers = bootstrap_servers
        self._timeout_s = timeout_s
        self._clients = KafkaClients(bootstrap_servers, security or {}, timeout_s)
        # Where the reader stands: the next read goes on from there with what was fetched ahead.
        self._standing: tuple[str, int, int] | None = None

    def topic_id(self, topic: str) -> str:
        """One or two requests; `cluster/name` where the brokers know no ids."""
        with self._asking(topic):
            return topic_id(self._clients.asker, self._clients.admin, topic, self._timeout_s)

    def bounds(self, topic: str) -> dict[int, Bounds]:
        """One request for the topic, one for the two ends of each partition."""
        with self._asking(topic):
            return {partition: self._ends(topic, partition) for partition in self._partitions(topic)}

    def offsets_at(self, topic: str, moment: datetime) -> dict[int, int]:
        """One request for all partitions."""
        from confluent_kafka import TopicPartition

        milliseconds = math.ceil(moment.timestamp() * 1000)
        with self._asking(topic):
            asked = [TopicPartition(topic, partition, milliseconds) for partition in self._partitions(topic)]
            found = self._clients.asker.offsets_for_times(asked, self._timeout_s) if asked else []
            return {
                place.partition: place.offset if place.offset >= 0 else self._ends(topic, place.partition).end
                for place in found
            }

    def read(
        self,
        topic: str,
        partition: int,
        start: int,
        limit: int = 10_000,
        max_bytes: int = MAX_BATCH_BYTES,
    ) -> Batch:
        """Goes on where the last read was stopped by its limit, or assigns the partition anew."""
        from confluent_kafka import TopicPartition

        with self._asking(topic):
            is_there = partition in self._partitions(topic)
            earliest, end = self._ends(topic, partition) if is_there else Bounds(0, 0)
            if not earliest <= start <= end:
                raise OffsetsLost(topic, partition, start, earliest)
            if start == end:
                return Batch([], start)
            if self._standing != (topic, partition, start):
                self._clients.reader.assign([TopicPartition(topic, partition, start)])
            self._standing = None
            messages, position = self._consumed(topic, partition, start, end, limit, max_bytes)
            fitting = _fitting(messages, max_bytes)
            if fitting < len(messages):
                return Batch(messages[:fitting], messages[fitting].offset)
            if position < end:
                self._standing = (topic, partition, position)
            else:
                self._clients.reader.unassign()
        return Batch(messages, position)

    def append(self, topic: str, messages: Iterable[NewMessage | tuple[bytes | None, bytes | None]]) -> int:
        """Waits until the brokers have acknowledged every message."""
        receipts: list[KafkaError | None] = []
        count = 0
        with self._asking(topic), self._clients.producing() as producer:
            for message in messages:
                _produce(producer, topic, NewMessage(*message), receipts)
                count += 1
            producer.flush(2 * self._timeout_s)
            refused = next((error for error in receipts if error is not None), None)
            if refused is not None or len(receipts) < count:
                raise self._unavailable(refused, topic)
        return count

    def uri(self, topic: str) -> str:
        """`kafka://`, the servers and the topic."""
        return f"kafka://{self._servers}/{topic}"

    def close(self) -> None:
        """Leave the brokers."""
        self._clients.close()
        self._standing = None

    def _partitions(self, topic: str) -> list[int]:
        from confluent_kafka import KafkaError, KafkaException

        found = self._clients.asker.list_topics(topic, self._timeout_s).topics[topic]
        if found.error is None:
            return sorted(found.partitions)
        if found.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return []
        raise KafkaException(found.error)

    def _ends(self, topic: str, partition: int) -> Bounds:
        from confluent_kafka import TopicPartition

        return Bounds(
            *self._clients.asker.get_watermark_offsets(TopicPartition(topic, partition), self._timeout_s)
        )

    def _consumed(
        self, topic: str, partition: int, start: int, end: int, limit: int, max_bytes: int
    ) -> tuple[list[Message], int]:
        """Messages until `end`, `limit` or a little more than `max_bytes`, and the offset after them."""
        from confluent_kafka import KafkaError, KafkaException

        messages: list[Message] = []
        position, taken, deadline = start, 0, time.monotonic() + self._timeout_s
        while position < end and len(messages) < limit and taken <= max_bytes:
            fitting = 1 + (max_bytes - taken) * len(messages) // taken if taken else _FIRST
            wanted = min(limit - len(messages), end - position, fitting, _AT_ONCE)
            for event in self._clients.reader.consume(wanted, _PATIENCE_S):
                deadline = time.monotonic() + self._timeout_s
                error, offset = event.error(), event.offset() or 0
                if error is not None and error.code() == KafkaError._AUTO_OFFSET_RESET:
                    # Retention was quicker than the fetch.
                    raise OffsetsLost(topic, partition, position, self._ends(topic, partition).earliest)
                if error is not None and error.code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(error)
                # A gap at the end, of compaction or of a transaction's marker, shows only as the end itself.
                position = min(end, offset if error else offset + 1)
                if not error and offset < end:
                    messages.append(_message(event, offset))
                    taken += size(messages[-1])
            if time.monotonic() > deadline:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return messages, position

    @contextmanager
    def _asking(self, topic: str) -> Iterator[None]:
        from confluent_kafka import KafkaException

        try:
            yield
        except KafkaException as error:
            raise self._unavailable(error.args[0], topic) from error

    def _unavailable(self, error: "KafkaError | None", topic: str) -> Unavailable:
        return Unavailable(sentence(error, topic, self._servers, self._timeout_s))


def _produce(
    producer: "Producer", topic: str, message: NewMessage, receipts: list["KafkaError | None"]
) -> None:
    """Hand over one message; its receipt, an error or None, is added once the brokers have answered."""
    key, value, published_at = message
    # 0 stands for now.
    milliseconds = round(published_at.timestamp() * 1000) if published_at else 0
    while True:
        try:
            producer.produce(
                topic, value, key, timestamp=milliseconds, on_delivery=lambda error, _: receipts.append(error)
            )
            return
        except BufferError:
            producer.poll(_PATIENCE_S)


def _fitting(messages: list[Message], max_bytes: int) -> int:
    """How many messages have `max_bytes` together at most; one at least."""
    held = accumulate(map(size, messages))
    return max(1, sum(bytes_ <= max_bytes for bytes_ in held)) if messages else 0


def _message(event: "Event", offset: int) -> Message:
    from confluent_kafka import TIMESTAMP_NOT_AVAILABLE

    kind, milliseconds = event.timestamp()
    published_at = None if kind == TIMESTAMP_NOT_AVAILABLE else _EPOCH + timedelta(milliseconds=milliseconds)
    return Message(offset, published_at, event.key(), event.value())
