"""The tables of the warehouse, as the migrations define and describe them."""

from pathlib import Path

import pyarrow as pa
import pytest
from sqlglot import exp

from resources import catalog

TABLES = sorted(catalog.tables())


def test_migrations_are_numbered_without_a_gap_and_parsed_to_statements() -> None:
    found = catalog.migrations()
    assert [migration.number for migration in found] == list(range(1, len(found) + 1))
    assert all(migration.statements for migration in found)


def test_a_gap_in_the_numbers_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("0001_one.sql", "0003_three.sql"):
        (tmp_path / name).write_text("CREATE SCHEMA IF NOT EXISTS a;")
    monkeypatch.setattr(catalog, "MIGRATIONS", tmp_path)
    catalog.migrations.cache_clear()
    try:
        with pytest.raises(ValueError, match="not numbered 1 to 2"):
            catalog.migrations()
    finally:
        catalog.migrations.cache_clear()


def test_a_column_added_by_a_later_migration_is_a_column_of_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_one.sql").write_text(
        "CREATE TABLE IF NOT EXISTS a.b (x BIGINT NOT NULL COMMENT 'X') COMMENT = 'B';"
    )
    (tmp_path / "0002_two.sql").write_text("ALTER TABLE a.b ADD COLUMN IF NOT EXISTS y VARCHAR COMMENT 'Y';")
    monkeypatch.setattr(catalog, "MIGRATIONS", tmp_path)
    caches = (catalog.migrations, catalog.tables)
    for cache in caches:
        cache.cache_clear()
    try:
        assert [(column.name, column.description) for column in catalog.tables()["a.b"].columns] == [
            ("x", "X"),
            ("y", "Y"),
        ]
    finally:
        for cache in caches:
            cache.cache_clear()


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
        if column.kind == "TIMESTAMPNTZ":
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
