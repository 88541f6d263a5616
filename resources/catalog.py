"""The tables of the warehouse as the numbered migrations define them: columns, types, meanings.

Migrations are read once and folded; the DDL is the only place where a column is described. It is written in one form,
and that form is read here, so that a code server need not load a parser of SQL.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from resources.sql import Statement

if TYPE_CHECKING:
    import pyarrow as pa

MIGRATIONS = Path(__file__).parent / "migrations"

_ARROW = {
    "VARCHAR": "string",
    "BIGINT": "int64",
    "FLOAT": "float64",
    "BOOLEAN": "bool",
    "DATE": "date32",
    "TIMESTAMP_NTZ": "timestamp[us]",
}

_STRING: Final = r"'((?:[^']|'')*)'"
_STATEMENT = re.compile(rf"(?:--[^\n]*|{_STRING}|[^;'])+")
_COMMENT = re.compile(rf"--[^\n]*|({_STRING})")
_COLUMN = re.compile(rf"\s*(\w+) ([A-Z_]+)( NOT NULL)? COMMENT {_STRING}(?:,|\s*$)")
_CREATE = re.compile(rf"CREATE TABLE IF NOT EXISTS (\w+\.\w+) \(((?:{_STRING}|[^'])*)\) COMMENT = {_STRING}")
_ADD = re.compile(r"ALTER TABLE (\w+\.\w+) ADD COLUMN IF NOT EXISTS (.*)", re.DOTALL)
_NO_TABLE = re.compile(r"CREATE SCHEMA|INSERT|UPDATE|DELETE")


@dataclass(frozen=True)
class Column:
    """One column: its type in Snowflake's words, whether it may be empty, what it means."""

    name: str
    kind: str
    is_nullable: bool
    description: str


@dataclass(frozen=True)
class Table:
    """One table, `schema.name`, with what a row of it is."""

    name: str
    description: str
    columns: tuple[Column, ...]

    @cached_property
    def schema(self) -> "pa.Schema":
        """Its columns as Arrow types; times are naive UTC microseconds."""
        import pyarrow as pa

        kinds = [pa.type_for_alias(_ARROW[column.kind]) for column in self.columns]
        return pa.schema(
            [pa.field(c.name, kind, c.is_nullable) for c, kind in zip(self.columns, kinds, strict=True)]
        )


@dataclass(frozen=True)
class Migration:
    """One numbered file of DDL."""

    number: int
    name: str
    statements: tuple[Statement, ...]
    digest: str
    """Changes with the text of the file, ends of lines aside."""


@lru_cache(maxsize=1)
def migrations() -> tuple[Migration, ...]:
    """All migrations in their order, without a gap."""
    found = []
    for path in sorted(MIGRATIONS.glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        found.append(Migration(int(path.stem.split("_")[0]), path.stem, _split(text), digest))
    if [m.number for m in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"Migrations are not numbered 1 to {len(found)}: {[m.name for m in found]}.")
    return tuple(found)


@lru_cache(maxsize=1)
def tables() -> Mapping[str, Table]:
    """Every table after all migrations, by name. Raises ValueError for a change that is not understood here."""
    folded: dict[str, Table] = {}
    for migration in migrations():
        for statement in migration.statements:
            if created := _CREATE.fullmatch(statement.text):
                name, columns, _, description = created.groups()
                folded[name] = Table(name, _string(description), _columns(columns))
            elif added := _ADD.fullmatch(statement.text):
                table = folded[added[1]]
                folded[table.name] = replace(table, columns=(*table.columns, *_columns(added[2])))
            elif not _NO_TABLE.match(statement.text):
                raise ValueError(f"{migration.name}: teach the catalog {statement.text[:60]}")
    return folded


def schema(table: str, without: Collection[str] = ()) -> "pa.Schema":
    """Columns of a table as Arrow types, those left out that are filled in later."""
    import pyarrow as pa

    return pa.schema([field for field in tables()[table].schema if field.name not in without])


def types() -> dict[str, dict[str, str]]:
    """Column types by table and column, as column lineage needs them."""
    return {table.name: {c.name: c.kind for c in table.columns} for table in tables().values()}


def _split(text: str) -> tuple[Statement, ...]:
    pieces = (_COMMENT.sub(r"\1", found[0]).strip() for found in _STATEMENT.finditer(text))
    return tuple(Statement(piece) for piece in pieces if piece)


def _columns(text: str) -> tuple[Column, ...]:
    found, end = [], 0
    while end < len(text.rstrip()):
        column = _COLUMN.match(text, end)
        if column is None or column[2] not in _ARROW:
            raise ValueError(
                f"Columns are written `name TYPE [NOT NULL] COMMENT '...'`, not {text[end:].strip()[:80]}"
            )
        name, kind, required, description = column.groups()
        found.append(Column(name, kind, required is None, _string(description)))
        end = column.end()
    return tuple(found)


def _string(text: str) -> str:
    return text.replace("''", "'")
