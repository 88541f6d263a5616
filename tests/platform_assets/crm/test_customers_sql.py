"""The customers that the CRM holds now: `customers.sql` on both warehouses, and `portfolios.sql`, its twin."""

from platform_assets.crm.customers import CUSTOMERS
from platform_assets.crm.portfolios import PORTFOLIOS
from resources.warehouse import Warehouse
from tests.models import assert_rows, build, fill, put, table


def test_the_latest_version_of_a_customer_counts_and_a_deleted_one_is_gone(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        crm__raw_customers="""
        customer_id | extract_id         | operation | first_name | updated_at
        ada         | customers/00000001 | upsert    | Ada        | 2026-01-01
        ada         | customers/00000002 | upsert    | Adah       | 2026-02-01 -- the second extraction speaks
        ben         | customers/00000001 | upsert    | Ben        | 2026-01-01
        ben         | customers/00000002 | delete    | -          | -          -- gone from the CRM
        cleo        | customers/00000001 | upsert    | Cleo       | 2026-01-01
        cleo        | customers/00000002 | delete    | -          | -
        cleo        | customers/00000003 | upsert    | Cleo       | 2025-01-01 -- came back, with an older time
        dan         | customers/00000009 | upsert    | Dan        | 2026-01-01
        dan         | customers/00000010 | upsert    | Daniel     | 2026-01-01 -- the number of an extraction, not its text
        eve         | customers/00000001 | delete    | -          | -
        eve         | customers/00000001 | upsert    | Eve        | 2026-01-01 -- both in one extraction: she is there
        """,
    )
    build(warehouse, CUSTOMERS)
    assert_rows(
        warehouse,
        "crm.customers",
        """
        customer_id | first_name | updated_at
        ada         | Adah       | 2026-02-01
        cleo        | Cleo       | 2025-01-01
        dan         | Daniel     | 2026-01-01
        eve         | Eve        | 2026-01-01
        """,
    )


def test_what_the_crm_writes_freely_gets_one_form(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        crm__raw_customers="""
        customer_id | operation | email       | phone            | street     | city     | state | postcode   | managed_household | marketing_consent
        ada         | upsert    | Ada@X.com   | (860) 555-01 23  | 10 Main St | hartford | ct    | 06103      | F1                | true
        ben         | upsert    | ''          | +1.203.555.0100  | ''         | ''       | ''    | ''         | ''                | -    -- empty is nothing, and no word is no consent
        cleo        | upsert    | -           | none             | -          | -        | -     | 6103       | -                 | false -- a postcode that lost its zero, a phone without a digit
        dan         | upsert    | -           | -                | -          | -        | -     | 06103-1234 | -                 | false -- ZIP+4
        eve         | upsert    | -           | -                | -          | -        | -     | 6103-1234  | -                 | false -- both
        """,
    )
    build(warehouse, CUSTOMERS)
    assert_rows(
        warehouse,
        "crm.customers",
        """
        customer_id | email     | phone       | street_text | city     | state | postcode | managed_household | has_marketing_consent
        ada         | ada@x.com | 8605550123  | 10 Main St  | HARTFORD | CT    | 06103    | F1                | true
        ben         | -         | 12035550100 | -           | -        | -     | -        | -                 | false
        cleo        | -         | -           | -           | -        | -     | 06103    | -                 | false
        dan         | -         | -           | -           | -        | -     | 06103    | -                 | false
        eve         | -         | -           | -           | -        | -     | 06103    | -                 | false
        """,
    )


def test_blanks_around_a_text_are_no_part_of_it(warehouse: Warehouse) -> None:
    rows = table("crm.raw_customers", "customer_id | operation\nada | upsert\nben | upsert")
    texts = {
        "first_name": "Ada",
        "last_name": "King",
        "email": "a@x.com",
        "city": "Hartford",
        "unit": "4B",
        "postcode": "06103",
    }
    rows[0] |= {name: f"  {text} " for name, text in texts.items()}
    rows[1] |= dict.fromkeys(("email", "city", "unit", "street", "postcode", "state"), "  ")
    put(warehouse, {"crm.raw_customers": rows})
    build(warehouse, CUSTOMERS)
    assert_rows(
        warehouse,
        "crm.customers",
        """
        customer_id | first_name | last_name | email   | city     | unit | postcode | state | street_text
        ada         | Ada        | King      | a@x.com | HARTFORD | 4B   | 06103    | -     | -
        ben         | -          | -         | -       | -        | -    | -        | -     | -
        """,
    )


def test_portfolios_are_the_latest_versions_with_what_is_missing_filled_in(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        crm__raw_portfolios="""
        portfolio_id | extract_id          | operation | customer_id | product  | value_usd | opened_at  | closed_at
        p1           | portfolios/00000001 | upsert    | ada         | Mortgage | 100       | 2020-01-01 | -
        p1           | portfolios/00000002 | upsert    | ben         | Mortgage | 90.5      | 2020-01-01 | -          -- changed hands
        p2           | portfolios/00000001 | upsert    | ada         | -        | -         | 2020-01-01 | 2024-05-06 -- closed, product and value unknown
        p3           | portfolios/00000001 | upsert    | ada         | checking | 5         | -          | -
        p3           | portfolios/00000002 | delete    | -           | -        | -         | -          | -          -- gone
        """,
    )
    build(warehouse, PORTFOLIOS)
    assert_rows(
        warehouse,
        "crm.portfolios",
        """
        portfolio_id | customer_id | product  | value_usd | closed_at  | is_open
        p1           | ben         | mortgage | 90.5      | -          | true
        p2           | ada         | unknown  | 0         | 2024-05-06 | false
        """,
    )
