"""The port itself: how a session is opened, and the words of its commits.

What a session does is in `session`; connections and dialects are in the adapters.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from resources.sql import Value
from resources.warehouse.spool import Spool

if TYPE_CHECKING:
    from resources.warehouse.session import Session

Boundary = Callable[[str], None]
"""Called with the name of each boundary that a write passes; a test kills the process there."""


Part = tuple[str, str]
"""Column and value of a partition of a table."""


class OvertakenError(Exception):
    """Another writer moved the position first; nothing was written, and a rerun reads from the new position."""


class UnreconciledError(Exception):
    """Rows read are not rows loaded plus rows rejected; nothing was written."""


@dataclass(frozen=True)
class Delete:
    """Rows that leave in a commit: those of `table` whose columns equal `where`, all of them when it is empty.

    A tuple, which is not empty, stands for any of its values.
    """

    table: str
    where: Mapping[str, Value | tuple[Value, ...]] = field(default_factory=dict)

    @property
    def statement(self) -> tuple[str, dict[str, Value]]:
        """The text of the statement and its values."""
        terms, values = [], {}
        for column, wanted in self.where.items():
            if isinstance(wanted, tuple):
                named = {f"{column}_{place}": value for place, value in enumerate(wanted)}
                terms.append(f"{column} IN ({', '.join(f':{name}' for name in named)})")
                values.update(named)
            else:
                terms.append(f"{column} = :{column}")
                values[column] = wanted
        return f"DELETE FROM {self.table}" + (f" WHERE {' AND '.join(terms)}" if terms else ""), values


@dataclass(frozen=True)
class Amend:
    """A DELETE, UPDATE or INSERT that neither `Delete` nor a spool can say, such as of rows that another table lists.

    `text` is a statement in Snowflake's dialect, written in code; `values` are bound to its `:name` parameters.
    """

    table: str
    text: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Commit:
    """One step of an ingest: rows and the position after them, in one transaction or not at all.

    `read` must equal the rows of `loaded` plus those of `rejected`. `expected` is None for a source never read.
    `clears` run before the append, `amends` after it.
    """

    source: str
    expected: str | None
    next_position: str
    read: int
    loaded: Sequence[Spool] = ()
    rejected: Sequence[Spool] = ()
    ledger: Sequence[Spool] = ()
    deletes: Sequence[Delete] = ()
    clears: Sequence[Amend] = ()
    amends: Sequence[Amend] = ()


@dataclass(frozen=True)
class Built:
    """What a rebuild did: the rows the table (or its part) has, and whether it had to be written."""

    rows: int
    version: str
    was_written: bool
    added: int = 0


class Warehouse(ABC):
    """Where tables live. One writer at a time in DuckDB, many in Snowflake; sessions are short in both."""

    spool_directory: Path | None = None
    reached: Boundary
    """Told each boundary of the writes of sessions that are opened from now on."""
    _is_upgraded = False

    @abstractmethod
    def session(self, label: str = "") -> AbstractContextManager["Session"]:
        """Open late, close early. `label` names the run and asset for query tags.

        Upgrades the schema first. Raises Unavailable when the warehouse cannot be opened, or is of a newer Quadrant.
        """

    @abstractmethod
    def uri(self, table: str = "") -> str:
        """Where a table is, for people and lineage; never with a secret."""

    def _upgraded(self, session: "Session") -> "Session":
        """The session, its tables as they must be; looked at once."""
        if not self._is_upgraded:
            session.upgrade()
            self._is_upgraded = True
        return session

    def spool(self, table: str) -> Spool:
        """Rows for `table`, staged without a connection."""
        return Spool(table, self.spool_directory)
