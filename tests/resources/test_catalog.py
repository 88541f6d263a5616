"""The tables of the warehouse, as the migrations define and describe them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from sqlglot import exp
from sqlglot.expressions import DataType

from resources import catalog
from resources.catalog import Column, Table

TABLES = sorted(catalog.tables())


def test_migrations_are_numbered_without_a_gap_and_parsed_to_statements() -> None:
    found = catalog.migrations()
    assert [migration.number for migration in found] == list(range(1, len(found) + 1))
    assert all(migration.statements for migration in found)


Written = Callable[..., None]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Writes migrations, which are then all there are."""
    monkeypatch.setattr(catalog, "MIGRATIONS", tmp_path)
    caches = (catalog.migrations, catalog.tables)

    def write(*texts: str, names: tuple[str, ...] = ("0001_one", "0002_two")) -> None:
        for name, text in zip(names, texts, strict=False):
            (tmp_path / f"{name}.sql").write_text(text)
        for cache in caches:
            cache.cache_clear()

    yield write
    for cache in caches:
        cache.cache_clear()


def test_a_gap_in_the_numbers_is_an_error(written: Written) -> None:
    written(*2 * ["CREATE SCHEMA IF NOT EXISTS a;"], names=("0001_one", "0003_three"))
    with pytest.raises(ValueError, match="not numbered 1 to 2"):
        catalog.migrations()


def test_a_column_added_by_a_later_migration_is_a_column_of_the_table(written: Written) -> None:
    written(
        "CREATE TABLE IF NOT EXISTS a.b (x BIGINT NOT NULL COMMENT 'X') COMMENT = 'B';",
        "ALTER TABLE a.b ADD COLUMN IF NOT EXISTS y VARCHAR COMMENT 'Y';",
    )
    assert [(column.name, column.description) for column in catalog.tables()["a.b"].columns] == [
        ("x", "X"),
        ("y", "Y"),
    ]


def test_what_is_read_from_the_migrations_is_what_a_parser_of_sql_reads() -> None:
    """Types are compared as the parser writes them, texts without the backslash that Snowflake takes for an escape."""
    parsed: dict[str, list[tuple[str, str, bool, str]]] = {}
    described: dict[str, str] = {}
    for migration in catalog.migrations():
        for tree in (statement.tree for statement in migration.statements):
            if isinstance(tree, exp.Create) and tree.kind == "TABLE":
                name = f"{tree.this.this.db}.{tree.this.this.name}"
                parsed[name] = [_parsed(column) for column in tree.this.expressions]
                comment = tree.find(exp.SchemaCommentProperty)
                described[name] = comment.name if comment else ""
            elif isinstance(tree, exp.Alter):
                parsed[f"{tree.this.db}.{tree.this.name}"] += map(_parsed, tree.args["actions"])
    assert len(parsed) > 40
    assert {table.name: table.description for table in catalog.tables().values()} == described
    assert {
        table.name: [
            (
                c.name,
                DataType.build(c.kind, dialect="snowflake").sql("snowflake"),
                c.is_nullable,
                c.description.replace("\\", ""),
            )
            for c in table.columns
        ]
        for table in catalog.tables().values()
    } == parsed


def _parsed(definition: exp.ColumnDef) -> tuple[str, str, bool, str]:
    kinds = [constraint.kind for constraint in definition.constraints]
    is_nullable = not any(isinstance(kind, exp.NotNullColumnConstraint) for kind in kinds)
    comment = next(kind.name for kind in kinds if isinstance(kind, exp.CommentColumnConstraint))
    return definition.name, definition.args["kind"].sql("snowflake"), is_nullable, comment


def test_texts_in_a_migration_hold_quotes_semicolons_brackets_and_dashes(written: Written) -> None:
    written(
        "-- What it's; for\nCREATE TABLE IF NOT EXISTS a.b (\n"
        "  x BIGINT NOT NULL COMMENT 'X''s, ); -- or Y',\n  y FLOAT COMMENT 'Y'\n) COMMENT = 'Raw: B''s.';"
    )
    assert catalog.tables()["a.b"] == Table(
        "a.b", "Raw: B's.", (Column("x", "BIGINT", False, "X's, ); -- or Y"), Column("y", "FLOAT", True, "Y"))
    )


@pytest.mark.parametrize(
    ("ddl", "said"),
    [
        ("DROP TABLE a.b", "0001_one: teach the catalog DROP TABLE a.b"),
        ("CREATE TABLE IF NOT EXISTS a.b (x BIGINT) COMMENT = 'B'", "not x BIGINT"),
        ("CREATE TABLE IF NOT EXISTS a.b (x NUMBER(3) COMMENT 'X') COMMENT = 'B'", r"not x NUMBER\(3\)"),
        ("CREATE TABLE IF NOT EXISTS a.b (x BIGINT COMMENT 'X')", "teach the catalog CREATE TABLE"),
    ],
)
def test_ddl_in_another_form_is_an_error_that_shows_it(written: Written, ddl: str, said: str) -> None:
    written(ddl)
    with pytest.raises(ValueError, match=said):
        catalog.tables()


def test_a_migration_can_be_repeated_after_it_was_interrupted() -> None:
    for migration in catalog.migrations():
        for statement in migration.statements:
            is_guarded = isinstance(statement.tree, exp.Create) and statement.tree.args.get("exists")
            assert is_guarded or "NOT EXISTS" in statement.text, statement.text[:80]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_and_column_says_what_it_is(name: str) -> None:
    table = catalog.tables()[name]
    assert table.description.endswith(".")
    assert table.description.partition(":")[0].split()[0].rstrip(",") in (
        "Raw",
        "Quarantine",
        "Derived",
        "Ledger",
    )
    for column in table.columns:
        assert len(column.description) > 3, column.name
        assert not column.description.endswith("."), column.name
    assert len({column.description for column in table.columns}) == len(table.columns)


@pytest.mark.parametrize("name", TABLES)
def test_names_of_columns_carry_units_and_times(name: str) -> None:
    for column in catalog.tables()[name].columns:
        assert column.name == column.name.lower()
        if column.kind == "TIMESTAMP_NTZ":
            assert column.name.endswith("_at") or column.name in (
                "since",
                "watermark",
                "as_of",
                "measured_to",
            )
            assert (
                "UTC" in column.description
                or name.endswith("_changes")
                or "Latest of them" in column.description
            )
        if column.kind == "BOOLEAN":
            assert column.name.startswith(("is_", "has_")) or name == "crm.raw_customers"


def test_a_table_has_an_arrow_schema_with_its_types_and_needs() -> None:
    schema = catalog.tables()["crm.raw_customers"].schema
    assert schema.field("customer_id") == pa.field("customer_id", pa.string(), nullable=False)
    assert schema.field("birth_date") == pa.field("birth_date", pa.date32())
    assert schema.field("marketing_consent") == pa.field("marketing_consent", pa.bool_())
    assert schema.field("updated_at") == pa.field("updated_at", pa.timestamp("us"))
    assert catalog.tables()["geo.addresses"].schema.field("lon") == pa.field(
        "lon", pa.float64(), nullable=False
    )
    assert catalog.tables()["geo.addresses"].schema.field("sources").type == pa.int64()


def test_types_are_given_for_lineage_by_table_and_column() -> None:
    assert catalog.types()["geo.streets"]["street"] == "VARCHAR"
    assert set(catalog.types()) == set(TABLES)
