"""Two warehouses are alike when their rows are, whenever these were written."""

from resources.sql import statement
from resources.warehouse import DuckDbWarehouse
from soak.contents import Difference, contents, differences


def _add(warehouse: DuckDbWarehouse, source: str, moment: str) -> None:
    text = "INSERT INTO ledger.positions (source, next_position, committed_at) SELECT :source, '1', :moment::TIMESTAMP_NTZ"
    with warehouse.session() as session:
        session.execute(statement(text), {"source": source, "moment": moment})


def test_when_a_row_was_written_is_no_difference(duckdb_warehouse: DuckDbWarehouse) -> None:
    _add(duckdb_warehouse, "a", "2026-11-01 00:00:00")
    before = contents(duckdb_warehouse)
    with duckdb_warehouse.session() as session:
        session.execute(statement("DELETE FROM ledger.positions WHERE source = 'a'"), {})
    _add(duckdb_warehouse, "a", "2027-11-01 00:00:00")
    assert differences(before, contents(duckdb_warehouse)) == []


def test_a_row_that_is_there_twice_is_one_too_many(duckdb_warehouse: DuckDbWarehouse) -> None:
    _add(duckdb_warehouse, "a", "2026-11-01 00:00:00")
    before = contents(duckdb_warehouse)
    _add(duckdb_warehouse, "a", "2026-11-02 00:00:00")
    after = contents(duckdb_warehouse)
    assert differences(before, after) == [Difference("ledger.positions", 0, 1, ["surplus ['a', '1']"])]
    assert differences(after, before) == [Difference("ledger.positions", 1, 0, ["missing ['a', '1']"])]
