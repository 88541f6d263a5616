"""What assets do in one open connection: read, commit an ingest, build a derived table.

The protocol is written once, in SQL of both warehouses; adapters only execute, fetch and append.
"""

import datetime as dt
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import pyarrow as pa

from resources import catalog
from resources.sql import Model, Statement, Value, statement
from resources.unavailable import Unavailable
from resources.warehouse.port import Boundary, Built, Commit, Delete, OvertakenError, UnreconciledError
from resources.warehouse.spool import Spool

Compute = Callable[[pa.Table], pa.Table]
Part = tuple[str, str]
"""Column and value of a partition of a table."""


class Session(ABC):
    """One open connection to the warehouse."""

    def __init__(self, reached: Boundary) -> None:
        """`reached` is told each boundary of a write."""
        self._reached = reached

    @abstractmethod
    def execute(self, query: Statement, values: Mapping[str, Value]) -> int:
        """Run one statement; the number of rows it changed."""

    @abstractmethod
    def fetch(self, text: str, **values: Value) -> pa.Table:
        """Rows of a SELECT in Snowflake's dialect: column names in lower case, 64-bit integers, UTC microseconds."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing. DDL inside is refused: on Snowflake it would commit."""

    @abstractmethod
    def stage(self, spool: Spool) -> None:
        """Bring rows near the warehouse, outside the transaction."""

    @abstractmethod
    def append(self, spool: Spool) -> int:
        """Add staged rows to their table; the number the warehouse says it added."""

    def rows(self, text: str, **values: Value) -> list[dict[str, object]]:
        """Rows of a small SELECT as dictionaries."""
        found: list[dict[str, object]] = self.fetch(text, **values).to_pylist()
        return found

    def upgrade(self) -> None:
        """Bring an empty or older database to today's tables; raises Unavailable for a newer one."""
        self.execute(statement("CREATE SCHEMA IF NOT EXISTS ledger"), {})
        self.execute(
            statement("CREATE TABLE IF NOT EXISTS ledger.migrations (number BIGINT, name VARCHAR)"), {}
        )
        applied = {int(str(row["number"])) for row in self.rows("SELECT number FROM ledger.migrations")}
        known = catalog.migrations()
        if applied - {migration.number for migration in known}:
            raise Unavailable(
                f"The warehouse was upgraded by a newer Quadrant (migration {max(applied)}); "
                f"this one knows {len(known)}: use the newer version, or another QUADRANT_HOME or SNOWFLAKE_DATABASE."
            )
        for migration in known:
            if migration.number not in applied:
                for ddl in migration.statements:
                    self.execute(ddl, {})
                record = statement("INSERT INTO ledger.migrations (number, name) SELECT :number, :name")
                self.execute(record, {"number": migration.number, "name": migration.name})

    def position(self, source: str) -> str | None:
        """Where the next commit of a source begins; None when it was never read."""
        found = self.rows("SELECT next_position FROM ledger.positions WHERE source = :source", source=source)
        return str(found[0]["next_position"]) if found else None

    def commit(self, commit: Commit) -> None:
        """Stage, begin, compare and set the position, append, reconcile, commit.

        Raises OvertakenError or UnreconciledError; then nothing was written.
        """
        spools = [*commit.loaded, *commit.rejected, *commit.ledger]
        for spool in spools:
            self.stage(spool)
        self._reached("staged")
        with self.transaction():
            self._reached("begun")
            if commit.expected is None:
                self._seed(commit.source)
            self._advance(commit)
            self._reached("advanced")
            for delete in commit.deletes:
                self._delete(delete)
            self._reached("deleted")
            counted = sum(self.append(spool) for spool in [*commit.loaded, *commit.rejected])
            for spool in commit.ledger:
                self.append(spool)
            self._reached("appended")
            if counted != commit.read:
                raise UnreconciledError(
                    f"{commit.source}: {commit.read} rows read, but {counted} loaded or rejected; nothing was written."
                )
            touched = {spool.table for spool in spools if spool.rows} | {d.table for d in commit.deletes}
            for table in sorted(touched):
                self._stamp(table, "", _digest(commit.source, commit.next_position, self.version(table)))
            self._reached("reconciled")
        self._reached("committed")

    def build(
        self, model: Model, part: Part | None = None, values: Mapping[str, Value] | None = None
    ) -> Built:
        """Make the rows of a derived table (or of one part) those of its model, unless no input has moved."""
        bound = values or {}
        wanted = _digest(
            model.text, *sorted(f"{k}={v}" for k, v in bound.items()), *map(self.version, model.inputs)
        )
        columns = ", ".join(model.columns)
        insert = statement(f"INSERT INTO {model.table} ({columns})\n{model.text}")

        def write() -> int:
            self._delete(Delete(model.table, dict([part] if part else [])))
            self._reached("deleted")
            return self.execute(insert, bound)

        return self._write_once(model.table, part, wanted, write)

    def fill(self, table: str, key: str, wanted: Model, code: str, compute: Compute) -> Built:
        """Keep a table that holds a pure function of each row of `wanted`, computing new keys only.

        `code` names the version of the function: when it changes, every row is computed again.
        """
        stamp = f"{code}/{_digest(*map(self.version, wanted.inputs))}"
        before = self.version(table)
        if before == stamp:
            return Built(self._count(table, None), stamp, was_written=False)
        is_same_code = before.startswith(f"{code}/")
        known = (
            f" WHERE NOT EXISTS (SELECT 1 FROM {table} AS t WHERE t.{key} = w.{key})" if is_same_code else ""
        )
        fresh = compute(self.fetch(f"SELECT w.* FROM ({wanted.text}) AS w{known}"))
        with Spool(table) as spool:
            spool.write(fresh)
            self.stage(spool)

            def write() -> int:
                if is_same_code:
                    gone = (
                        f"DELETE FROM {table} WHERE {key} NOT IN (SELECT w.{key} FROM ({wanted.text}) AS w)"
                    )
                    self.execute(statement(gone), {})
                else:
                    self._delete(Delete(table))
                return self.append(spool)

            return self._write_once(table, None, stamp, write)

    def version(self, table: str) -> str:
        """Changes whenever the rows of a table may have changed; empty before it was first written."""
        text = "SELECT part, version FROM ledger.table_versions WHERE table_name = :table_name ORDER BY part"
        found = self.rows(text, table_name=table)
        return (
            str(found[0]["version"])
            if len(found) == 1
            else _digest(*(str(row) for row in found))
            if found
            else ""
        )

    def _write_once(self, table: str, part: Part | None, wanted: str, write: Callable[[], int]) -> Built:
        name = part[1] if part else ""
        text = "SELECT version FROM ledger.table_versions WHERE table_name = :table_name AND part = :part"
        before = self.rows(text, table_name=table, part=name)
        if before and before[0]["version"] == wanted:
            return Built(self._count(table, part), wanted, was_written=False)
        with self.transaction():
            self._reached("begun")
            added = write()
            self._reached("appended")
            rows = self._stamp(table, name, wanted, part)
        self._reached("committed")
        return Built(rows, wanted, was_written=True, added=added)

    def _seed(self, source: str) -> None:
        # The UPDATE takes a lock that INSERT alone does not, so that two first readers make one row.
        self.execute(
            statement("UPDATE ledger.positions SET committed_at = committed_at WHERE source = ''"), {}
        )
        self.execute(
            statement(
                "INSERT INTO ledger.positions (source, next_position, committed_at) SELECT :source, '', :now "
                "WHERE NOT EXISTS (SELECT 1 FROM ledger.positions WHERE source = :source)"
            ),
            {"source": source, "now": dt.datetime.now(dt.UTC)},
        )

    def _advance(self, commit: Commit) -> None:
        moved = self.execute(
            statement(
                "UPDATE ledger.positions SET next_position = :next_position, committed_at = :now "
                "WHERE source = :source AND next_position = :expected"
            ),
            {
                "source": commit.source,
                "expected": commit.expected or "",
                "next_position": commit.next_position,
                "now": dt.datetime.now(dt.UTC),
            },
        )
        if moved != 1:
            raise OvertakenError(
                f"{commit.source} is no longer at {commit.expected!r}: another run committed first; "
                "nothing was written, run again to go on from there."
            )

    def _delete(self, delete: Delete) -> None:
        terms = " AND ".join(f"{column} = :{column}" for column in delete.where)
        self.execute(
            statement(f"DELETE FROM {delete.table}" + (f" WHERE {terms}" if terms else "")), delete.where
        )

    def _count(self, table: str, part: Part | None) -> int:
        where = f" WHERE {part[0]} = :{part[0]}" if part else ""
        counted = self.rows(f"SELECT COUNT(*) AS n FROM {table}{where}", **dict([part] if part else []))
        return int(str(counted[0]["n"]))

    def _stamp(self, table: str, part: str, version: str, where: Part | None = None) -> int:
        rows = self._count(table, where)
        self._delete(Delete("ledger.table_versions", {"table_name": table, "part": part}))
        self.execute(
            statement(
                "INSERT INTO ledger.table_versions (table_name, part, version, row_count, written_at) "
                "SELECT :table_name, :part, :version, :row_count, :now"
            ),
            {
                "table_name": table,
                "part": part,
                "version": version,
                "row_count": rows,
                "now": dt.datetime.now(dt.UTC),
            },
        )
        return rows


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
