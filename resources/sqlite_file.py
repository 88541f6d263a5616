"""A SQLite file that threads and processes share: its connections, and what a person is told when it cannot be used.

Tables and statements belong to the adapters that keep their rows in it.
"""

import sqlite3
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from resources.unavailable import Unavailable


class SqliteFile:
    """One file in WAL mode, made with its `schema` when absent; `name` is what sentences call it.

    Each call takes a connection of its own, so that a reader never waits for a writer. A writer waits up to `wait_s`
    seconds for its turn. `synchronous=FULL`: what was committed survives a crash of the machine.
    """

    def __init__(
        self,
        path: Path,
        schema: str,
        name: str,
        wait_s: float = 30.0,
        added: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Nothing is opened before the first call. `added` are tables and columns that a file of before may lack."""
        self.path = path.absolute()
        self._schema = schema
        self._name = name
        self._wait_s = wait_s
        self._added = added
        self._idle: deque[sqlite3.Connection] = deque()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection in autocommit; raises Unavailable when the file cannot be used."""
        try:
            opened = self._taken()
            try:
                yield opened
            except BaseException:
                # It may be broken, or inside a transaction.
                opened.close()
                raise
            self._idle.append(opened)
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise Unavailable(
                f"The {self._name} {self.path} cannot be used ({error}): free this path, let other writers "
                "finish, or set QUADRANT_HOME to another folder."
            ) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The same, with the writers' lock from the beginning; committed at the end, or rolled back by an error."""
        with self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection

    def close(self) -> None:
        """Close the connections that nobody uses; later calls open new ones."""
        while self._idle:
            try:
                self._idle.pop().close()
            except IndexError:
                return

    def _taken(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Autocommit, so that the only transactions are those that are begun here.
        opened = sqlite3.connect(
            self.path, timeout=self._wait_s, isolation_level=None, check_same_thread=False
        )
        try:
            use_wal(opened, self._wait_s)
            opened.execute("PRAGMA synchronous = FULL")
            opened.executescript(self._schema)
            if _lacking(opened, self._added):
                _add(opened, self._added)
        except sqlite3.Error:
            opened.close()
            raise
        return opened


def _lacking(connection: sqlite3.Connection, columns: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Which of these columns the tables do not have."""
    statement = "SELECT 1 FROM pragma_table_info(?) WHERE name = ?"
    return [column for column in columns if connection.execute(statement, column).fetchone() is None]


def _add(connection: sqlite3.Connection, columns: Sequence[tuple[str, str]]) -> None:
    """Add those that nobody else has added meanwhile; all or none."""
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        for table, column in _lacking(connection, columns):
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column}")


def use_wal(connection: sqlite3.Connection, wait_s: float) -> None:
    """While another process changes the mode of a new file, SQLite fails at once instead of waiting."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
