"""What only a warehouse in a file has: a lock, a holder, a path that may be anything."""

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from resources.sql import Model, statement
from resources.unavailable import Unavailable
from resources.warehouse import Commit, DuckDbWarehouse, OvertakenError, Session

HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
sys.stdout.write("held\\n")
sys.stdout.flush()
sys.stdin.read()
"""


def test_a_file_that_another_process_holds_is_named_with_its_holder_within_the_wait(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        began = time.monotonic()
        with pytest.raises(Unavailable) as refused, DuckDbWarehouse(path, wait_s=0.3).session():
            pytest.fail("two processes opened one file")
        assert 0.3 <= time.monotonic() - began < 5
        assert str(path) in str(refused.value)
        assert f"process {holder.pid} " in str(refused.value)
        assert "\n" not in str(refused.value)
        holder.stdin.close()
    with DuckDbWarehouse(path, wait_s=5).session() as session:
        assert session.position("") == ""


def test_a_session_waits_for_the_file_until_it_is_released(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    hold_a_while = HOLD.replace("sys.stdin.read()", "import time; time.sleep(0.4)")
    with subprocess.Popen(
        [sys.executable, "-c", hold_a_while, str(path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with DuckDbWarehouse(path, wait_s=20).session() as session:
            assert session.position("log") is None


def test_a_file_is_free_for_other_processes_after_an_error(
    duckdb_warehouse: DuckDbWarehouse, tmp_path: Path
) -> None:
    with pytest.raises(RuntimeError), duckdb_warehouse.session() as session, session.transaction():
        session.execute(statement("DELETE FROM ledger.positions"), {})
        raise RuntimeError
    count = "import sys, duckdb; print(duckdb.connect(sys.argv[1]).sql('from ledger.positions').fetchall())"
    command = [sys.executable, "-c", count, str(tmp_path / "warehouse.duckdb")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert answer.stdout.startswith("[(''")


@pytest.mark.parametrize("name", ["warehouse.duckdb", "blocks/warehouse.duckdb"])
def test_a_file_that_is_no_database_is_named_at_once(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    warehouse = DuckDbWarehouse(path, wait_s=20)
    path.write_text("LON,LAT,NUMBER,STREET\n" * 1000)
    began = time.monotonic()
    with pytest.raises(Unavailable) as refused, warehouse.session():
        pytest.fail("a text was opened as a database")
    assert time.monotonic() - began < 5
    assert f"{path} cannot be opened" in str(refused.value)
    assert "QUADRANT_HOME" in str(refused.value)


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be opened"), DuckDbWarehouse(tmp_path, wait_s=1).session():
        pytest.fail("a folder was opened as a database")


def test_times_are_utc_whatever_the_zone_of_the_machine(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from resources.warehouse import DuckDbWarehouse\n"
        "with DuckDbWarehouse(pathlib.Path(sys.argv[1])).session() as session:\n"
        "    print(session.rows(\"SELECT '2026-07-01T08:00:00-04:00'::TIMESTAMP_TZ::TIMESTAMP_NTZ AS x\"))\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "w.duckdb")]
    zone = {**os.environ, "TZ": "America/New_York", "PYTHONPATH": "."}
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30, env=zone)
    assert "datetime.datetime(2026, 7, 1, 12, 0)" in answer.stdout


def test_the_file_can_be_read_by_plain_duckdb(duckdb_warehouse: DuckDbWarehouse, tmp_path: Path) -> None:
    with duckdb_warehouse.session() as session:
        session.commit(Commit("log", None, "open format", read=0))
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.sql("SELECT MAX(next_position) FROM ledger.positions").fetchall() == [
            ("open format",)
        ]


def test_of_two_builders_of_one_table_the_second_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    model = Model(
        "geo.streets", "SELECT name AS street_text, name AS street, 'usps' AS method FROM ledger.migrations"
    )
    first = DuckDbWarehouse(path)
    with first.session() as session:
        built = session.build(model)

    def overtake(boundary: str) -> None:
        if boundary == "begun":
            with first.session() as other:
                other.build(changed)

    changed = Model(model.table, model.text + " WHERE number > 1")
    with (
        DuckDbWarehouse(path, reached=overtake).session() as session,
        pytest.raises(Exception, match=r"onflict|by another"),
    ):
        session.build(changed)
    with first.session() as session:
        assert session.count("geo.streets") == built.rows - 1


def test_of_two_threads_that_commit_a_source_first_one_is_overtaken(
    duckdb_warehouse: DuckDbWarehouse,
) -> None:
    with duckdb_warehouse.session() as one, duckdb_warehouse.session() as other:
        one._reached = lambda boundary: _overtaken(other) if boundary == "advanced" else None
        one.commit(Commit("tweets/0", None, "1", 0))
        found = one.rows("SELECT next_position FROM ledger.positions WHERE source = 'tweets/0'")
    assert found == [{"next_position": "1"}]


def _overtaken(session: Session) -> None:
    with pytest.raises(OvertakenError, match="Another thread wrote first"):
        session.commit(Commit("tweets/0", None, "2", 0))
