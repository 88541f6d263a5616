"""The embedded message log: one SQLite file, for one machine.

It behaves as Kafka does where a reader can tell: offsets, partitions by key, earliest and end.
"""

import math
import sqlite3
import time
import uuid
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from resources.message_log.port import (
    MAX_BATCH_BYTES,
    Batch,
    Bounds,
    Message,
    MessageLog,
    NewMessage,
    OffsetsLost,
)
from resources.sqlite_file import use_wal
from resources.unavailable import Unavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS topics (topic TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS partitions (
  topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
  PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
  topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
  published_ms INTEGER NOT NULL, key BLOB, value BLOB,
  PRIMARY KEY (topic, partition, offset)
) WITHOUT ROWID;
"""
_BOUNDS = """
SELECT p.partition, coalesce((
    SELECT min(m.offset) FROM messages m WHERE m.topic = p.topic AND m.partition = p.partition
  ), p.next_offset), p.next_offset
FROM partitions p WHERE p.topic = ?
"""
_AT = """
SELECT p.partition, coalesce((
    SELECT min(m.offset) FROM messages m
    WHERE m.topic = p.topic AND m.partition = p.partition AND m.published_ms >= ?
  ), p.next_offset)
FROM partitions p WHERE p.topic = ?
"""
# A topic of an older file has no id yet: it is given one when it is first asked for.
_NAMED = """
INSERT INTO topics SELECT DISTINCT topic, ? FROM partitions WHERE topic = ? ON CONFLICT DO NOTHING
"""
_ID = "SELECT id FROM topics WHERE topic = ?"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PAGE_BYTES = 32_768
"""Of a new file. A row of more than a quarter of a page spills into pages of its own: with SQLite's 4,096 bytes each
message of 1 kB did, and the file was four times as large."""


class SqliteMessageLog(MessageLog):
    """Topics in one file in WAL mode, made when absent; several processes may read and append.

    A writer waits up to `wait_s` seconds for its turn. `synchronous=FULL`: an appended message survives a
    crash of the machine. A new topic gets `partitions` partitions, and keeps them.
    """

    def __init__(self, path: Path, partitions: int = 1, wait_s: float = 30.0) -> None:
        """Nothing is opened before the first call."""
        self._path = path.absolute()
        self._partitions = partitions
        self._wait_s = wait_s
        self._opened: sqlite3.Connection | None = None

    def topic_id(self, topic: str) -> str:
        """Made with the topic, so another file is another topic."""
        with self._connection() as connection:
            if found := connection.execute(_ID, (topic,)).fetchone():
                return str(found[0])
            # Looked first, because each tick of a sensor asks, and an INSERT takes the writers' lock.
            connection.execute(_NAMED, (uuid.uuid4().hex, topic))
            found = connection.execute(_ID, (topic,)).fetchone()
        return str(found[0]) if found else ""

    def bounds(self, topic: str) -> dict[int, Bounds]:
        """Earliest is the smallest offset still there, so deleting old rows by hand is retention."""
        with self._connection() as connection:
            return {
                part: Bounds(earliest, end) for part, earliest, end in connection.execute(_BOUNDS, (topic,))
            }

    def offsets_at(self, topic: str, moment: datetime) -> dict[int, int]:
        """A scan: no index serves the few who ask for a time."""
        milliseconds = math.ceil(moment.timestamp() * 1000)
        with self._connection() as connection:
            return dict(connection.execute(_AT, (milliseconds, topic)).fetchall())

    def read(
        self,
        topic: str,
        partition: int,
        start: int,
        limit: int = 10_000,
        max_bytes: int = MAX_BATCH_BYTES,
    ) -> Batch:
        """One range scan of the primary key."""
        earliest, end = self.bounds(topic).get(partition, Bounds(0, 0))
        if not earliest <= start <= end:
            raise OffsetsLost(topic, partition, start, earliest)
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT offset, published_ms, key, value FROM messages"
                " WHERE topic = ? AND partition = ? AND offset >= ? AND offset < ? ORDER BY offset LIMIT ?",
                (topic, partition, start, end, limit),
            )
            messages, is_cut = _fitting(rows, max_bytes)
        is_cut = is_cut or len(messages) == limit
        return Batch(messages, messages[-1].offset + 1 if is_cut else end)

    def append(self, topic: str, messages: Iterable[NewMessage | tuple[bytes | None, bytes | None]]) -> int:
        """One transaction: BEGIN IMMEDIATE holds other writers off while offsets are given."""
        given = [NewMessage(*message) for message in messages]
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                ends = self._ends(connection, topic)
                rows = list(_placed(topic, given, ends, time.time_ns() // 1_000_000))
                connection.executemany("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)", rows)
                connection.executemany(
                    "INSERT INTO partitions VALUES (?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset",
                    [(topic, partition, end) for partition, end in ends.items()],
                )
                connection.execute(_NAMED, (uuid.uuid4().hex, topic))
        return len(given)

    def uri(self, topic: str) -> str:
        """`sqlite://`, the file's path and the topic."""
        return f"sqlite://{self._path}#{topic}"

    def close(self) -> None:
        """Close the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _ends(self, connection: sqlite3.Connection, topic: str) -> dict[int, int]:
        rows = connection.execute("SELECT partition, next_offset FROM partitions WHERE topic = ?", (topic,))
        return dict(rows.fetchall()) or dict.fromkeys(range(self._partitions), 0)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._opened is None:
                self._opened = self._open()
            yield self._opened
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise Unavailable(
                f"The message log {self._path} cannot be used ({error}): free this path, let other writers "
                "finish, or set QUADRANT_HOME to another folder."
            ) from error

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Autocommit, so that the only transactions are those that this module begins.
        connection = sqlite3.connect(
            self._path, timeout=self._wait_s, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            use_wal(connection, self._wait_s)
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _fitting(
    rows: Iterable[tuple[int, int, bytes | None, bytes | None]], max_bytes: int
) -> tuple[list[Message], bool]:
    """The messages of the first rows, within `max_bytes` together, and whether there were more."""
    messages: list[Message] = []
    left = max_bytes
    for offset, published_ms, key, value in rows:
        message = Message(offset, _EPOCH + timedelta(0, 0, 0, published_ms), key, value)
        left -= len(key or b"") + len(value or b"")
        if messages and left < 0:
            return messages, True
        messages.append(message)
    return messages, False


def _placed(
    topic: str, messages: Iterable[NewMessage], ends: dict[int, int], now_ms: int
) -> Iterator[tuple[str, int, int, int, bytes | None, bytes | None]]:
    """Rows with partition and offset; `ends` moves on. CRC32 of the key is librdkafka's default."""
    for number, (key, value, published_at) in enumerate(messages):
        partition = (number if key is None else zlib.crc32(key)) % len(ends)
        published_ms = round(published_at.timestamp() * 1000) if published_at else now_ms
        yield topic, partition, ends[partition], published_ms, key, value
        ends[partition] += 1
