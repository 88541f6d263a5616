"""What a materialization shows: previews, checks, lineage."""

import pytest

from platform_assets.reports import Check, column_lineage, preview
from resources.sql import Model, statement
from resources.warehouse import DuckDbWarehouse, Session

CUSTOMER = (
    "INSERT INTO crm.customers (customer_id, first_name, email, street_text, has_marketing_consent)"
    " SELECT :id, :name, 'ann@doe.example', '1 Main St', TRUE"
)


def _add(session: Session, customer_id: str, name: str) -> None:
    session.execute(statement(CUSTOMER), {"id": customer_id, "name": name})


def test_a_preview_is_a_table_of_the_first_rows_without_what_is_personal(
    duckdb_warehouse: DuckDbWarehouse,
) -> None:
    with duckdb_warehouse.session() as session:
        for number in range(9):
            _add(session, f"C{number}", "Ann")
        lines = preview(session, "crm.customers").splitlines()
    assert lines[0].startswith("| customer_id | first_name |")
    assert len(lines) == 2 + 5
    assert {line.count("|") for line in lines} == {lines[0].count("|")}
    assert "ann@doe.example" not in "".join(lines)
    assert "1 Main St" not in "".join(lines)
    assert "•••" in lines[2]


@pytest.mark.parametrize(
    ("value", "shown"),
    [("a|b\nc", "a\\|b c"), ("x" * 99, "x" * 59 + "…"), ("", "")],
    ids=["pipe", "long", "empty"],
)
def test_a_preview_stays_a_table_whatever_a_value_holds(
    duckdb_warehouse: DuckDbWarehouse, value: str, shown: str
) -> None:
    with duckdb_warehouse.session() as session:
        _add(session, "C1", value)
        assert f"| C1 | {shown} |" in preview(session, "crm.customers")


def test_a_check_passes_without_offenders_and_counts_them_otherwise(
    duckdb_warehouse: DuckDbWarehouse,
) -> None:
    text = "SELECT COUNT(*) AS n FROM crm.customers WHERE first_name IS NULL"
    check = Check("named", "Everyone has a name.", text, blocking=False)
    with duckdb_warehouse.session() as session:
        assert check.result(session, "crm.customers").passed
        session.execute(
            statement("INSERT INTO crm.customers (customer_id, has_marketing_consent) SELECT 'C1', TRUE"), {}
        )
        failed = check.result(session, "crm.customers")
    assert not failed.passed
    assert failed.metadata["offenders"].value == 1
    assert failed.severity.value == "WARN"


def test_column_lineage_names_assets_and_columns() -> None:
    model = Model(
        "crm.customer_homes",
        "SELECT c.customer_id, a.address_id FROM crm.customers AS c JOIN geo.addresses AS a ON a.city = c.city",
    )
    found = column_lineage(model).deps_by_column
    assert [(dep.asset_key.to_user_string(), dep.column_name) for dep in found["address_id"]] == [
        ("geo/addresses", "address_id")
    ]
    assert [(dep.asset_key.to_user_string(), dep.column_name) for dep in found["customer_id"]] == [
        ("crm/customers", "customer_id")
    ]
