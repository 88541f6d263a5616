"""A topic read again: as if it had been read once, whatever was there and wherever it was killed."""

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from platform_assets.tweets import arrival
from platform_assets.tweets.arrival import positions_of, take_in
from platform_assets.tweets.position import Position
from platform_assets.tweets.raw_tweets import CHECKS
from platform_assets.tweets.replay import From, Replayed, from_settings, replay
from resources.message_log import MessageLog, NewMessage, SqliteMessageLog
from resources.sql import statement
from resources.unavailable import Unavailable
from resources.warehouse import Warehouse
from tests import killing
from tests.killing import COMMIT, Killer, Place

NOON = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[MessageLog]:
    """Two partitions: tweets an hour apart, one of them deleted later, and a reject."""
    with closing(SqliteMessageLog(tmp_path / "log.db", partitions=2)) as log:
        values = [json.dumps({"id_str": str(number), "text": "x"}).encode() for number in range(8)]
        values += [b'{"delete": {"status": {"id_str": "1"}}}', b"{broken"]
        times = [NOON + dt.timedelta(hours=number) for number in range(len(values))]
        log.append("tweets", [NewMessage(None, *each) for each in zip(values, times, strict=True)])
        yield log


def _numbered(numbers: range) -> list[NewMessage]:
    return [NewMessage(None, json.dumps({"id_str": str(number), "text": "x"}).encode()) for number in numbers]


def _read(log: MessageLog, warehouse: Warehouse) -> dict[str, list[str]]:
    for _ in take_in("tweets", log, warehouse):
        pass
    return {
        table: rows for table, rows in killing.rows(warehouse).items() if table != "ledger.table_versions"
    }


@pytest.mark.parametrize(
    ("place", "moved"),
    [
        (From(is_earliest=True), [Replayed(0, 5, 0), Replayed(1, 5, 0)]),
        (From({1: 3}), [Replayed(1, 5, 3)]),
        (From(moment=NOON + dt.timedelta(hours=5)), [Replayed(0, 5, 3), Replayed(1, 5, 2)]),
        (From(moment=NOON + dt.timedelta(days=5)), []),
    ],
    ids=["earliest", "offsets", "time", "later than all"],
)
def test_a_topic_that_is_read_again_gives_the_same_rows(
    log: MessageLog, warehouse: Warehouse, place: From, moved: list[Replayed]
) -> None:
    before = _read(log, warehouse)
    assert list(replay("tweets", place, log, warehouse)) == moved
    assert list(replay("tweets", place, log, warehouse)) == []
    with warehouse.session() as session:
        left = session.rows("SELECT COUNT(*) AS n FROM tweets.raw_tweets")
    assert left == [{"n": len(before["tweets.raw_tweets"])}], "rows stay until they are read again"
    assert _read(log, warehouse) == before


@pytest.mark.parametrize(
    ("gone", "lost"),
    [(60, []), (100, []), (104, [(100, 103)])],
    ids=["some of what is there", "all of it", "and some that was never read"],
)
def test_what_retention_takes_before_it_is_read_again_stays_as_it_was(
    duckdb_warehouse: Warehouse, tmp_path: Path, gone: int, lost: list[tuple[int, int]]
) -> None:
    with closing(SqliteMessageLog(tmp_path / "log.db")) as log:
        log.append("tweets", _numbered(range(90)) + [NewMessage(None, b"{broken")] * 10)
        before = _read(log, duckdb_warehouse)
        assert list(replay("tweets", From({0: 20}), log, duckdb_warehouse)) == [Replayed(0, 100, 20)]
        assert list(replay("tweets", From(is_earliest=True), log, duckdb_warehouse)) == [Replayed(0, 20, 0)]
        if gone > 100:
            log.append("tweets", _numbered(range(100, 106)))
        with closing(sqlite3.connect(tmp_path / "log.db")) as connection, connection:
            connection.execute("DELETE FROM messages WHERE offset < ?", [gone])
        after = _read(log, duckdb_warehouse)
        assert set(before["tweets.raw_tweets"]) <= set(after["tweets.raw_tweets"])
        assert after["tweets.rejected_tweets"] == before["tweets.rejected_tweets"]
        assert _read(log, duckdb_warehouse) == after
    with duckdb_warehouse.session() as session:
        told = session.rows("SELECT first_offset, last_offset FROM tweets.lost_offsets")
        assert [(row["first_offset"], row["last_offset"]) for row in told] == lost
        assert session.rows(CHECKS[0].offenders) == [{"n": 0}]
        assert session.count("tweets.raw_tweets") == 90 + (2 if lost else 0)


