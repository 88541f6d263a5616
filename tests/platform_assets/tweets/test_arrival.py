"""Messages on their way into the warehouse, exactly once."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from platform_assets.tweets import arrival
from platform_assets.tweets.arrival import Taken, source_of, take_in
from resources.message_log import MessageLog, OffsetsLost, SqliteMessageLog
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
        assert session.position(source_of("tweets", 0)) == "2", "a run that ends here has lost nothing"
    assert [taken.start for taken in take_in("tweets", log, duckdb_warehouse)] == [2, 4]
    assert len(_offsets(duckdb_warehouse)) == 5


def test_what_arrives_meanwhile_is_left_to_the_next_run(
    log: MessageLog, duckdb_warehouse: DuckDbWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrival, "BATCH", 1)
    _publish(log, "one")
    for _ in take_in("tweets", log, duckdb_warehouse):
        _publish(log, "one more")
    assert len(_offsets(duckdb_warehouse)) == 1


def test_a_topic_that_was_made_anew_is_refused_with_a_sentence(
    log: MessageLog, duckdb_warehouse: DuckDbWarehouse, tmp_path: Path
) -> None:
    _publish(log, *"abc")
    list(take_in("tweets", log, duckdb_warehouse))
    with closing(SqliteMessageLog(tmp_path / "new.sqlite")) as anew:
        _publish(anew, "x")
        with pytest.raises(OffsetsLost) as lost:
            list(take_in("tweets", anew, duckdb_warehouse))
    assert str(lost.value).endswith(".")
    assert len(_offsets(duckdb_warehouse)) == 3
