"""DuckDB itself, started once in a process: warehouse files are attached to it for as long as sessions use them.

Starting it takes some 20 ms, attaching a file 2 ms; what sessions do and say is not decided here.
"""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The formula and the radius of Snowflake's HAVERSINE, which answers in kilometres.
_HAVERSINE: Final = """CREATE MACRO haversine(lat1, lon1, lat2, lon2) AS
  2 * 6371 * asin(sqrt(pow(sin(radians(lat2 - lat1) / 2), 2)
    + cos(radians(lat1)) * cos(radians(lat2)) * pow(sin(radians(lon2 - lon1) / 2), 2)))"""
_SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {
    "preserve_insertion_order": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # Compressed while still in a processor's cache, and as little of a large load as possible in memory.
    "write_buffer_row_group_count": 1,
}


@dataclass
class _Attached:
    root: "DuckDBPyConnection"
    name: str
    users: int = 0


class Engine:
    """DuckDB in memory, and the files that are attached to it."""

    def __init__(self) -> None:
        """Nothing is started before the first file is used."""
        self._lock = threading.Lock()
        self._root: DuckDBPyConnection | None = None
        self._spills = ""
        self._files: dict[Path, _Attached] = {}
        self._named = 0

    @contextmanager
    def connection(self, path: Path) -> Iterator["DuckDBPyConnection"]:
        """A connection to a file, made when absent, in UTC; the file is let go when the last one to it is closed.

        Raises duckdb.Error when it is no database, and duckdb.IOException while another process holds it.
        """
        connection, name = self._joined(path)
        try:
            with closing(connection):
                connection.execute(f"SET search_path = '{name},memory'")
                connection.execute("SET enable_progress_bar = FALSE")
                yield connection
        finally:
            self._leave(path)

    def _joined(self, path: Path) -> tuple["DuckDBPyConnection", str]:
        with self._lock:
            file = self._files.get(path)
            if file is None:
                self._named += 1
                file = _Attached(self._started(f"{path}.tmp"), f"warehouse_{self._named}")
                file.root.execute(f"ATTACH ? AS {file.name}", [str(path)])
                self._files[path] = file
            file.users += 1
            return file.root.cursor(), file.name

    def _leave(self, path: Path) -> None:
        with self._lock:
            file = self._files[path]
            file.users -= 1
            if not file.users:
                del self._files[path]
                file.root.execute(f"DETACH {file.name}")

    def _started(self, spills: str) -> "DuckDBPyConnection":
        """What does not fit into memory is written beside the file, or beside the first of several."""
        import duckdb

        if self._root is not None and spills != self._spills and not self._files:
            try:
                self._root.execute("SET temp_directory = ?", [spills])
                self._spills = spills
            except duckdb.Error:
                # It has written to the other one.
                self._root.close()
                self._root = None
        if self._root is None:
            self._root = duckdb.connect(":memory:", config={**_SETTINGS, "temp_directory": spills})
            self._root.execute("SET GLOBAL TimeZone = 'UTC'")
            self._root.execute(_HAVERSINE)
            self._spills = spills
        return self._root
