"""The embedded warehouse: one DuckDB file.

A DuckDB file has one writing process, and then no reader; so a session waits for its turn and is closed early.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from resources.sql import Statement, Value, statement
from resources.unavailable import Unavailable
from resources.warehouse.engine import Engine
from resources.warehouse.port import Boundary, OvertakenError, Warehouse
from resources.warehouse.session import Session
from resources.warehouse.spool import Spool

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_ENGINE: Final = Engine()


class DuckDbWarehouse(Warehouse):
    """Tables in one file; made when absent. Waits up to `wait_s` seconds while another process holds the file."""

    def __init__(self, path: Path, wait_s: float = 60.0, reached: Boundary = lambda boundary: None) -> None:
        """`reached` is told each boundary of a write."""
        self._path = path
        self._wait_s = wait_s
        self.reached = reached
        self.spool_directory = path.parent
        path.parent.mkdir(parents=True, exist_ok=True)

    def uri(self, table: str = "") -> str:
        """`duckdb://` and the file's path, then schema and table."""
        return f"duckdb://{self._path.absolute()}" + (f"/{table.replace('.', '/')}" if table else "")

    @contextmanager
    def session(self, label: str = "") -> Iterator[Session]:
        """Open the file, and close it whatever happens."""
        with ExitStack() as stack:
            yield self._upgraded(DuckDbSession(self._connected(stack), self.reached))

    def _connected(self, stack: ExitStack) -> "DuckDBPyConnection":
        import duckdb

        deadline = time.monotonic() + self._wait_s
        while True:
            try:
                return stack.enter_context(_ENGINE.connection(self._path.absolute()))
            except duckdb.IOException as error:
                if "Could not set lock" not in str(error):
                    raise Unavailable(_unreadable(self._path, error)) from error
                if time.monotonic() > deadline:
                    raise Unavailable(_locked(self._path, self._wait_s, str(error))) from error
            except duckdb.Error as error:
                raise Unavailable(_unreadable(self._path, error)) from error
            time.sleep(0.05)


class DuckDbSession(Session):
    """One connection to the file."""

    is_alone = True

    def __init__(self, connection: "DuckDBPyConnection", reached: Boundary) -> None:
        """The connection stays its owner's."""
        super().__init__(reached)
        self._connection = connection
        self._is_in_transaction = False

    def execute(self, query: Statement, values: Mapping[str, Value]) -> int:
        """Run one statement; the number of rows it changed."""
        if query.is_ddl and self._is_in_transaction:
            raise ValueError(f"DDL inside a transaction would commit it on Snowflake: {query.text[:80]}")
        self._connection.execute(query.duckdb, query.bound(values))
        counted = self._connection.fetchone()
        return int(counted[0]) if counted and isinstance(counted[0], int) else 0

    def fetch(self, text: str, **values: Value) -> "pa.Table":
        """Rows of a SELECT."""
        from resources.warehouse.frames import plain

        query = statement(text)
        relation = self._connection.sql(query.duckdb, params=query.bound(values))
        return plain(relation.to_arrow_table())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Raises OvertakenError when another thread of this process changed the same rows first."""
        import duckdb

        self._connection.begin()
        self._is_in_transaction = True
        try:
            yield
            self._connection.commit()
        except duckdb.TransactionException as error:
            # After a COMMIT that failed there is nothing left to roll back.
            with suppress(duckdb.TransactionException):
                self._connection.rollback()
            raise OvertakenError(f"Another thread wrote first ({error}); nothing was written.") from error
        except BaseException:
            self._connection.rollback()
            raise
        finally:
            self._is_in_transaction = False

    def stage(self, spool: Spool) -> None:
        """Nothing to do: the spool is as near as the file."""

    def append(self, spool: Spool) -> int:
        """Insert the spooled rows in bulk."""
        if not spool.rows:
            return 0
        self._connection.register("spooled", spool.read())
        columns = ", ".join(spool.schema.names)
        text = f"INSERT INTO {spool.table} ({columns}) SELECT {columns} FROM spooled"
        counted = self._connection.execute(text).fetchone()
        # After an error the rollback takes the name back; to do it here would hide the error.
        self._connection.unregister("spooled")
        return int(counted[0]) if counted else 0


def _locked(path: Path, waited_s: float, error: str) -> str:
    holder = re.search(r"held in (.*?) \(PID (\d+)\)", error)
    who = f"process {holder[2]} ({holder[1]})" if holder else "another process"
    return (
        f"The warehouse file {path} is in use by {who} and was not released within {waited_s:g} s; "
        "wait for that process or stop it, then run again."
    )


def _unreadable(path: Path, error: Exception) -> str:
    first = str(error).splitlines()[0]
    return (
        f"The warehouse file {path} cannot be opened ({first}); move it away, or set QUADRANT_HOME elsewhere."
    )
