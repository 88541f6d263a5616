"""What assets do in one open connection: read, commit an ingest, build a derived table.

The protocol is written once, in SQL of both warehouses; adapters only execute, fetch and append.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeAlias

from resources.sql import Model, Statement, Value, statement
from resources.warehouse.ledger import Ledger, Stamp, digest
from resources.warehouse.port import Amend, Boundary, Built, Commit, Delete, Part, UnreconciledError
from resources.warehouse.spool import Spool
from resources.warehouse.upgrade import upgrade

if TYPE_CHECKING:
    import pyarrow as pa

Compute: TypeAlias = "Callable[[pa.Table], pa.Table]"


class Session(ABC):
    """One open connection to the warehouse."""

    is_alone = False
    """Whether no other session can be open at the same time."""

    def __init__(self, reached: Boundary) -> None:
        """`reached` is told each boundary of a write."""
        self._reached = reached
        self._ledger = Ledger(self)

    @abstractmethod
    def execute(self, query: Statement, values: Mapping[str, Value]) -> int:
        """Run one statement; the number of rows it changed."""

    @abstractmethod
    def fetch(self, text: str, **values: Value) -> "pa.Table":
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
        """Bring an empty or older database to today's tables; raises Unavailable for one that it must not touch."""
        upgrade(self)

    def position(self, source: str) -> str | None:
        """Where the next commit of a source begins; None when it was never read."""
        found = self.rows("SELECT next_position FROM ledger.positions WHERE source = :source", source=source)
        return str(found[0]["next_position"]) if found else None

    def commit(self, commit: Commit) -> None:
        """Stage, begin, compare and set the position, delete and clear, append, amend, reconcile, commit.

        Raises OvertakenError or UnreconciledError; then nothing was written.
        """
        spools = [*commit.loaded, *commit.rejected, *commit.ledger]
        for spool in spools:
            self.stage(spool)
        self._reached("staged")
        with self.transaction():
            self._reached("begun")
            if commit.expected is None:
                self._ledger.seed(commit.source)
            self._ledger.advance(commit)
            self._reached("advanced")
            for delete in commit.deletes:
                self.delete(delete)
            cleared = self._changed(commit.clears)
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
            touched |= cleared | self._changed(commit.amends)
            # What the ledger holds of others is no table that anything is built from.
            touched = {table for table in touched if not table.startswith("ledger.")}
            self._reached("amended")
            for table in sorted(touched):
                self._ledger.stamp(table, digest(commit.source, commit.next_position, self.version(table)))
            self._reached("reconciled")
        self._reached("committed")

    def _changed(self, amends: Iterable[Amend]) -> set[str]:
        """Run statements; the tables of which they changed rows."""
        return {amend.table for amend in amends if self.execute(statement(amend.text), amend.values)}

    def build(
        self,
        model: Model,
        part: Part | None = None,
        values: Mapping[str, Value] | None = None,
        *,
        again: bool = False,
    ) -> Built:
        """Make the rows of a derived table (or of one part) those of its model, unless no input has moved.

        With `again` it is made anew all the same, and what depends on it is too. Raises OvertakenError when another
        writer was first; then nothing was written.
        """
        bound = values or {}
        parameters = sorted(f"{name}={value}" for name, value in bound.items())
        inputs = digest(model.text, *parameters, *map(self.version, model.inputs))
        before = self._ledger.stamped(model.table, part)
        if before and before.inputs == inputs and not again:
            return Built(self.count(model.table, part), before.version, was_written=False)
        version = digest(inputs, before.version) if before and again else inputs
        columns = ", ".join(model.columns)
        insert = statement(f"INSERT INTO {model.table} ({columns})\n{model.text}")
        with self.transaction():
            self._reached("begun")
            self.delete(Delete(model.table, dict([part] if part else [])))
            self._reached("deleted")
            added = self.execute(insert, bound)
            self._reached("appended")
            rows = self._ledger.restamp(model.table, part, before, Stamp(version, inputs))
        self._reached("committed")
        return Built(rows, version, was_written=True, added=added)

    def fill(self, table: str, key: str, wanted: Model, code: str, compute: Compute) -> Built:
        """Keep a table that holds a pure function of each row of `wanted`, computing new keys only.

        `key` tells rows of other content apart. `code` names the version of the function: when it changes, every row
        is computed again. The table's version changes only when its rows do. Raises OvertakenError like `build`.
        """
        inputs = f"{code}/{digest(wanted.text, *map(self.version, wanted.inputs))}"
        before = self._ledger.stamped(table, None)
        if before and before.inputs == inputs:
            return Built(self.count(table, None), before.version, was_written=False)
        is_same_code = before is not None and before.inputs.startswith(f"{code}/")
        new = (
            f" WHERE NOT EXISTS (SELECT 1 FROM {table} AS t WHERE t.{key} = w.{key})" if is_same_code else ""
        )
        fresh = compute(self.fetch(f"SELECT w.* FROM ({wanted.text}) AS w{new}"))
        gone = f" WHERE {key} NOT IN (SELECT w.{key} FROM ({wanted.text}) AS w)" if is_same_code else ""
        with Spool(table) as spool:
            spool.write(fresh)
            self.stage(spool)
            with self.transaction():
                self._reached("begun")
                deleted = self.execute(statement(f"DELETE FROM {table}{gone}"), {})
                added = self.append(spool)
                self._reached("appended")
                was = before.version if before else ""
                version = digest(inputs, was) if deleted or added or not was else was
                rows = self._ledger.restamp(table, None, before, Stamp(version, inputs))
        self._reached("committed")
        return Built(rows, version, was_written=bool(deleted or added), added=added)

    def version(self, table: str) -> str:
        """Changes whenever the rows of a table may have changed; empty before it was first written."""
        text = "SELECT part, version FROM ledger.table_versions WHERE table_name = :table_name ORDER BY part"
        found = self.rows(text, table_name=table)
        if len(found) == 1:
            return str(found[0]["version"])
        return digest(*(str(row) for row in found)) if found else ""

    def delete(self, delete: Delete) -> None:
        """Delete rows; inside a transaction, which the caller has begun."""
        text, values = delete.statement
        self.execute(statement(text), values)

    def count(self, table: str, part: Part | None = None) -> int:
        """Rows of a table, or of one part of it."""
        where = f" WHERE {part[0]} = :{part[0]}" if part else ""
        counted = self.rows(f"SELECT COUNT(*) AS n FROM {table}{where}", **dict([part] if part else []))
        return int(str(counted[0]["n"]))
