"""A session that many batches share: who else waits for the file gets it before the ingest is over."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from platform_assets.tweets import arrival, turn
from platform_assets.tweets.arrival import take_in
from resources.message_log import Batch, SqliteMessageLog
from resources.warehouse import DuckDbWarehouse

_COUNT = """
import sys
from pathlib import Path
from resources.warehouse import DuckDbWarehouse
with DuckDbWarehouse(Path(sys.argv[1]), wait_s=0).session() as session:
    print(session.count("tweets.raw_tweets"))
"""


def test_another_process_reads_the_warehouse_between_two_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, counted = tmp_path / "warehouse.duckdb", []

    class Watched(SqliteMessageLog):
        """While a batch is read, another process counts the rows."""

        def read(self, topic: str, partition: int, start: int, *limits: int) -> Batch:
            command = [sys.executable, "-c", _COUNT, str(file)]
            counted.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
            return super().read(topic, partition, start, *limits)

    monkeypatch.setattr(arrival, "BATCH", 2)
    monkeypatch.setattr(turn, "TURN_S", 0)
    with closing(Watched(tmp_path / "log.db")) as log:
        log.append("tweets", [(None, b'{"id_str": "%d", "text": "x"}' % number) for number in range(4)])
        list(take_in("tweets", log, DuckDbWarehouse(file)))
    assert counted == [0, 2]
