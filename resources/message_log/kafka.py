"""The message log in Kafka, through librdkafka.

Partitions are assigned, never subscribed, and nothing is committed to Kafka: the warehouse's offsets rule.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from resources.message_log.kafka_errors import sentence
from resources.message_log.port import Batch, Bounds, Message, MessageLog, NewMessage, OffsetsLost
from resources.unavailable import Unavailable

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, Producer
    from confluent_kafka import Message as Event

# consume() waits its whole time-out for a full list, so both are small.
_AT_ONCE = 2_000
_PATIENCE_S = 0.1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_log = logging.getLogger(__name__)
# Heard by who sets logging up; else librdkafka would fill the terminal of a command.
_log.addHandler(logging.NullHandler())


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
        self._security = dict(security or {})
        self._timeout_s = timeout_s
        # Where the consumer stands: the next read goes on from there with what was fetched ahead.
        self._standing: tuple[str, int, int] | None = None

    def bounds(self, topic: str) -> dict[int, Bounds]:
        """One request for the topic, one for the two ends of each partition."""
        with self._asking(topic):
            return {partition: self._ends(topic, partition) for partition in self._partitions(topic)}

    def read(self, topic: str, partition: int, start: int, limit: int = 10_000) -> Batch:
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
                self._reader.assign([TopicPartition(topic, partition, start)])
            self._standing = None
            batch = self._consumed(topic, partition, start, end, limit)
            if batch.next_offset < end:
                self._standing = (topic, partition, batch.next_offset)
            else:
                self._reader.unassign()
        return batch

    def append(self, topic: str, messages: Iterable[NewMessage | tuple[bytes | None, bytes]]) -> int:
        """Waits until the brokers have acknowledged every message."""
        receipts: list[KafkaError | None] = []
        count = 0
        with self._asking(topic), self._producing() as producer:
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
        for name in ("_asker", "_reader"):
            consumer: Consumer | None = self.__dict__.pop(name, None)
            if consumer is not None:
                consumer.close()
        self.__dict__.pop("_producer", None)
        self._standing = None

    def _partitions(self, topic: str) -> list[int]:
        from confluent_kafka import KafkaError, KafkaException

        found = self._asker.list_topics(topic, self._timeout_s).topics[topic]
        if found.error is None:
            return sorted(found.partitions)
        if found.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return []
        raise KafkaException(found.error)

    def _ends(self, topic: str, partition: int) -> Bounds:
        from confluent_kafka import TopicPartition

        return Bounds(*self._asker.get_watermark_offsets(TopicPartition(topic, partition), self._timeout_s))

    def _consumed(self, topic: str, partition: int, start: int, end: int, limit: int) -> Batch:
        """Messages from where the reader stands until `end` or `limit`."""
        from confluent_kafka import KafkaError, KafkaException

        messages: list[Message] = []
        position, deadline = start, time.monotonic() + self._timeout_s
        while position < end and len(messages) < limit:
            wanted = min(limit - len(messages), end - position, _AT_ONCE)
            for event in self._reader.consume(wanted, _PATIENCE_S):
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
            if time.monotonic() > deadline:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return Batch(messages, position)

    @contextmanager
    def _producing(self) -> Iterator["Producer"]:
        """The producer; after an error nothing it still holds may arrive, so it is thrown away."""
        try:
            yield self._producer
        except BaseException:
            producer: Producer | None = self.__dict__.pop("_producer", None)
            if producer is not None:
                producer.purge()
            raise

    @cached_property
    def _asker(self) -> "Consumer":
        """Asks beside the reader: on one connection, a question would wait for the fetch before it."""
        return self._consumer()

    @cached_property
    def _reader(self) -> "Consumer":
        return self._consumer()

    def _consumer(self) -> "Consumer":
        from confluent_kafka import Consumer

        return Consumer(
            self._settings()
            | {
                "group.id": "quadrant",  # librdkafka wants one; no group is joined
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "error",
                "allow.auto.create.topics": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 100,
                "queued.max.messages.kbytes": 16_384,
            }
        )

    @cached_property
    def _producer(self) -> "Producer":
        from confluent_kafka import Producer

        return Producer(
            self._settings()
            | {
                "enable.idempotence": True,
                "acks": "all",
                "compression.type": "lz4",
                "linger.ms": 5,
                "delivery.timeout.ms": int(self._timeout_s * 1000),
                "topic.metadata.propagation.max.ms": int(self._timeout_s * 500),
            }
        )

    def _settings(self) -> dict[str, object]:
        return {
            "bootstrap.servers": self._servers,
            "socket.connection.setup.timeout.ms": max(1000, int(self._timeout_s * 500)),
            # What goes wrong is raised by the call that needed it; librdkafka would write it to stderr too.
            "logger": _log,
            "error_cb": lambda error: _log.debug("Kafka: %s", error),
        } | self._security

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


def _message(event: "Event", offset: int) -> Message:
    from confluent_kafka import TIMESTAMP_NOT_AVAILABLE

    kind, milliseconds = event.timestamp()
    published_at = None if kind == TIMESTAMP_NOT_AVAILABLE else _EPOCH + timedelta(milliseconds=milliseconds)
    return Message(offset, published_at, event.key(), event.value())
