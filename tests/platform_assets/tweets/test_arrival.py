"""Messages on their way into the warehouse, exactly once."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from platform_assets.tweets import arrival
from platform_assets.tweets.arrival import Event, Taken, source_of, take_in
from platform_assets.tweets.losses import Lost
from platform_assets.tweets.raw_tweets import CHECKS
from resources.message_log import Batch, MessageLog, SqliteMessageLog
from resources.sql import statement
from resources.warehouse import DuckDbWarehouse


@pytest.fixture
def log(tmp_path: Path) -> Iterator[MessageLog]:
    with closing(SqliteMessageLog(tmp_path / "log.sqlite")) as log:
        yield log


def _publish(log: MessageLog, *texts: str) -> None:
    log.append("tweets", [(None, msgspec.json.encode({"tweet": text}) if text else b"") for text in texts])


def _offsets(warehouse: DuckDbWarehouse) -> list[tuple[int, str]]:
    with warehouse.session() as session:
        rows = session.rows(
            "SELECT log_offset, 'row' AS kind FROM tweets.raw_tweets"
            " UNION ALL SELECT log_offset, reason AS kind FROM tweets.rejected_tweets ORDER BY log_offset"
        )
    return [(int(str(row["log_offset"])), str(row["kind"])) for row in rows]


def _starts(events: Iterable[Event]) -> list[int]:
    return [event.start for event in events if isinstance(event, Taken)]


def _lost(events: Iterable[Event]) -> list[tuple[int, int | None, str]]:
    return [(event.first, event.last, event.reason) for event in events if isinstance(event, Lost)]


def _broken_checks(warehouse: DuckDbWarehouse) -> set[str]:
    with warehouse.session() as session:
        return {check.name for check in CHECKS if session.rows(check.offenders) != [{"n": 0}]}


def _by_hand(path: Path, *statements: str) -> None:
    """What an administrator does to the log; Kafka does it by retention, compaction and deleting a topic."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for text in statements:
            connection.execute(text)


def test_an_empty_topic_gives_nothing(log: MessageLog, duckdb_warehouse: DuckDbWarehouse) -> None:
    assert list(take_in("tweets", log, duckdb_warehouse)) == []


def test_messages_become_rows_and_rejects_once(log: MessageLog, duckdb_warehouse: DuckDbWarehouse) -> None:
    _publish(log, "one", "", "three")
    assert list(take_in("tweets", log, duckdb_warehouse)) == [Taken(0, 0, 3, 3, 2, 1)]
    assert list(take_in("tweets", log, duckdb_warehouse)) == []
    _publish(log, "four")
    assert list(take_in("tweets", log, duckdb_warehouse)) == [Taken(0, 3, 4, 1, 1, 0)]
    assert _offsets(duckdb_warehouse) == [(0, "row"), (1, "empty_message"), (2, "row"), (3, "row")]


def test_a_long_topic_is_taken_in_batches_that_each_move_the_position(
    log: MessageLog, duckdb_warehouse: DuckDbWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrival, "BATCH", 2)
    _publish(log, *"abcde")
    assert next(take_in("tweets", log, duckdb_warehouse)) == Taken(0, 0, 2, 2, 2, 0)
    with duckdb_warehouse.session() as session:
        position = session.position(source_of("tweets", 0))
    assert position == f"2@{log.topic_id('tweets')}", "a run that ends here has lost nothing"
    assert _starts(take_in("tweets", log, duckdb_warehouse)) == [2, 4]
    assert len(_offsets(duckdb_warehouse)) == 5


def test_what_arrives_meanwhile_is_left_to_the_next_run(
    log: MessageLog, duckdb_warehouse: DuckDbWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrival, "BATCH", 1)
    _publish(log, "one")
    for _ in take_in("tweets", log, duckdb_warehouse):
        _publish(log, "one more")
    assert len(_offsets(duckdb_warehouse)) == 1


@pytest.mark.parametrize("texts", ["x", "vwxyz"], ids=["smaller", "grown past the old offset"])
def test_a_topic_that_was_made_anew_is_read_from_its_beginning_and_said_so(
    log: MessageLog, duckdb_warehouse: DuckDbWarehouse, tmp_path: Path, texts: str
) -> None:
    _publish(log, *"abc")
    list(take_in("tweets", log, duckdb_warehouse))
    with closing(SqliteMessageLog(tmp_path / "new.sqlite")) as anew:
        _publish(anew, *texts)
        events = list(take_in("tweets", anew, duckdb_warehouse))
        assert _lost(events) == [(3, None, "recreated")]
        assert _starts(events) == [0]
        assert list(take_in("tweets", anew, duckdb_warehouse)) == []
    assert len(_offsets(duckdb_warehouse)) == 3 + len(texts)
    assert _broken_checks(duckdb_warehouse) == {"no_offsets_lost"}


