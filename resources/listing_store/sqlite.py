"""The embedded listing store: one SQLite file, for one machine.

How documents get there over HTTP is told in `services`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from resources.listing_store.port import ListingStore, Stored
from resources.sqlite_file import SqliteFile
from resources.stored_time import text_of, time_of

# Hashes come in no order: an index of 32 bytes each is changed all over, the documents only at their end.
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS listings (
  content_hash BLOB NOT NULL PRIMARY KEY, document TEXT NOT NULL, arrived_at TEXT NOT NULL
);
"""
_ADD: Final = "INSERT INTO listings VALUES (?, ?, ?) ON CONFLICT (content_hash) DO NOTHING"


class SqliteListingStore(ListingStore):
    """Documents in one file, made when absent; several processes may add to it.

    A writer waits up to `wait_s` seconds for its turn; what was added survives a crash of the machine.
    """

    def __init__(self, path: Path, wait_s: float = 30.0) -> None:
        """Nothing is opened before the first call."""
        self._file = SqliteFile(path, _SCHEMA, "listing store", wait_s)

    def add(self, documents: Sequence[Stored]) -> list[bool]:
        """One transaction."""
        if not documents:
            return []
        rows = [(bytes.fromhex(each.content_hash), each.document, text_of(each.at)) for each in documents]
        with self._file.transaction() as connection:
            cursor = connection.cursor()
            return [cursor.execute(_ADD, row).rowcount == 1 for row in rows]

    def documents(self, after: str = "", limit: int = 1_000) -> list[Stored]:
        """A range of the primary key."""
        with self._file.connection() as connection:
            rows = connection.execute(
                "SELECT * FROM listings WHERE content_hash > ? ORDER BY content_hash LIMIT ?",
                (bytes.fromhex(after), limit),
            )
            return [Stored(found.hex(), document, time_of(at)) for found, document, at in rows]

    def count(self) -> int:
        """Counted in the primary key."""
        with self._file.connection() as connection:
            return int(connection.execute("SELECT count(*) FROM listings").fetchone()[0])

    def check(self) -> None:
        """Asks for nothing but the file itself."""
        with self._file.connection() as connection:
            connection.execute("SELECT 1 FROM listings LIMIT 1").fetchone()

    def uri(self) -> str:
        """`sqlite://` and the file's path."""
        return f"sqlite://{self._file.path}"

    def close(self) -> None:
        """Close the file."""
        self._file.close()
