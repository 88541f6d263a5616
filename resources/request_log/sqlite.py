"""The embedded request log: one SQLite file, for one machine.

Its table has the original's fields, with the delivery id as `_id`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from resources.request_log.port import Entry, RequestLog
from resources.sqlite_file import SqliteFile
from resources.stored_time import text_of, time_of

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS promoLogging (
  _id TEXT NOT NULL PRIMARY KEY, requestId TEXT NOT NULL, api TEXT NOT NULL, value TEXT NOT NULL,
  sys_insertDateTime TEXT NOT NULL
) WITHOUT ROWID;
"""


class SqliteRequestLog(RequestLog):
    """Entries in one file, made when absent; several processes may append.

    A writer waits up to `wait_s` seconds for its turn; what was appended survives a crash of the machine.
    """

    def __init__(self, path: Path, wait_s: float = 30.0) -> None:
        """Nothing is opened before the first call."""
        self._file = SqliteFile(path, _SCHEMA, "request log", wait_s)

    def append(self, entries: Sequence[Entry]) -> int:
        """One transaction."""
        rows = [(*entry[:4], text_of(entry.at)) for entry in entries]
        with self._file.transaction() as connection:
            added = connection.executemany(
                "INSERT INTO promoLogging VALUES (?, ?, ?, ?, ?) ON CONFLICT (_id) DO NOTHING", rows
            )
            return max(0, added.rowcount)

    def entries(self, after: str = "", limit: int = 10_000) -> list[Entry]:
        """A range of the primary key."""
        with self._file.connection() as connection:
            rows = connection.execute(
                "SELECT * FROM promoLogging WHERE _id > ? ORDER BY _id LIMIT ?", (after, limit)
            )
            return [
                Entry(delivery_id, request_id, api, value, time_of(at))
                for delivery_id, request_id, api, value, at in rows
            ]

    def count(self) -> int:
        """Counted in the primary key."""
        with self._file.connection() as connection:
            return int(connection.execute("SELECT count(*) FROM promoLogging").fetchone()[0])

    def check(self) -> None:
        """Asks for nothing but the file itself."""
        with self._file.connection() as connection:
            connection.execute("SELECT 1 FROM promoLogging LIMIT 1").fetchone()

    def uri(self) -> str:
        """`sqlite://` and the file's path."""
        return f"sqlite://{self._file.path}"

    def close(self) -> None:
        """Close the file."""
        self._file.close()
