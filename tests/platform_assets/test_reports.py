"""What a materialization tells: checks and lineage."""

from platform_assets.reports import Check, column_lineage
from resources.sql import Model, statement
from resources.warehouse import DuckDbWarehouse


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
