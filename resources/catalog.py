"""The tables of the warehouse as the numbered migrations define them: columns, types, meanings.

Migrations are read once and folded; the DDL is the only place where a column is described.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from resources.sql import Statement, split

if TYPE_CHECKING:
    import pyarrow as pa

MIGRATIONS = Path(__file__).parent / "migrations"

_ARROW = {
    "VARCHAR": "string",
    "BIGINT": "int64",
    "FLOAT": "float64",
    "DOUBLE": "float64",
    "BOOLEAN": "bool",
    "DATE": "date32",
    "TIMESTAMPNTZ": "timestamp[us]",
    "TIMESTAMP": "timestamp[us]",
}


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
        found.append(Migration(int(path.stem.split("_")[0]), path.stem, split(text), digest))
    if [m.number for m in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"Migrations are not numbered 1 to {len(found)}: {[m.name for m in found]}.")
    return tuple(found)


@lru_cache(maxsize=1)
def tables() -> Mapping[str, Table]:
    """Every table after all migrations, by name. Raises ValueError for a change that is not understood here."""
    folded: dict[str, Table] = {}
    for migration in migrations():
        for statement in migration.statements:
            tree = statement.tree
            if isinstance(tree, exp.Create) and tree.kind == "TABLE":
                table = _table(tree)
                folded[table.name] = table
            elif isinstance(tree, exp.Alter):
                table = folded[f"{tree.this.db}.{tree.this.name}".lower()]
                if not all(isinstance(action, exp.ColumnDef) for action in tree.args["actions"]):
                    raise ValueError(f"{migration.name}: only ADD COLUMN is understood, not {statement.text}")
                added = tuple(_column(action) for action in tree.args["actions"])
                folded[table.name] = replace(table, columns=(*table.columns, *added))
            elif not isinstance(tree, exp.Create | exp.Insert | exp.Delete | exp.Update):
                raise ValueError(f"{migration.name}: teach the catalog {statement.text[:60]}")
    return folded


def schema(table: str, without: Collection[str] = ()) -> "pa.Schema":
    """Columns of a table as Arrow types, those left out that are filled in later."""
    import pyarrow as pa

    return pa.schema([field for field in tables()[table].schema if field.name not in without])


def types() -> dict[str, dict[str, str]]:
    """Column types by table and column, as column lineage needs them."""
    return {table.name: {c.name: c.kind for c in table.columns} for table in tables().values()}


def _table(tree: exp.Create) -> Table:
    target = tree.this.this
    comment = tree.find(exp.SchemaCommentProperty)
    columns = tuple(_column(definition) for definition in tree.this.expressions)
    return Table(f"{target.db}.{target.name}".lower(), comment.name if comment else "", columns)


def _column(definition: exp.ColumnDef) -> Column:
    constraints = [constraint.kind for constraint in definition.constraints]
    comment = next((c.name for c in constraints if isinstance(c, exp.CommentColumnConstraint)), "")
    required = any(isinstance(c, exp.NotNullColumnConstraint) for c in constraints)
    kind = definition.args["kind"].this.value
    return Column(definition.name.lower(), kind, not required, comment)
