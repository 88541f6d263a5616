"""One DuckDB in a process: who uses a file has it, and nobody else is kept from it afterwards."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from resources.warehouse.engine import Engine

ELSEWHERE = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('INSERT INTO kept VALUES (2)')"
TOO_MUCH = (
    "SELECT COUNT(*) FROM (SELECT range AS n, HASH(range)::VARCHAR AS t FROM range(600_000) ORDER BY t, n)"
)


def _keep(engine: Engine, path: Path) -> None:
    with engine.connection(path) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS n")


def _kept(engine: Engine, path: Path) -> list[tuple[int]]:
    with engine.connection(path) as connection:
        return connection.execute("SELECT n FROM kept ORDER BY n").fetchall()


def test_a_file_belongs_to_another_process_once_nobody_here_uses_it(tmp_path: Path) -> None:
    engine, path = Engine(), tmp_path / "a.duckdb"
    _keep(engine, path)
    with engine.connection(path), engine.connection(path) as second:
        pass
    with pytest.raises(duckdb.ConnectionException):
        second.execute("SELECT 1")
    assert not path.with_suffix(".duckdb.wal").exists()
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(path)], check=True)
    assert _kept(engine, path) == [(1,), (2,)]


def test_while_somebody_uses_it_another_session_may_and_another_process_may_not(tmp_path: Path) -> None:
    engine, path = Engine(), tmp_path / "a.duckdb"
    _keep(engine, path)
    with engine.connection(path) as held:
        assert _kept(engine, path) == [(1,)]
        done = subprocess.run([sys.executable, "-c", ELSEWHERE, str(path)], capture_output=True, check=False)
        assert b"Could not set lock" in done.stderr
        assert held.execute("SELECT n FROM kept").fetchall() == [(1,)]


def test_threads_that_come_and_go_see_their_own_files(tmp_path: Path) -> None:
    engine = Engine()
    paths = [tmp_path / f"{number}.duckdb" for number in range(3)]
    for path in paths:
        _keep(engine, path)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda path: _kept(engine, path), paths * 20))
    assert found == [[(1,)]] * 60


def test_an_error_rolls_back_and_lets_the_file_go(tmp_path: Path) -> None:
    engine, path = Engine(), tmp_path / "a.duckdb"
    _keep(engine, path)
    with pytest.raises(duckdb.CatalogException), engine.connection(path) as connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO kept VALUES (3)")
        connection.execute("SELECT * FROM nothing")
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(path)], check=True)
    assert _kept(engine, path) == [(1,), (2,)]


def test_a_file_that_is_no_database_leaves_nothing_behind(tmp_path: Path) -> None:
    engine, path = Engine(), tmp_path / "a.duckdb"
    path.write_bytes(b"no database " * 1000)
    with pytest.raises(duckdb.Error), engine.connection(path):
        pass
    path.unlink()
    _keep(engine, path)
    assert _kept(engine, path) == [(1,)]


def test_what_does_not_fit_into_memory_goes_beside_the_file_although_the_one_before_is_gone(
    tmp_path: Path,
) -> None:
    engine = Engine()
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        with engine.connection(folder / "a.duckdb") as connection:
            connection.execute("SET memory_limit = '40MB'")
            assert connection.execute(TOO_MUCH).fetchall() == [(600_000,)]
        shutil.rmtree(folder)
