"""The clients of one Kafka cluster: made when first used, with the settings that reading and appending rely on.

What is asked of them, and what their errors mean, is in the modules beside.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Producer
    from confluent_kafka.admin import AdminClient

_log = logging.getLogger(__name__)
# Heard by who sets logging up; else librdkafka would fill the terminal of a command.
_log.addHandler(logging.NullHandler())


class KafkaClients:
    """An admin client, a consumer that asks, one that reads, and a producer."""

    def __init__(self, bootstrap_servers: str, security: Mapping[str, str], timeout_s: float) -> None:
        """Nothing is connected before a client is used."""
        self._servers = bootstrap_servers
        self._security = dict(security)
        self._timeout_s = timeout_s

    def close(self) -> None:
        """Leave the brokers; may be called twice."""
        for name in ("asker", "reader"):
            consumer: Consumer | None = self.__dict__.pop(name, None)
            if consumer is not None:
                consumer.close()
        self.__dict__.pop("_producer", None)
        self.__dict__.pop("admin", None)

    @contextmanager
    def producing(self) -> Iterator["Producer"]:
        """The producer; after an error nothing it still holds may arrive, so it is thrown away."""
        try:
            yield self._producer
        except BaseException:
            producer: Producer | None = self.__dict__.pop("_producer", None)
            if producer is not None:
                producer.purge()
            raise

    @cached_property
    def admin(self) -> "AdminClient":
        """Asks what a consumer cannot."""
        from confluent_kafka.admin import AdminClient

        return AdminClient(self._settings())

    @cached_property
    def asker(self) -> "Consumer":
        """Asks beside the reader: on one connection, a question would wait for the fetch before it."""
        return self._consumer()

    @cached_property
    def reader(self) -> "Consumer":
        """Reads one partition at a time."""
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
                # A fetch takes its time whatever it brings; of 1 MB each, as by default, reading mostly waits.
                "max.partition.fetch.bytes": 8_388_608,
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

    def _settings(self) -> dict[str, Any]:
        return {
            "bootstrap.servers": self._servers,
            "socket.connection.setup.timeout.ms": max(1000, int(self._timeout_s * 500)),
            # What goes wrong is raised by the call that needed it; librdkafka would write it to stderr too.
            "logger": _log,
            "error_cb": lambda error: _log.debug("Kafka: %s", error),
        } | self._security
