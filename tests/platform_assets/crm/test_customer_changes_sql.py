"""What changed in the CRM and when: `customer_changes.sql` on both warehouses."""

from platform_assets.crm.customer_changes import CUSTOMER_CHANGES
from resources.warehouse import Warehouse
from tests.models import assert_rows, build, fill


def test_a_life_in_the_crm_is_told_change_by_change(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        crm__raw_customers="""
        customer_id | extract_id         | extracted_at        | operation | city     | postcode | birth_date | marketing_consent
        ada         | customers/00000001 | 2026-01-01 02:00:00 | upsert    | Hartford | 06103    | 1980-02-03 | -
        ada         | customers/00000002 | 2026-01-02 02:00:00 | upsert    | Avon     | 06103    | 1980-02-03 | false -- no word and no are the same consent
        ada         | customers/00000003 | 2026-01-03 02:00:00 | upsert    | Avon     | -        | 1980-02-04 | true  -- three at once, one to nothing
        ada         | customers/00000004 | 2026-01-04 02:00:00 | delete    | -        | -        | -          | -     -- emptied columns of a deletion are no changes
        ada         | customers/00000005 | 2026-01-05 02:00:00 | upsert    | Bolton   | 06043    | 1980-02-04 | true  -- back, wherever to
        ada         | customers/00000006 | 2026-01-06 02:00:00 | upsert    | Bolton   | 06043    | 1980-02-04 | true  -- a row whose change is not among the columns
        ben         | customers/00000006 | 2026-01-06 02:00:00 | upsert    | Hartford | -        | -          | -     -- his own first row
        """,
    )
    build(warehouse, CUSTOMER_CHANGES)
    assert_rows(
        warehouse,
        "crm.customer_changes",
        """
        customer_id | changed_at          | change            | old_value  | new_value
        ada         | 2026-01-01 02:00:00 | created           | -          | -
        ada         | 2026-01-02 02:00:00 | city              | Hartford   | Avon
        ada         | 2026-01-03 02:00:00 | postcode          | 06103      | -
        ada         | 2026-01-03 02:00:00 | birth_date        | 1980-02-03 | 1980-02-04
        ada         | 2026-01-03 02:00:00 | marketing_consent | false      | true
        ada         | 2026-01-04 02:00:00 | deleted           | -          | -
        ada         | 2026-01-05 02:00:00 | restored          | -          | -
        ben         | 2026-01-06 02:00:00 | created           | -          | -
        """,
    )


def test_each_column_of_a_customer_is_watched(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        crm__raw_customers="""
        customer_id | extract_id | operation | first_name | last_name | email | phone | street | unit | city | state | postcode | managed_household
        ada         | 1          | upsert    | a          | a         | a     | a     | a      | a    | a    | a     | a        | a
        ada         | 2          | upsert    | b          | b         | b     | b     | b      | b    | b    | b     | b        | b
        """,
    )
    build(warehouse, CUSTOMER_CHANGES)
    assert_rows(
        warehouse,
        "crm.customer_changes",
        """
        change            | old_value | new_value
        created           | -         | -
        first_name        | a         | b
        last_name         | a         | b
        email             | a         | b
        phone             | a         | b
        street            | a         | b
        unit              | a         | b
        city              | a         | b
        state             | a         | b
        postcode          | a         | b
        managed_household | a         | b
        """,
    )
