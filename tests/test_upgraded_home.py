"""A `.quadrant/` that an earlier Quadrant made goes on with today's: nothing lost, nothing minted anew."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from resources import catalog
from tests.graph import Graph, graph_at, own_copy

THEN = 5
"""Migrations of that time; digests of them were not kept yet."""

KEPT = (
    "geo.raw_addresses", "geo.rejected_addresses", "geo.address_files", "crm.raw_customers", "crm.extracts",
    "crm.household_members", "tweets.raw_tweets", "customer360.support_cases", "customer360.offers", "ledger.positions",
)  # fmt: skip


def _as_it_was(path: Path) -> None:
    """Make the warehouse again as it was: the tables of that time, with the rows that such a Quadrant writes."""
    newer = path.rename(path.with_suffix(".newer"))
    with duckdb.connect(str(path)) as old:
        old.execute("CREATE SCHEMA ledger; CREATE TABLE ledger.migrations (number BIGINT, name VARCHAR)")
        for migration in catalog.migrations()[:THEN]:
            for ddl in migration.statements:
                old.execute(ddl.duckdb)
            old.execute("INSERT INTO ledger.migrations VALUES (?, ?)", [migration.number, migration.name])
        old.execute("DELETE FROM ledger.positions")
        old.execute(f"ATTACH '{newer}' AS newer (READ_ONLY)")
        tables = old.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = 'warehouse'"
        ).fetchall()
        for (table,) in tables:
            if table == "ledger.migrations":
                continue
            columns = ", ".join(row[0] for row in old.execute(f"DESCRIBE {table}").fetchall())
            old.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM newer.{table}")
        # What later tables are known by was not there either.
        made = [table for (table,) in tables]
        old.execute("DELETE FROM ledger.table_versions WHERE NOT list_contains(?, table_name)", [made])
        later = [table for table in catalog.tables() if table not in made]
        old.execute("DELETE FROM ledger.positions WHERE list_contains(?, source)", [later])
        for schema in {table.split(".")[0] for table in later} - {table.split(".")[0] for table in made}:
            old.execute("DELETE FROM ledger.positions WHERE starts_with(source, ?)", [f"{schema}/"])
        old.execute("DETACH newer")
    newer.unlink()


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    home = own_copy(tmp_path_factory)
    _as_it_was(home / "warehouse.duckdb")
    with graph_at(home) as graph:
        yield graph


def test_an_old_home_is_upgraded_and_goes_on(graph: Graph) -> None:
    path = graph.deployment.home / "warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as old:
        columns = {table: _columns(old, table) for table in KEPT}
        before = {table: _rows(old, table, columns[table]) for table in KEPT}
    assert all(before.values())
    graph.bring_up_to_date()
    with duckdb.connect(str(path), read_only=True) as now:
        # A later migration may add columns and sources; what was there stays.
        lost = {table: before[table] - _rows(now, table, columns[table]) for table in KEPT}
    assert not any(lost.values()), lost
    digests = graph.rows("SELECT number, digest FROM ledger.migrations ORDER BY number")
    assert [row["digest"] for row in digests] == [m.digest for m in catalog.migrations()]


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    names = (str(row[0]) for row in connection.execute(f"DESCRIBE {table}").fetchall())
    return ", ".join(name for name in names if name not in ("committed_at", "written_at"))


def _rows(connection: duckdb.DuckDBPyConnection, table: str, columns: str) -> Counter[str]:
    return Counter(map(str, connection.execute(f"SELECT {columns} FROM {table}").fetchall()))
