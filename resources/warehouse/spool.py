"""Rows on their way into one table, kept in a nameless file until a commit takes them.

They are staged without any connection, so that no lock is held while a source is read; a kill leaves nothing behind.
"""

import mmap
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from resources import catalog

if TYPE_CHECKING:
    import pyarrow as pa


class Spool:
    """Rows for one table, in the order and types of its columns."""

    def __init__(self, table: str, directory: Path | None = None) -> None:
        """Open a spool for `schema.name`; raises KeyError for a table that no migration defines."""
        self.table = table
        self.schema = catalog.tables()[table].schema
        self._fields = list(self.schema)
        self._shared: dict[str, object] = {}
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115 - closed by __exit__
        self.clear()

    def clear(self) -> None:
        """Forget all rows."""
        import pyarrow as pa

        self.rows = 0
        self._file.seek(0)
        self._file.truncate()
        self._writer = pa.ipc.new_file(self._file, pa.schema(self._fields))
        self._is_open = True

    def share(self, **shared: object) -> None:
        """Columns in which all rows have one value, kept once and not in the file; forgets all rows.

        Raises ValueError for a column the table has not.
        """
        self._refuse(set(shared) - set(self.schema.names))
        self._shared = shared
        self._fields = [field for field in self.schema if field.name not in shared]
        self.clear()

    def write(self, rows: "pa.RecordBatch | pa.Table", **constants: object) -> None:
        """Add rows; `constants` fill whole columns, nullable columns left out are empty.

        Raises ValueError for a column the table has not, or a missing one that it needs.
        """
        import pyarrow as pa

        self._refuse((set(rows.schema.names) | set(constants)) - {field.name for field in self._fields})
        if rows.num_rows == 0:
            return
        columns = [self._column(field, rows, constants) for field in self._fields]
        self._writer.write(pa.Table.from_arrays(columns, schema=pa.schema(self._fields)))
        self.rows += rows.num_rows

    def write_rows(self, rows: Iterable[dict[str, object]]) -> None:
        """Add rows given as dictionaries; for the few rows of a ledger, not for data."""
        import pyarrow as pa

        listed = list(rows)
        if listed:
            present = [field for field in self._fields if field.name in listed[0]]
            self.write(pa.Table.from_pylist(listed, schema=pa.schema(present)))

    def read(self) -> "pa.Table":
        """All rows, mapped from the file and not copied; ends writing."""
        import pyarrow as pa

        if self._is_open:
            self._writer.close()
            self._file.flush()
            self._is_open = False
        mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        rows = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(mapped))).read_all()
        for name, value in self._shared.items():
            known = pa.array([value], self.schema.field(name).type).drop_null()
            everywhere = pa.repeat(pa.scalar(0 if len(known) else None, pa.int8()), len(rows))
            rows = rows.append_column(name, pa.DictionaryArray.from_arrays(everywhere, known))
        return rows.select(self.schema.names)

    def _refuse(self, unknown: set[str]) -> None:
        if unknown:
            raise ValueError(f"{self.table} has no column {', '.join(sorted(unknown))}.")

    def _column(
        self, field: "pa.Field", rows: "pa.RecordBatch | pa.Table", constants: dict[str, object]
    ) -> "pa.Array | pa.ChunkedArray":
        import pyarrow as pa

        if field.name in constants:
            return pa.repeat(pa.scalar(constants[field.name], field.type), rows.num_rows)
        if field.name in rows.schema.names:
            column = rows.column(field.name)
            return column if column.type == field.type else column.cast(field.type)
        if not field.nullable:
            raise ValueError(f"{self.table}.{field.name} is needed and was not given.")
        return pa.nulls(rows.num_rows, field.type)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_open:
            self._writer.close()
        self._file.close()
