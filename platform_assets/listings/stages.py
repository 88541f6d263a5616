"""The stages between text and documents: each makes its rows of one batch anew from the rows of the stage before.

What a line says, and how a document is written, is in `parsing` and `documents`, which are loaded when there are rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from platform_assets.listings.batch import CSV, JSON, REJECTED, TXT, require, source_of
from resources import catalog
from resources.warehouse import Commit, Delete, Session, Spool, Warehouse

if TYPE_CHECKING:
    import pyarrow as pa

ROWS: Final = 50_000
"""Rows that are in memory at a time."""


@dataclass(frozen=True)
class Made:
    """Rows that a stage read of a batch, and what became of them."""

    read: int
    loaded: int
    rejected: int = 0


def make_csv(batch: str, warehouse: Warehouse, label: str = "") -> Made:
    """Make the rows and rejects of a batch from its text.

    Raises Unavailable for a batch without text, OvertakenError when another run made them meanwhile.
    """
    from platform_assets.listings.parsing import parsed

    with (
        warehouse.spool(CSV) as loaded,
        warehouse.spool(REJECTED) as rejected,
        warehouse.session(label) as session,
    ):
        position = _begin(session, CSV, TXT, batch)
        for spool in (loaded, rejected):
            spool.share(batch_id=batch)
        read = 0
        for lines in _pages(session, TXT, batch):
            found = parsed(lines)
            loaded.write(found.rows)
            rejected.write(found.rejects)
            read += lines.num_rows
        _commit(session, batch, position, read, loaded, rejected)
    return Made(read, loaded.rows, rejected.rows)


def make_json(batch: str, warehouse: Warehouse, label: str = "") -> Made:
    """Make the documents of a batch from its rows.

    Raises Unavailable for a batch without rows, OvertakenError when another run made them meanwhile.
    """
    from platform_assets.listings.documents import documents

    with warehouse.spool(JSON) as loaded, warehouse.session(label) as session:
        position = _begin(session, JSON, CSV, batch)
        loaded.share(batch_id=batch)
        read = 0
        for rows in _pages(session, CSV, batch):
            loaded.write(documents(rows))
            read += rows.num_rows
        _commit(session, batch, position, read, loaded)
    return Made(read, loaded.rows)


def _begin(session: Session, table: str, before: str, batch: str) -> str | None:
    """Where the stage stands for this batch; the stage before must have been there."""
    require(session, before, batch)
    return session.position(source_of(table, batch))


def _pages(session: Session, table: str, batch: str) -> "Iterator[pa.Table]":
    """The rows of a batch by source and line, some thousand at a time."""
    columns = ", ".join(column.name for column in catalog.tables()[table].columns)
    text = (
        f"SELECT {columns} FROM {table} WHERE batch_id = :batch"
        " AND (source > :source OR source = :source AND line > :line)"
        f" ORDER BY source, line LIMIT {ROWS}"
    )
    source, line = "", 0
    while (page := session.fetch(text, batch=batch, source=source, line=line)).num_rows:
        yield page
        source, line = str(page["source"][-1].as_py()), int(page["line"][-1].as_py())


def _commit(session: Session, batch: str, position: str | None, read: int, *spools: Spool) -> None:
    """Replace the rows of the batch; the first spool is of the stage's table. A position counts how often."""
    session.commit(
        Commit(
            source=source_of(spools[0].table, batch),
            expected=position,
            next_position=str(int(position or 0) + 1),
            read=read,
            loaded=spools[:1],
            rejected=spools[1:],
            deletes=[Delete(spool.table, {"batch_id": batch}) for spool in spools],
        )
    )