def test_what_was_read_again_goes_on_with_what_came_meanwhile(
    log: MessageLog, duckdb_warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrival, "BATCH", 3)
    _read(log, duckdb_warehouse)
    list(replay("tweets", From(is_earliest=True), log, duckdb_warehouse))
    log.append("tweets", _numbered(range(20, 30)))
    assert len(_read(log, duckdb_warehouse)["tweets.raw_tweets"]) == 17
    with duckdb_warehouse.session() as session:
        assert all(".." not in str(position) for position in positions_of(session, "tweets").values())
        assert session.rows(CHECKS[0].offenders) == [{"n": 0}]


def test_a_position_is_read_as_it_was_written() -> None:
    for text in ("12", "12@id", "12..40", "12..40@cluster/tweets~2"):
        assert str(Position.parse(text)) == text


def test_rows_of_an_older_version_leave_with_the_others(log: MessageLog, duckdb_warehouse: Warehouse) -> None:
    before = _read(log, duckdb_warehouse)
    with duckdb_warehouse.session() as session:
        for table in ("tweets.raw_tweets", "tweets.rejected_tweets", "tweets.deleted_tweets"):
            session.execute(statement(f"UPDATE {table} SET topic_id = NULL"), {})
        session.execute(statement("UPDATE ledger.positions SET next_position = '5' WHERE source <> ''"), {})
    list(replay("tweets", From({0: 2, 1: 2}), log, duckdb_warehouse))
    assert _read(log, duckdb_warehouse) == before


@pytest.mark.parametrize("boundary", COMMIT)
def test_a_replay_that_was_killed_is_done_when_it_is_run_again(
    log: MessageLog, duckdb_warehouse: Warehouse, tmp_path: Path, boundary: str
) -> None:
    before = _read(log, duckdb_warehouse)
    place = Place(tmp_path, tmp_path / "warehouse.duckdb")
    killing.die("replay", place, Killer(boundary, 2))
    assert [each.partition for each in replay("tweets", From(is_earliest=True), log, duckdb_warehouse)] == (
        [] if boundary == "committed" else [1]
    )
    assert _read(log, duckdb_warehouse) == before


def test_a_place_that_the_log_does_not_hold_is_refused_with_what_it_holds(
    log: MessageLog, duckdb_warehouse: Warehouse, tmp_path: Path
) -> None:
    before = _read(log, duckdb_warehouse)
    with closing(sqlite3.connect(tmp_path / "log.db")) as connection, connection:
        connection.execute("DELETE FROM messages WHERE partition = 1 AND offset < 3")
    for place, words in (
        (From({0: 0, 1: 2}), "Offset 2 of topic tweets, partition 1, is not in the log: it holds 3 to 4"),
        (From({0: 6}), "it holds 0 to 4"),
        (From({7: 0}), "no partition 7"),
    ):
        with pytest.raises(Unavailable, match=words):
            list(replay("tweets", place, log, duckdb_warehouse))
    with (
        closing(SqliteMessageLog(tmp_path / "new.db", partitions=2)) as anew,
        pytest.raises(Unavailable, match="made anew since it was read: refresh first"),
    ):
        anew.append("tweets", [(None, b"x")] * 20)
        list(replay("tweets", From({0: 0}), anew, duckdb_warehouse))
    assert _read(log, duckdb_warehouse) == before


@pytest.mark.parametrize(
    ("offsets", "time", "is_earliest", "words"),
    [
        ({}, "", False, "only one"),
        ({"0": 1}, "", True, "only one"),
        ({"zero": 1}, "", False, "from_offsets is"),
        ({"0": -1}, "", False, "from_offsets is"),
        ({}, "yesterday", False, "from_time is 'yesterday'"),
    ],
)
def test_a_form_filled_in_wrongly_is_answered_with_a_sentence(
    offsets: dict[str, int], time: str, is_earliest: bool, words: str
) -> None:
    with pytest.raises(Unavailable, match=words):
        from_settings(offsets, time, is_earliest=is_earliest)
    assert from_settings({}, "2026-11-01T12:00:00", is_earliest=False) == From(moment=NOON)
    assert from_settings({"0": 7}, "", is_earliest=False) == From({0: 7})
