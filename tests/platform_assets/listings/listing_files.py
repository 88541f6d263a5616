"""Small listings, a lister whose lines a test sets, and what a warehouse holds of a batch."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from resources.lister import Lister
from resources.warehouse import Warehouse

FIRST, SECOND, THIRD = (f"2026-11-21T10:0{minute}:00Z" for minute in (5, 6, 7))


def line(name: str, size: int = 1) -> bytes:
    """A line of `ls -l`."""
    return f"-rw-r--r-- 1 root root {size} Nov 20 10:00 {name}".encode()


@dataclass
class SetLister(Lister):
    """Lists what a test says."""

    names: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[bytes]:
        """A line for each name."""
        return map(line, self.names)

    def uri(self) -> str:
        """A folder that is not there."""
        return "file:///listed"


def held(
    warehouse: Warehouse, table: str, columns: str = "batch_id, source, line"
) -> list[tuple[object, ...]]:
    """Rows of a table of the listings, sorted."""
    with warehouse.session() as session:
        rows = session.rows(f"SELECT {columns} FROM listings.{table}")
    return sorted((tuple(row.values()) for row in rows), key=str)
