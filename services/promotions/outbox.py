"""What was answered and is not in the request log yet: entries on disk, written before the answer goes out.

Bounded, durable and of one process; who delivers them is told in `delivery`.
"""

import asyncio
import contextlib
import fcntl
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from resources.unavailable import Unavailable
from services.asgi.batches import Batches
from services.request_log.messages import BATCH, BATCH_BYTES, Delivery

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS written (
  number INTEGER PRIMARY KEY AUTOINCREMENT, entries INTEGER NOT NULL, size INTEGER NOT NULL, joined BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS probe (number INTEGER PRIMARY KEY, asked NOT NULL);
"""
_KNOWN: Final = "SELECT coalesce(sum(entries), 0), coalesce(sum(size), 0) FROM written WHERE number > ?"
_OLDEST: Final = "SELECT number, entries, size, joined FROM written WHERE number > ? ORDER BY number"
_WRITE: Final = "INSERT INTO written (entries, size, joined) VALUES (?, ?, ?)"
_REMOVE: Final = "DELETE FROM written WHERE number <= ?"
_PROBE: Final = "INSERT INTO probe VALUES (1, randomblob(?)) ON CONFLICT DO UPDATE SET asked = excluded.asked"
_PROBE_BYTES: Final = 65_536
"""As much as the largest request: a full disk still has room for less."""
_WAIT_S: Final = 0.5
"""Nobody else writes; whoever does all the same is waited for no longer than this."""
DELIVERY_BYTES: Final = BATCH_BYTES // 2
"""Of the entries of one delivery, which become a little more when they are joined; no single entry comes near it."""


class Waiting(NamedTuple):
    """Entries to deliver, as JSON arrays of a delivery's size each, and what to remove when all of them are."""

    bodies: list[bytes]
    entries: int
    size: int
    upto: int


class Outbox:
    """Entries in a SQLite file, `most_bytes` of them at most. To be used in one event loop.

    What waits at the same time is one transaction, which the disk has confirmed when it ends (WAL, synchronous FULL).
    What is delivered counts no more, even if a full disk has no room to remove it: then the file itself is removed as
    soon as nothing in it waits, which needs none.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        """Raises Unavailable when the folder cannot be used, or another process uses it."""
        self._folder = folder.absolute()
        self._path = self._folder / "outbox.sqlite"
        self._most_bytes = most_bytes
        self._thread = ThreadPoolExecutor(1, "outbox")
        self._batches: Batches[bytes | Waiting | None, None] = Batches(self._write, self._thread)
        # A copy of the disk that is started again must not give the ids of the original once more.
        self._prefix = f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(6)}"
        self._made = 0
        self._delivered = 0
        """The last row that the log has; it and those before it may still be on disk."""
        try:
            # Who shops where is nobody else's matter.
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = self._locked()
            self._connection = self._opened()
        except (OSError, sqlite3.Error) as error:
            raise Unavailable(
                f"The outbox {self._folder} cannot be used ({error}): free its disk, or set PROMOTIONS_OUTBOX."
            ) from error
        self.count, self.bytes = self._known()

    @property
    def is_full(self) -> bool:
        """Whether another entry is refused."""
        return self.bytes >= self._most_bytes

    def add(self, request_id: str, api: str, value: str, digest: str = "") -> "asyncio.Future[None]":
        """Keep an entry: it is on disk when the future ends. It, or this, raises Unavailable when it cannot be.

        Of several with the same `digest`, unless it is empty, the log keeps the first.
        """
        if self.is_full:
            raise Unavailable(f"The outbox {self._folder} is full: {self.count:,} entries wait for the log.")
        self._made += 1
        delivery_id = f"key-{digest}" if digest else f"{self._prefix}{self._made:010x}"
        return self._batches.add(
            msgspec.json.encode(Delivery(delivery_id, request_id, api, value, datetime.now(UTC)))
        )

    def waiting(self) -> Waiting:
        """The oldest entries; for a thread of its own. Raises sqlite3.Error when the disk fails.

        They are one delivery, or several where a row is larger than one, as those of an older version may be.
        """
        with closing(self._connected()) as connection:
            rows = connection.execute(_OLDEST, (self._delivered,))
            parts: list[bytes] = []
            entries = size = upto = 0
            for number, count, length, joined in rows:
                if parts and (entries + count > BATCH or size + length > DELIVERY_BYTES):
                    break
                parts.append(joined)
                entries, size, upto = entries + count, size + length, number
        together = b"[" + b",".join(parts) + b"]"
        bodies = [together] if size <= DELIVERY_BYTES else _cut(together)
        return Waiting(bodies, entries, size, upto)

    async def remove(self, delivered: Waiting) -> None:
        """Forget what the log has; raises Unavailable when the disk fails, which another process would send again."""
        await self._batches.add(delivered)

    async def trouble(self) -> str:
        """Why no entry can be added now, in a sentence; empty when one can. It writes to the disk to know it."""
        if self.is_full:
            return f"The outbox is full: {self.count:,} entries wait for the request log."
        try:
            await self._batches.add(None)
        except Unavailable as error:
            return str(error)
        return ""

    def close(self) -> None:
        """Wait for what is being written, then leave the folder to others."""
        self._thread.shutdown()
        self._connection.close()
        os.close(self._lock)

    def _write(self, items: Sequence[bytes | Waiting | None]) -> list[None]:
        removes = [item for item in items if isinstance(item, Waiting)]
        for removed in removes:
            self._delivered = removed.upto
            self.count -= removed.entries
            self.bytes -= removed.size
        try:
            self._apply([item for item in items if isinstance(item, bytes)], len(removes))
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error, OSError):
                self._look_again()
            raise Unavailable(
                f"The outbox {self._folder} cannot be written ({error}): free its disk."
            ) from error
        return [None] * len(items)

    def _apply(self, entries: Sequence[bytes], removes: int) -> None:
        # One row for all that fits: each statement makes the event loop wait for its turn.
        rows = [(len(row), sum(map(len, row)), b",".join(row)) for row in _parts(entries)]
        statements: list[tuple[str, tuple[object, ...]]] = [(_REMOVE, (self._delivered,))] if removes else []
        statements += [(_WRITE, row) for row in rows]
        with self._transaction(len(statements)):
            for statement, values in statements or [(_PROBE, (_PROBE_BYTES,))]:
                self._connection.execute(statement, values)
        self.count += len(entries)
        self.bytes += sum(size for _, size, _ in rows)

    def _look_again(self) -> None:
        """After a failure; whether a commit that failed is there is told by the disk alone."""
        if self.count:
            self.count, self.bytes = self._known()
        if not self.count:
            self._connection.close()
            # SQLite removes the write-ahead log of a file that is not there itself.
            self._path.unlink(missing_ok=True)
            self._connection, self._delivered = self._opened(), 0

    @contextlib.contextmanager
    def _transaction(self, statements: int) -> Iterator[None]:
        """One statement, as nearly always, is its own."""
        if statements < 2:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:
            yield

    def _known(self) -> tuple[int, int]:
        count, size = self._connection.execute(_KNOWN, (self._delivered,)).fetchone()
        return count, size

    def _locked(self) -> int:
        lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise Unavailable(
                f"The outbox {self._folder} is used by another process: stop it, or set PROMOTIONS_OUTBOX."
            ) from None
        return lock

    def _opened(self) -> sqlite3.Connection:
        connection = self._connected()
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(_SCHEMA)
        return connection

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)


def _parts(entries: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Entries, in order, by as many as one delivery has room for."""
    part, size = list[bytes](), 0
    for entry in entries:
        if part and size + len(entry) > DELIVERY_BYTES:
            yield part
            part, size = [], 0
        part.append(entry)
        size += len(entry)
    if part:
        yield part


def _cut(array: bytes) -> list[bytes]:
    """A JSON array of entries as several."""
    entries = [bytes(entry) for entry in msgspec.json.decode(array, type=list[msgspec.Raw])]
    return [b"[" + b",".join(part) + b"]" for part in _parts(entries)]
