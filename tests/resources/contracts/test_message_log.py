"""One contract for every message log: a SQLite file, and Kafka through librdkafka's mock cluster."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from resources.message_log import (
    Batch,
    Bounds,
    KafkaMessageLog,
    MessageLog,
    NewMessage,
    OffsetsLost,
    SqliteMessageLog,
)
from tests.reading import all_messages

PARTITIONS = 4


@pytest.fixture(params=["sqlite", "kafka"])
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], MessageLog]:
    """Makes logs of each kind, all over the same messages, as several processes would."""
    if request.param == "sqlite":
        return lambda: SqliteMessageLog(tmp_path / "log" / "messages.db", partitions=PARTITIONS)
    address: str = request.getfixturevalue("kafka")
    return lambda: KafkaMessageLog(address)


@pytest.fixture
def log(another: Callable[[], MessageLog]) -> Iterator[MessageLog]:
    """A log, closed at the end."""
    with another() as log:
        yield log


def test_a_topic_that_does_not_exist_has_no_partitions(log: MessageLog, topic: str) -> None:
    assert log.bounds(topic) == {}
    assert log.bounds(topic) == {}


def test_what_was_appended_is_read_in_order_with_offsets_and_times(log: MessageLog, topic: str) -> None:
    sent = [(b"hartford", b"%d" % number) for number in range(50)]
    assert log.append(topic, sent) == 50
    (messages,) = [found for found in all_messages(log, topic).values() if found]
    assert [message.offset for message in messages] == list(range(50))
    assert [(message.key, message.value) for message in messages] == sent
    for message in messages:
        assert message.published_at is not None
        assert abs(datetime.now(UTC) - message.published_at) < timedelta(minutes=1)


def test_bounds_tell_the_next_offset_of_each_partition(log: MessageLog, topic: str) -> None:
    log.append(topic, [(b"%d" % number, b"x") for number in range(200)])
    bounds = log.bounds(topic)
    assert list(bounds) == list(range(PARTITIONS))
    assert sum(bound.end for bound in bounds.values()) == 200
    assert {bound.earliest for bound in bounds.values()} == {0}
    counts = {partition: len(messages) for partition, messages in all_messages(log, topic).items()}
    assert counts == {partition: bound.end for partition, bound in bounds.items()}


def test_messages_of_one_key_go_to_one_partition_in_order(log: MessageLog, topic: str) -> None:
    log.append(topic, [(b"%d" % (number % 9), b"%03d" % number) for number in range(90)])
    log.append(topic, [(b"%d" % (number % 9), b"%03d" % number) for number in range(90, 180)])
    places: dict[bytes | None, set[int]] = {}
    for partition, messages in all_messages(log, topic).items():
        for key in {message.key for message in messages}:
            places.setdefault(key, set()).add(partition)
            values = [message.value or b"" for message in messages if message.key == key]
            assert values == sorted(values)
            assert len(values) == 20
    assert len(places) == 9
    assert all(len(partitions) == 1 for partitions in places.values())


def test_messages_without_a_key_are_kept(log: MessageLog, topic: str) -> None:
    log.append(topic, [(None, b"%d" % number) for number in range(40)])
    messages = [message for found in all_messages(log, topic).values() for message in found]
    assert {message.key for message in messages} == {None}
    assert sorted(int(message.value or b"") for message in messages) == list(range(40))


def test_a_read_stops_at_its_limit_and_the_next_goes_on_from_there(log: MessageLog, topic: str) -> None:
    log.append(topic, [(b"k", b"%d" % number) for number in range(25)])
    (partition,) = [number for number, bound in log.bounds(topic).items() if bound.end]
    first = log.read(topic, partition, 0, limit=10)
    assert first.next_offset == 10
    assert [message.offset for message in first.messages] == list(range(10))
    assert [message.offset for message in log.read(topic, partition, 10, limit=10).messages] == list(
        range(10, 20)
    )
    # Not where the last read stopped: a run that failed reads again.
    assert log.read(topic, partition, 5, limit=1).messages == [first.messages[5]]
    last = log.read(topic, partition, 20, limit=10)
    assert len(last.messages) == 5
    assert last.next_offset == 25


@pytest.mark.parametrize(
    ("size", "max_bytes", "counts"), [(10_000, 35_000, [3, 3, 3, 1]), (10_000, 1, [1] * 10)]
)
def test_a_read_stops_before_its_messages_are_too_large_together(
    log: MessageLog, topic: str, size: int, max_bytes: int, counts: list[int]
) -> None:
    log.append(topic, [(b"k", b"%d" % number * size) for number in range(10)])
    (partition,) = [number for number, bound in log.bounds(topic).items() if bound.end]
    position, seen = 0, []
    for count in counts:
        batch = log.read(topic, partition, position, max_bytes=max_bytes)
        assert len(batch.messages) == count
        assert batch.next_offset == position + count
        position = batch.next_offset
        seen += [message.value for message in batch.messages]
    assert seen == [b"%d" % number * size for number in range(10)]


def test_many_messages_of_any_size_pass_a_small_batch(log: MessageLog, topic: str) -> None:
    sent = [(b"k", bytes([number % 251]) * (number * 37 % 3_000)) for number in range(200)]
    log.append(topic, sent)
    (partition,) = [number for number, bound in log.bounds(topic).items() if bound.end]
    position, seen = 0, []
    while position < 200:
        batch = log.read(topic, partition, position, limit=90, max_bytes=60_000)
        assert sum(len(message.value or b"") for message in batch.messages) <= 60_000
        position = batch.next_offset
        seen += [message.value for message in batch.messages]
    assert seen == [value for _, value in sent]


def test_a_tombstone_has_a_key_and_no_value(log: MessageLog, topic: str) -> None:
    log.append(topic, [(b"k", None), (b"k", b"")])
    (messages,) = [found for found in all_messages(log, topic).values() if found]
    assert [(message.key, message.value) for message in messages] == [(b"k", None), (b"k", b"")]


def test_a_topic_keeps_its_id_and_another_one_has_another(
    another: Callable[[], MessageLog], log: MessageLog, topic: str
) -> None:
    assert log.topic_id(topic) == ""
    for name in (topic, f"{topic}-other"):
        log.append(name, [(b"k", b"v")])
    known = log.topic_id(topic)
    assert known
    log.append(topic, [(b"k", b"v")])
    with another() as again:
        assert again.topic_id(topic) == known
    assert log.topic_id(f"{topic}-other") != known


def test_offsets_at_a_time_are_the_first_published_then_or_the_end(log: MessageLog, topic: str) -> None:
    noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert log.offsets_at(topic, noon) == {}
    log.append(topic, [NewMessage(b"k", b"v", noon + timedelta(minutes=number)) for number in range(10)])
    ((partition, _),) = [item for item in log.bounds(topic).items() if item[1].end]
    if isinstance(log, KafkaMessageLog) and log.offsets_at(topic, noon)[partition] == 10:
        pytest.skip("librdkafka's mock cluster knows no times")
    for minutes, offset in ((-60, 0), (0, 0), (2.5, 3), (9, 9), (9.1, 10)):
        found = log.offsets_at(topic, noon + timedelta(minutes=minutes))
        assert found.pop(partition) == offset
        assert set(found.values()) == {0}


def test_reads_of_several_partitions_may_alternate(log: MessageLog, topic: str) -> None:
    log.append(topic, [(b"%d" % number, b"%d" % number) for number in range(100)])
    positions = dict.fromkeys(log.bounds(topic), 0)
    seen = []
    while any(positions[partition] < bound.end for partition, bound in log.bounds(topic).items()):
        for partition, position in positions.items():
            batch = log.read(topic, partition, position, limit=7)
            positions[partition] = batch.next_offset
            seen += [message.value for message in batch.messages]
    assert sorted(seen, key=lambda value: int(value or b"")) == [b"%d" % number for number in range(100)]


def test_a_read_at_the_end_is_empty_and_prompt(log: MessageLog, topic: str) -> None:
    log.append(topic, [(b"k", b"v")] * 3)
    (partition,) = [number for number, bound in log.bounds(topic).items() if bound.end]
    log.read(topic, partition, 0)
    started = time.monotonic()
    assert log.read(topic, partition, 3) == Batch([], 3)
    assert time.monotonic() - started < 1


def test_new_messages_are_read_after_the_end_was_reached(log: MessageLog, topic: str) -> None:
    position = 0
    for number in range(6):
        log.append(topic, [(b"k", b"%d" % number)])
        (partition,) = [found for found, bound in log.bounds(topic).items() if bound.end]
        batch = log.read(topic, partition, position)
        assert [message.value for message in batch.messages] == [b"%d" % number]
        position = batch.next_offset
        assert log.read(topic, partition, position).messages == []


def test_appending_nothing_appends_nothing(log: MessageLog, topic: str) -> None:
    assert log.append(topic, []) == 0
    assert all(bound == Bounds(0, 0) for bound in log.bounds(topic).values())


def test_another_process_reads_what_was_appended(another: Callable[[], MessageLog], topic: str) -> None:
    with another() as writer:
        writer.append(topic, [(b"k", b"v")])
    with another() as reader:
        assert [found for found in all_messages(reader, topic).values() if found][0][0].value == b"v"


def test_writers_at_one_time_lose_nothing_and_share_no_offset(
    another: Callable[[], MessageLog], topic: str
) -> None:
    def write(name: int) -> None:
        with another() as log:
            for number in range(5):
                log.append(topic, [(b"k", b"%d-%d-%d" % (name, number, part)) for part in range(20)])

    writers = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with another() as log:
        (messages,) = [found for found in all_messages(log, topic).values() if found]
    assert [message.offset for message in messages] == list(range(400))
    assert len({message.value for message in messages}) == 400


def test_many_messages_pass_in_batches(log: MessageLog, topic: str) -> None:
    sent = [(b"k", b"%06d" % number) for number in range(25_000)]
    log.append(topic, iter(sent))
    (messages,) = [found for found in all_messages(log, topic).values() if found]
    assert [message.value for message in messages] == [value for _, value in sent]


@pytest.mark.parametrize(
    "body", [b"", b"\x00", b"\xff\xfe", b"\r\n", "\U0001f3e0".encode(), bytes(range(256)) * 40]
)
def test_any_bytes_survive_as_key_and_as_value(log: MessageLog, topic: str, body: bytes) -> None:
    log.append(topic, [(body, b"of a key"), (b"k", body)])
    found = [message for messages in all_messages(log, topic).values() for message in messages]
    assert {(message.key, message.value) for message in found} == {(body, b"of a key"), (b"k", body)}


def test_an_offset_behind_the_end_means_that_the_topic_was_made_anew(log: MessageLog, topic: str) -> None:
    log.append(topic, [(b"k", b"v")] * 3)
    (partition,) = [number for number, bound in log.bounds(topic).items() if bound.end]
    with pytest.raises(OffsetsLost, match=f"Offset 4 of topic {topic}.* made anew") as caught:
        log.read(topic, partition, 4)
    assert (caught.value.start, caught.value.earliest) == (4, 0)
    with pytest.raises(OffsetsLost):
        log.read(f"{topic}-gone", 0, 1)


def test_a_closed_log_may_be_closed_again(another: Callable[[], MessageLog], topic: str) -> None:
    log = another()
    log.append(topic, [(b"k", b"v")])
    log.close()
    log.close()


def test_uris_hold_no_credentials(tmp_path: Path) -> None:
    assert SqliteMessageLog(tmp_path / "log.db").uri("tweets") == f"sqlite://{tmp_path}/log.db#tweets"
    assert KafkaMessageLog("a:1,b:2", {"sasl.password": "x"}).uri("tweets") == "kafka://a:1,b:2/tweets"
