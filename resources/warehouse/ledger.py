"""What the warehouse remembers of itself: positions of sources, and stamps of tables.

Each move is a compare-and-set inside the transaction of the rows it stands for; the transaction is the session's.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resources.sql import Value, statement
from resources.warehouse.port import Commit, Delete, OvertakenError, Part

if TYPE_CHECKING:
    from resources.warehouse.session import Session


@dataclass(frozen=True)
class Stamp:
    """What `ledger.table_versions` says of a derived table or its part."""

    version: str
    inputs: str


class Ledger:
    """The schema `ledger` of the warehouse that a session is open on."""

    def __init__(self, session: "Session") -> None:
        """Reads and writes through `session`."""
        self._session = session

    def stamped(self, table: str, part: Part | None) -> Stamp | None:
        """The stamp of a derived table or of one part; None before it was first written."""
        found = self._session.rows(
            "SELECT version, inputs FROM ledger.table_versions WHERE table_name = :table_name AND part = :part",
            table_name=table,
            part=part[1] if part else "",
        )
        return Stamp(str(found[0]["version"]), str(found[0]["inputs"])) if found else None

    def restamp(self, table: str, part: Part | None, before: Stamp | None, now: Stamp) -> int:
        """Compare and set the stamp of a derived table, last in its transaction so that others wait shortly."""
        rows = self._session.count(table, part)
        named: dict[str, Value] = {"table_name": table, "part": part[1] if part else ""}
        stamp: dict[str, Value] = {
            "version": now.version,
            "inputs": now.inputs,
            "row_count": rows,
            "now": dt.datetime.now(dt.UTC),
        }
        if before is None:
            self._lock()
            moved = self._session.execute(
                statement(
                    "INSERT INTO ledger.table_versions (table_name, part, version, inputs, row_count, written_at) "
                    "SELECT :table_name, :part, :version, :inputs, :row_count, :now WHERE NOT EXISTS ("
                    "SELECT 1 FROM ledger.table_versions WHERE table_name = :table_name AND part = :part)"
                ),
                {**named, **stamp},
            )
        else:
            moved = self._session.execute(
                statement(
                    "UPDATE ledger.table_versions SET version = :version, inputs = :inputs, row_count = :row_count, "
                    "written_at = :now WHERE table_name = :table_name AND part = :part "
                    "AND version = :version_before AND inputs = :inputs_before"
                ),
                {**named, **stamp, "version_before": before.version, "inputs_before": before.inputs},
            )
        if moved != 1:
            raise OvertakenError(f"{table} was written by another run first; nothing was written, run again.")
        return rows

    def seed(self, source: str) -> None:
        """Make the row of a source that was never read, so that it can be compared and set."""
        self._lock()
        self._session.execute(
            statement(
                "INSERT INTO ledger.positions (source, next_position, committed_at) SELECT :source, '', :now "
                "WHERE NOT EXISTS (SELECT 1 FROM ledger.positions WHERE source = :source)"
            ),
            {"source": source, "now": dt.datetime.now(dt.UTC)},
        )

    def advance(self, commit: Commit) -> None:
        """Move a position from where it was expected; raises OvertakenError when it is elsewhere."""
        moved = self._session.execute(
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

    def stamp(self, table: str, version: str) -> None:
        """Stamp a table that a commit has changed; its position was compared and set."""
        self._session.delete(Delete("ledger.table_versions", {"table_name": table, "part": ""}))
        self._session.execute(
            statement(
                "INSERT INTO ledger.table_versions (table_name, part, version, inputs, row_count, written_at) "
                "SELECT :table_name, '', :version, '', :row_count, :now"
            ),
            {
                "table_name": table,
                "version": version,
                "row_count": self._session.count(table, None),
                "now": dt.datetime.now(dt.UTC),
            },
        )

    def _lock(self) -> None:
        # An UPDATE takes a lock that INSERT alone does not, so that two first writers make one row. For DuckDB it must
        # change something; Snowflake's stand-in must take none, for it never ends what a dead client began.
        value = ":now" if self._session.is_alone else "committed_at"
        self._session.execute(
            statement(f"UPDATE ledger.positions SET committed_at = {value} WHERE source = ''"),
            {"now": dt.datetime.now(dt.UTC)},
        )


def digest(*parts: str) -> str:
    """A short name for texts: another one for other texts."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
