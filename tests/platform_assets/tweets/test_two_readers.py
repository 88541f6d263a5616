"""A second reader of the same topic, started by mistake: what the two take in together is what one alone takes in."""

import json
import multiprocessing
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from platform_assets.tweets import arrival
from platform_assets.tweets.arrival import Event, Overtaken, Taken, take_in
from resources.message_log import Batch, SqliteMessageLog
from resources.warehouse import DuckDbWarehouse, Warehouse
from tests import killing
from tests.killing import Place

MESSAGES = 36
_DEADLINE_S = 90.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A topic of two partitions with tweets, a reject and a notice to forget one of the tweets."""
    with closing(SqliteMessageLog(tmp_path / "log.db", partitions=2)) as log:
        values = [json.dumps({"id_str": str(number), "text": "x"}).encode() for number in range(MESSAGES - 2)]
        values += [b"{broken", b'{"delete": {"status": {"id_str": "3"}}}']
        log.append("tweets", [(None, value) for value in values])
    return tmp_path


def _rows(warehouse: Warehouse) -> dict[str, list[str]]:
    """All but the versions of raw tables, which tell the order of commits."""
    return {
        table: rows for table, rows in killing.rows(warehouse).items() if table != "ledger.table_versions"
    }


def test_two_processes_that_read_one_topic_take_every_message_in_once(home: Path) -> None:
    alone, together = Place(home, home / "alone.duckdb"), Place(home, home / "together.duckdb")
    killing.run("tweets in small batches", alone)
    context = multiprocessing.get_context("forkserver")
    readers = [
        context.Process(target=killing.run, args=("tweets in small batches", together)) for _ in range(2)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(_DEADLINE_S)
    codes = [reader.exitcode for reader in readers]
    for reader in readers:
        reader.kill()
    assert codes == [0, 0]
    assert _rows(together.warehouse()) == _rows(alone.warehouse())


def test_a_reader_that_was_overtaken_says_so_and_goes_on_from_there(
    home: Path, duckdb_warehouse: DuckDbWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(SqliteMessageLog):
        """While it reads its first batch, another reader takes a part of the topic in, then everything."""

        others: Iterator[Event] | None = None

        def read(self, topic: str, partition: int, start: int, *limits: int) -> Batch:
            batch = super().read(topic, partition, start, *limits)
            if self.others is None:
                self.others = take_in("tweets", quick, duckdb_warehouse)
                next(self.others)
            elif start == 10:
                list(self.others)
            return batch

    monkeypatch.setattr(arrival, "BATCH", 5)
    with closing(SqliteMessageLog(home / "log.db")) as quick, closing(Slow(home / "log.db")) as slow:
        events = list(take_in("tweets", slow, duckdb_warehouse))
    overtaken = [event for event in events if isinstance(event, Overtaken)]
    assert [event.partition for event in overtaken] == [0, 0, 1]
    assert all("another run committed first" in event.detail for event in overtaken)
    assert [(event.start, event.end) for event in events if isinstance(event, Taken)] == [(5, 10)]
    with duckdb_warehouse.session() as session:
        assert session.count("tweets.raw_tweets") == MESSAGES - 3
