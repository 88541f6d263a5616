"""An upgrade that is interrupted, repeated, begun twice, or finds that history was rewritten."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from resources import catalog
from resources.sql import Statement, Value, statement
from resources.unavailable import Unavailable
from resources.warehouse import DuckDbWarehouse, Warehouse
from resources.warehouse.duckdb import DuckDbSession
from tests.warehouse_servers import SnowflakeServer

OPEN = 5
"""Migrations that were there before digests were kept."""


class _InterruptedError(Exception):
    """The process ends here."""


class _Dying(DuckDbSession):
    """A session whose process ends after so many statements that write."""

    left = 0

    def execute(self, query: Statement, values: Mapping[str, Value]) -> int:
        if not self.left:
            raise _InterruptedError
        self.left -= 1
        return super().execute(query, values)


@contextmanager
def _file(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(str(path))
    try:
        yield connection
    finally:
        connection.close()


def _applied(warehouse: Warehouse) -> list[tuple[object, object]]:
    with warehouse.session() as session:
        found = session.rows("SELECT number, digest FROM ledger.migrations ORDER BY number")
    return [(row["number"], row["digest"]) for row in found]


def _today() -> list[tuple[object, object]]:
    return [(migration.number, migration.digest) for migration in catalog.migrations()]


def test_an_upgrade_that_ends_after_any_statement_goes_on(tmp_path: Path) -> None:
    path, deaths = tmp_path / "warehouse.duckdb", 0
    # Each attempt gets one statement further than the last, so every statement is the last one once.
    while True:
        with _file(path) as connection:
            session = _Dying(connection, lambda boundary: None)
            session.left = deaths + 1
            try:
                session.upgrade()
                break
            except _InterruptedError:
                deaths += 1
    statements = sum(len(migration.statements) for migration in catalog.migrations())
    assert deaths > max(len(migration.statements) for migration in catalog.migrations())
    assert deaths < 2 * statements
    assert _applied(DuckDbWarehouse(path)) == _today()


def test_migrations_applied_before_digests_were_kept_adopt_todays(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with _file(path) as connection:
        connection.execute(
            "CREATE SCHEMA ledger; CREATE TABLE ledger.migrations (number BIGINT, name VARCHAR)"
        )
        for migration in catalog.migrations()[:OPEN]:
            for ddl in migration.statements:
                connection.execute(ddl.duckdb)
            connection.execute(
                "INSERT INTO ledger.migrations VALUES (?, ?)", [migration.number, migration.name]
            )
        connection.execute("INSERT INTO geo.streets VALUES ('Main St', NULL, 'MAIN ST', NULL, 'usps')")
    warehouse = DuckDbWarehouse(path)
    assert _applied(warehouse) == _today()
    with warehouse.session() as session:
        assert session.count("geo.streets") == 1


@pytest.mark.parametrize("kind", ["duckdb", "snowflake"])
def test_a_migration_that_was_edited_after_it_was_applied_is_refused_in_one_sentence(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = _maker(kind, request, tmp_path)
    with make().session():
        pass
    every = catalog.migrations()
    edited = (*every[:2], replace(every[2], digest="another"), *every[3:])
    monkeypatch.setattr(catalog, "migrations", lambda: edited)
    with pytest.raises(Unavailable, match="0003_crm was applied") as refused, make().session():
        pytest.fail("a database of another history was opened")
    assert "\n" not in str(refused.value)
    monkeypatch.undo()
    assert _applied(make()) == _today()


def test_two_who_upgrade_at_once_make_one_database(snowflake: SnowflakeServer) -> None:
    database = snowflake.new_database()
    with snowflake.warehouse(database).session() as session:
        session.execute(statement("DELETE FROM ledger.migrations WHERE number > 2"), {})
    together, failed = threading.Barrier(3), []

    def begin() -> None:
        together.wait(30)
        try:
            with snowflake.warehouse(database).session():
                pass
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told below
            failed.append(error)

    threads = [threading.Thread(target=begin) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    assert _applied(snowflake.warehouse(database)) == _today()
    with snowflake.warehouse(database).session() as session:
        assert [row["holder"] for row in session.rows("SELECT holder FROM ledger.upgrade_turn")] == [""]


def test_the_turn_of_a_process_that_died_passes_on(snowflake: SnowflakeServer) -> None:
    database = snowflake.new_database()
    with snowflake.warehouse(database).session() as session:
        session.execute(statement("DELETE FROM ledger.migrations WHERE number > 2"), {})
        dead = "UPDATE ledger.upgrade_turn SET holder = 'dead', held_until = '2026-01-01'::TIMESTAMP_NTZ"
        session.execute(statement(dead), {})
    assert _applied(snowflake.warehouse(database)) == _today()


def _maker(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Warehouse]:
    if kind == "duckdb":
        return lambda: DuckDbWarehouse(tmp_path / "warehouse.duckdb")
    server: SnowflakeServer = request.getfixturevalue("snowflake")
    database = server.new_database()
    return lambda: server.warehouse(database)
