"""What only one message log can show: a file changed by hand, a broker's retention and transactions."""

import random
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resources.message_log import Batch, Bounds, KafkaMessageLog, OffsetsLost, SqliteMessageLog
from tests.reading import all_messages


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(appends=st.lists(st.lists(st.tuples(st.none() | st.binary(), st.binary()), max_size=9), max_size=4))
def test_whatever_is_appended_is_found_once(
    tmp_path: Path, appends: list[list[tuple[bytes | None, bytes]]]
) -> None:
    topic = uuid.uuid4().hex
    with SqliteMessageLog(tmp_path / "log.db", partitions=3) as log:
        for messages in appends:
            log.append(topic, messages)
        found = [message for messages in all_messages(log, topic, limit=2).values() for message in messages]
    sent = [message for messages in appends for message in messages]
    assert sorted((str(message.key), message.value) for message in found) == sorted(
        (str(key), value) for key, value in sent
    )


def test_offsets_deleted_before_they_were_read_are_named(tmp_path: Path) -> None:
    with SqliteMessageLog(tmp_path / "log.db") as log:
        log.append("tweets", [(None, b"%d" % number) for number in range(10)])
        _forget(tmp_path / "log.db", "offset < 6")
        assert log.bounds("tweets") == {0: Bounds(6, 10)}
        with pytest.raises(OffsetsLost, match="Offsets 2 to 5 of topic tweets, partition 0, were deleted"):
            log.read("tweets", 0, 2)
        assert len(log.read("tweets", 0, 6).messages) == 4
        _forget(tmp_path / "log.db", "true")
        assert log.bounds("tweets") == {0: Bounds(10, 10)}
        assert log.read("tweets", 0, 10) == Batch([], 10)


def test_a_batch_passes_the_gaps_of_compaction(tmp_path: Path) -> None:
    with SqliteMessageLog(tmp_path / "log.db") as log:
        log.append("tweets", [(None, b"%d" % number) for number in range(10)])
        _forget(tmp_path / "log.db", "offset IN (3, 4, 8, 9)")
        batch = log.read("tweets", 0, 2, limit=2)
        assert [message.offset for message in batch.messages] == [2, 5]
        assert batch.next_offset == 6
        assert log.read("tweets", 0, 6).next_offset == 10
        assert log.read("tweets", 0, 8) == Batch([], 10)


def test_a_file_made_anew_holds_another_topic_and_an_older_file_gets_an_id(tmp_path: Path) -> None:
    with SqliteMessageLog(tmp_path / "a.db") as log, SqliteMessageLog(tmp_path / "b.db") as anew:
        for each in (log, anew):
            each.append("tweets", [(None, b"v")])
        assert log.topic_id("tweets") != anew.topic_id("tweets")
        with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
            connection.execute("DROP TABLE topics")
    with SqliteMessageLog(tmp_path / "a.db") as older:
        given = older.topic_id("tweets")
        assert given
        assert older.topic_id("tweets") == given


def test_kafka_deletes_and_the_lost_range_is_named(
    kafka: str, topic: str, forget: Callable[[str], None]
) -> None:
    with KafkaMessageLog(kafka) as log:
        for _ in range(8):
            log.append(topic, [(b"k", random.Random(7).randbytes(900_000))])
        forget(topic)
        ((partition, bounds),) = [item for item in log.bounds(topic).items() if item[1].end]
        assert bounds.earliest > 0
        with pytest.raises(OffsetsLost, match=f"Offsets 0 to {bounds.earliest - 1} of topic {topic}"):
            log.read(topic, partition, 0)
        assert log.read(topic, partition, bounds.earliest).next_offset == bounds.end


def test_offsets_that_kafka_deletes_before_the_fetch_are_named(
    kafka: str, topic: str, forget: Callable[[str], None]
) -> None:
    class Hasty(KafkaMessageLog):
        """Kafka's answer of a moment ago, once; then the present one."""

        moment_ago: ClassVar[list[Bounds]] = [Bounds(0, 8)]

        def _ends(self, topic: str, partition: int) -> Bounds:
            return self.moment_ago.pop() if self.moment_ago else super()._ends(topic, partition)

    with KafkaMessageLog(kafka) as log:
        for _ in range(8):
            log.append(topic, [(b"k", random.Random(7).randbytes(900_000))])
        forget(topic)
        ((partition, bounds),) = [item for item in log.bounds(topic).items() if item[1].end]
    with Hasty(kafka) as log, pytest.raises(OffsetsLost) as caught:
        log.read(topic, partition, 0)
    assert caught.value.earliest == bounds.earliest > 0


def test_a_batch_passes_the_marker_that_ends_a_transaction(kafka: str, topic: str) -> None:
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": kafka, "transactional.id": topic})
    producer.init_transactions(10)
    with KafkaMessageLog(kafka) as log:
        for number in range(2):
            producer.begin_transaction()
            producer.produce(topic, b"%d" % number, b"k")
            producer.commit_transaction(10)
            # A real broker writes the marker after it has answered.
            deadline = time.monotonic() + 20
            while (end := sum(bounds.end for bounds in log.bounds(topic).values())) != 2 * number + 2:
                assert time.monotonic() < deadline, end
            (partition,) = [found for found, bounds in log.bounds(topic).items() if bounds.end]
            batch = log.read(topic, partition, 2 * number)
            assert [message.value for message in batch.messages] == [b"%d" % number]
            assert batch.next_offset == end


def test_an_append_that_fails_half_way_leaves_no_message(tmp_path: Path) -> None:
    def broken() -> Iterator[tuple[bytes | None, bytes]]:
        yield None, b"v"
        raise RuntimeError("the stream ended")

    with SqliteMessageLog(tmp_path / "log.db") as log:
        with pytest.raises(RuntimeError, match="the stream ended"):
            log.append("tweets", broken())
        assert log.bounds("tweets") == {}


def test_a_new_file_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    def write(path: Path) -> None:
        with SqliteMessageLog(path) as log:
            log.append("tweets", [(None, b"v")])

    for number in range(20):
        path = tmp_path / f"{number}.db"
        with ThreadPoolExecutor(8) as writers:
            list(writers.map(write, [path] * 8))
        with SqliteMessageLog(path) as log:
            assert log.bounds("tweets") == {0: Bounds(0, 8)}


def _forget(path: Path, condition: str) -> None:
    """What an administrator does by hand; Kafka does it by retention and compaction."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(f"DELETE FROM messages WHERE {condition}")
    connection.close()
