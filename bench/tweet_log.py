"""From the log to the warehouse: tweets of 1 kB, committed with their offsets.

Against a loop of poll, json and pandas in micro-batches, and against one INSERT per message; all into DuckDB.
"""

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import inputs as made
from bench.measuring import Bench, Claim, Result, faster
from resources.message_log import KafkaMessageLog, Message, MessageLog, NewMessage, SqliteMessageLog

if TYPE_CHECKING:
    from resources.warehouse import DuckDbWarehouse

BROKER = "BENCH_KAFKA"
"""Variable by which the processes of the sides know the broker, host:port."""
_COUNT = 200_000
_INSERTED = 2_000
"""Row by row takes long: fewer are inserted, and times are told per message."""
_POLLED = 500
"""Messages of one poll and one commit of the micro-batch: what a consumer's poll gives at most by default."""
_COLUMNS = (
    "topic", "log_partition", "log_offset", "published_at", "shape", "tweet_id", "created_at", "text", "lang",
    "author_id", "screen_name", "author_name", "lon", "lat",
)  # fmt: skip
_CREATED, _AT = "%a %b %d %H:%M:%S %z %Y", _COLUMNS.index("created_at")
_FOUND = (
    "SELECT COUNT(*) AS n, SUM(log_offset) AS offsets, SUM(LENGTH(text)) AS letters FROM tweets.raw_tweets"
)


def prepare(is_kafka: bool, inputs: Path, is_small: bool) -> None:
    """A log of messages: a file, or a new topic on the broker."""
    messages = [NewMessage(None, value) for value in made.tweets(2_000 if is_small else _COUNT)]
    topic = f"bench-{os.getpid()}" if is_kafka else "tweets"
    (inputs / "topic").write_text(topic)
    log: MessageLog = (
        KafkaMessageLog(os.environ[BROKER], {}) if is_kafka else SqliteMessageLog(inputs / "log.sqlite")
    )
    with closing(log):
        log.append(topic, messages)


def opened(is_kafka: bool, inputs: Path, scratch: Path) -> tuple[MessageLog, str, "DuckDbWarehouse"]:
    """The log, its topic, and an empty warehouse."""
    from resources.warehouse import DuckDbWarehouse

    warehouse = DuckDbWarehouse(scratch / "warehouse.duckdb")
    with warehouse.session():
        pass
    topic = (inputs / "topic").read_text()
    if is_kafka:
        return KafkaMessageLog(os.environ[BROKER], {}), topic, warehouse
    return SqliteMessageLog(Path(shutil.copy(inputs / "log.sqlite", scratch))), topic, warehouse


def ours(is_kafka: bool, inputs: Path, scratch: Path) -> Iterator[Result]:
    """What the asset raw_tweets does."""
    from platform_assets.tweets import tweet
    from platform_assets.tweets.arrival import Taken, take_in

    log, topic, warehouse = opened(is_kafka, inputs, scratch)
    tweet.decode("tweets", "", 0, [])
    log.bounds(topic)
    yield {}
    taken = list(take_in(topic, log, warehouse))
    yield {"units": float(sum(each.read for each in taken if isinstance(each, Taken)))}
    log.close()
    with warehouse.session() as session:
        yield {name: int(str(value)) for name, value in session.rows(_FOUND)[0].items()}


def micro_batches(is_kafka: bool, inputs: Path, scratch: Path) -> Iterator[Result]:
    """Poll, json.loads, a DataFrame, append, commit; times by column."""
    import duckdb
    import pandas as pd  # type: ignore[import-untyped]

    log, topic, _ = opened(is_kafka, inputs, scratch)
    connection = duckdb.connect(scratch / "warehouse.duckdb")
    names = ", ".join(_COLUMNS)
    count = 0
    yield {}
    for partition, batch in _polls(log, topic):
        frame = pd.DataFrame([_row(topic, partition, message) for message in batch], columns=_COLUMNS)
        created_at = pd.to_datetime(frame["created_at"], format=_CREATED, utc=True)
        frame["created_at"] = created_at.dt.tz_localize(None)
        connection.begin()
        connection.register("frame", frame)
        connection.execute(f"INSERT INTO tweets.raw_tweets ({names}) SELECT {names} FROM frame")
        connection.execute("DELETE FROM ledger.positions")
        connection.execute(
            "INSERT INTO ledger.positions VALUES (?, ?, now()::TIMESTAMP)", [topic, str(batch[-1].offset)]
        )
        connection.commit()
        count += len(batch)
    yield {"units": float(count)}
    yield _found(connection)


def row_inserts(is_kafka: bool, inputs: Path, scratch: Path) -> Iterator[Result]:
    """Poll, json.loads, one INSERT and one commit for each message."""
    import duckdb

    log, topic, _ = opened(is_kafka, inputs, scratch)
    connection = duckdb.connect(scratch / "warehouse.duckdb")
    insert = (
        f"INSERT INTO tweets.raw_tweets ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
    )
    messages = ((partition, message) for partition, batch in _polls(log, topic) for message in batch)
    count = 0
    yield {}
    for partition, message in islice(messages, _INSERTED):
        row = _row(topic, partition, message)
        row[_AT] = dt.datetime.strptime(row[_AT], _CREATED).astimezone(dt.UTC).replace(tzinfo=None)
        connection.execute(insert, row)
        count += 1
    yield {"units": float(count)}
    yield {}


def _polls(log: MessageLog, topic: str) -> Iterator[tuple[int, list[Message]]]:
    for partition, bounds in sorted(log.bounds(topic).items()):
        start = bounds.earliest
        while start < bounds.end:
            batch = log.read(topic, partition, start, _POLLED)
            yield partition, batch.messages
            start = batch.next_offset


def _row(topic: str, partition: int, message: Message) -> list[Any]:
    import json

    tweet = json.loads(message.value or b"")
    user, point = tweet["user"], tweet["coordinates"]["coordinates"]
    published_at = message.published_at.replace(tzinfo=None) if message.published_at else None
    return [
        topic, partition, message.offset, published_at, "v1.1", tweet["id_str"], tweet["created_at"], tweet["text"],
        tweet["lang"], user["id_str"], user["screen_name"], user["name"], point[0], point[1],
    ]  # fmt: skip


def _found(connection: Any) -> Result:  # noqa: ANN401 - DuckDB is imported late
    names = ("n", "offsets", "letters")
    return dict(zip(names, map(int, connection.execute(_FOUND).fetchone()), strict=True))


def _bench(name: str, log: str, *, is_kafka: bool) -> Bench:
    what = f"a 1 kB tweet, {log} to warehouse"
    ways: dict[str, Callable[[bool, Path, Path], Iterator[Result]]] = {
        "ours": ours,
        "micro": micro_batches,
        "rows": row_inserts,
    }
    return Bench(
        name,
        partial(prepare, is_kafka),
        {way: partial(side, is_kafka) for way, side in ways.items()},
        (
            Claim(f"{what}: poll, json, pandas", "ours", "micro", *faster(10)),
            Claim(f"{what}: row inserts", "ours", "rows", *faster(100)),
        ),
    )


EMBEDDED = _bench("tweet_log", "embedded log", is_kafka=False)
KAFKA = _bench("kafka", "Kafka", is_kafka=True)