def test_a_topic_made_anew_under_its_old_id_keeps_its_offsets_apart(
    log: MessageLog, duckdb_warehouse: DuckDbWarehouse, tmp_path: Path
) -> None:
    for number in (2, 3):
        _publish(log, *"abc")
        list(take_in("tweets", log, duckdb_warehouse))
        _by_hand(tmp_path / "log.sqlite", "DELETE FROM messages", "UPDATE partitions SET next_offset = 0")
        _publish(log, "x")
        assert _lost(take_in("tweets", log, duckdb_warehouse)) == [
            (3 if number == 2 else 4, None, "recreated")
        ]
        with duckdb_warehouse.session() as session:
            position = session.position(source_of("tweets", 0))
        assert position == f"1@{log.topic_id('tweets')}~{number}"
    assert "every_offset_once" not in _broken_checks(duckdb_warehouse)


def test_a_position_of_an_older_version_goes_on_and_its_rows_learn_which_topic_they_are_of(
    log: MessageLog, duckdb_warehouse: DuckDbWarehouse
) -> None:
    _publish(log, "one", "", "three")
    list(take_in("tweets", log, duckdb_warehouse))
    with duckdb_warehouse.session() as session:
        session.execute(statement("UPDATE ledger.positions SET next_position = '3' WHERE source <> ''"), {})
        for table in ("tweets.raw_tweets", "tweets.rejected_tweets"):
            session.execute(statement(f"UPDATE {table} SET topic_id = NULL"), {})
    _publish(log, "four")
    assert _starts(take_in("tweets", log, duckdb_warehouse)) == [3]
    with duckdb_warehouse.session() as session:
        ids = session.rows(
            "SELECT topic_id FROM tweets.raw_tweets UNION SELECT topic_id FROM tweets.rejected_tweets"
        )
        assert session.position(source_of("tweets", 0)) == f"4@{log.topic_id('tweets')}"
    assert ids == [{"topic_id": log.topic_id("tweets")}]
    assert not _broken_checks(duckdb_warehouse)


@pytest.mark.parametrize(("condition", "last", "read"), [("offset < 4", 3, 2), ("true", 5, 0)])
def test_what_retention_deleted_unread_is_remembered_and_reading_goes_on(
    log: MessageLog, duckdb_warehouse: DuckDbWarehouse, tmp_path: Path, condition: str, last: int, read: int
) -> None:
    _publish(log, *"ab")
    list(take_in("tweets", log, duckdb_warehouse))
    _publish(log, *"cdef")
    _by_hand(tmp_path / "log.sqlite", f"DELETE FROM messages WHERE {condition}")
    events = list(take_in("tweets", log, duckdb_warehouse))
    assert _lost(events) == [(2, last, "retention")]
    assert sum(event.read for event in events if isinstance(event, Taken)) == read
    assert list(take_in("tweets", log, duckdb_warehouse)) == []
    with duckdb_warehouse.session() as session:
        rows = session.rows(
            "SELECT topic, topic_id, first_offset, last_offset, reason FROM tweets.lost_offsets"
        )
    assert rows == [
        {
            "topic": "tweets",
            "topic_id": log.topic_id("tweets"),
            "first_offset": 2,
            "last_offset": last,
            "reason": "retention",
        }
    ]
    assert _broken_checks(duckdb_warehouse) == {"no_offsets_lost"}


def test_what_retention_deletes_while_it_is_read_is_remembered_too(
    duckdb_warehouse: DuckDbWarehouse, tmp_path: Path
) -> None:
    class Shrinking(SqliteMessageLog):
        """Retention runs before the second read."""

        reads = 0

        def read(self, topic: str, partition: int, start: int, *limits: int) -> Batch:
            self.reads += 1
            if self.reads == 2:
                _by_hand(tmp_path / "log.sqlite", "DELETE FROM messages WHERE offset < 4")
            return super().read(topic, partition, start, 2)

    with closing(Shrinking(tmp_path / "log.sqlite")) as log:
        _publish(log, *"abcdef")
        events = list(take_in("tweets", log, duckdb_warehouse))
    assert _lost(events) == [(2, 3, "retention")]
    assert _starts(events) == [0, 4]


def test_messages_that_were_gone_before_the_first_read_of_all_are_no_loss(
    log: MessageLog, duckdb_warehouse: DuckDbWarehouse, tmp_path: Path
) -> None:
    _publish(log, *"abc")
    _by_hand(tmp_path / "log.sqlite", "DELETE FROM messages WHERE offset < 2")
    assert list(take_in("tweets", log, duckdb_warehouse)) == [Taken(0, 2, 3, 1, 1, 0)]


def test_gaps_of_compaction_are_no_loss_and_a_partition_added_later_is_read_whole(
    log: MessageLog, duckdb_warehouse: DuckDbWarehouse, tmp_path: Path
) -> None:
    _publish(log, *"abcd")
    _by_hand(
        tmp_path / "log.sqlite",
        "DELETE FROM messages WHERE offset IN (1, 3)",
        "INSERT INTO partitions VALUES ('tweets', 1, 0), ('without partitions', 0, 0)",
        "DELETE FROM partitions WHERE topic = 'without partitions'",
    )
    assert list(take_in("tweets", log, duckdb_warehouse)) == [Taken(0, 0, 4, 2, 2, 0)]
    _publish(log, *"xy")
    assert [
        (event.partition, event.start)
        for event in take_in("tweets", log, duckdb_warehouse)
        if isinstance(event, Taken)
    ] == [(0, 4), (1, 0)]
    assert list(take_in("without partitions", log, duckdb_warehouse)) == []
    assert not _broken_checks(duckdb_warehouse)
