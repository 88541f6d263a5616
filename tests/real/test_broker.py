"""Tweets from a broker that is killed, and by two ingests at once: each message is in the warehouse once."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from platform_assets.tweets import arrival
from platform_assets.tweets.losses import Lost
from resources.message_log import KafkaMessageLog, NewMessage
from resources.unavailable import Unavailable
from resources.warehouse import Warehouse
from tests.real.broker import Broker, own_broker
from tests.real_servers import RealServers
from tests.warehouse_servers import SnowflakeServer

PARTITIONS = 4
MESSAGES = 60_000


@pytest.fixture
def broker(real: RealServers, tmp_path: Path) -> Iterator[Broker]:
    with own_broker(real, tmp_path) as broker:
        yield broker


@pytest.fixture
def log(broker: Broker) -> Iterator[KafkaMessageLog]:
    with KafkaMessageLog(broker.address, timeout_s=20) as log:
        yield log


def tweets(first: int, last: int) -> Iterator[NewMessage]:
    """Tweets whose ids are these numbers, over all partitions."""
    for number in range(first, last):
        yield NewMessage(b"%d" % number, b'{"id_str": "%d", "text": "tweet %d"}' % (number, number))


def taken(log: KafkaMessageLog, topic: str, warehouse: Warehouse) -> int:
    """Take all in, however often the broker is away; the number of messages taken."""
    deadline = time.monotonic() + 60
    count = 0
    while True:
        try:
            for event in arrival.take_in(topic, log, warehouse):
                count += read(event)
            return count
        except Unavailable:
            assert time.monotonic() < deadline


def read(event: arrival.Event) -> int:
    """Messages of one commit; nothing may be lost here."""
    assert not isinstance(event, Lost), event
    return event.read if isinstance(event, arrival.Taken) else 0


def loaded(warehouse: Warehouse) -> tuple[int, int, int]:
    """Rows, distinct places, distinct tweets."""
    with warehouse.session("test") as session:
        (row,) = session.rows(
            "SELECT COUNT(*) AS n, COUNT(DISTINCT TO_VARCHAR(log_partition) || '/' || TO_VARCHAR(log_offset)) AS places,"
            " COUNT(DISTINCT tweet_id) AS tweets FROM tweets.raw_tweets"
        )
    return int(str(row["n"])), int(str(row["places"])), int(str(row["tweets"]))


def test_a_broker_killed_between_two_ingests_loses_and_doubles_nothing(
    broker: Broker, log: KafkaMessageLog, duckdb_warehouse: Warehouse
) -> None:
    log.append("t", tweets(0, 1_000))
    assert taken(log, "t", duckdb_warehouse) == 1_000
    broker.kill()
    with pytest.raises(Unavailable, match="KAFKA_BOOTSTRAP_SERVERS"):
        list(arrival.take_in("t", KafkaMessageLog(broker.address, timeout_s=1), duckdb_warehouse))
    broker.start()
    log.append("t", tweets(1_000, 1_500))
    assert taken(log, "t", duckdb_warehouse) == 500
    assert loaded(duckdb_warehouse) == (1_500, 1_500, 1_500)


def test_a_broker_killed_during_an_ingest_loses_and_doubles_nothing(
    broker: Broker, log: KafkaMessageLog, duckdb_warehouse: Warehouse
) -> None:
    log.append("t", tweets(0, MESSAGES))
    batches = arrival.take_in("t", log, duckdb_warehouse)
    first = next(batches)
    broker.kill()
    again = threading.Thread(target=broker.start)
    again.start()
    count = read(first)
    try:
        for batch in batches:
            count += read(batch)
    except Unavailable:
        pass
    again.join()
    count += taken(log, "t", duckdb_warehouse)
    assert count == MESSAGES
    assert loaded(duckdb_warehouse) == (MESSAGES, MESSAGES, MESSAGES)


def test_an_append_that_the_broker_acknowledged_survives_its_kill(
    broker: Broker, log: KafkaMessageLog
) -> None:
    log.append("t", tweets(0, 5_000))
    broker.kill()
    broker.start()
    assert sum(bounds.end for bounds in log.bounds("t").values()) == 5_000


def test_of_two_ingests_at_one_time_one_is_stopped_and_nothing_is_doubled(
    log: KafkaMessageLog, broker: Broker, snowflake: SnowflakeServer
) -> None:
    log.append("t", tweets(0, 3_000))
    database = snowflake.new_database()
    other = snowflake.warehouse(database)

    def meanwhile() -> None:
        with KafkaMessageLog(broker.address) as second:
            assert taken(second, "t", other) == 3_000

    slow = snowflake.warehouse(database, _once("staged", meanwhile))
    events = list(arrival.take_in("t", log, slow))
    overtaken = [event.detail for event in events if isinstance(event, arrival.Overtaken)]
    assert overtaken
    assert all("another run committed first" in detail for detail in overtaken)
    assert loaded(other) == (3_000, 3_000, 3_000)
    assert taken(log, "t", other) == 0


def _once(boundary: str, act: Callable[[], None]) -> Callable[[str], None]:
    """Act when a write first reaches a boundary."""
    left = [act]

    def at(reached: str) -> None:
        if reached == boundary and left:
            left.pop()()

    return at
