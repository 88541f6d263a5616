"""Families that the bank does not manage as one: `household_merges.sql` on both warehouses."""

from platform_assets.customer360.household_merges import HOUSEHOLD_MERGES
from resources.warehouse import Warehouse
from tests.models import assert_rows, build, fill


def test_a_family_of_two_people_that_is_not_managed_as_one_should_be_merged(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        crm__households="""
        household_id | address_id | surname | kind       | customers | people | head_customer_id | managed_as | unmanaged_customers
        H1           | a1         | KING    | family     | 2         | 2      | ada              | -          | 2 -- nobody is managed as a family
        H2           | a2         | COLE    | family     | 3         | 3      | ben              | COLE       | 1 -- one is left out
        H3           | a3         | AMES    | family     | 2         | 2      | cleo             | A1, A2     | 0 -- as two families
        H4           | a4         | BELL    | family     | 2         | 2      | dan              | BELL       | 0 -- as one already
        H5           | a5         | DUNN    | family     | 2         | 2      | eve              | DUNN, JOE  | 0 -- one family, whose name holds a comma
        H6           | a6         | FORD    | family     | 2         | 1      | fay              | -          | 2 -- two records of one person
        H7           | a7         | GRAY    | room_mates | 1         | 1      | gus              | -          | 1
        H8           | a8         | HALE    | ambiguous  | 9         | 9      | hal              | -          | 9
        """,
        crm__household_members="""
        customer_id | household_id | person_id
        ada         | H1           | P1
        ada_2       | H1           | P2
        ben         | H2           | P3
        ben_2       | H2           | P4
        ben_3       | H2           | P5
        cleo        | H3           | P6
        cleo_2      | H3           | P7
        dan         | H4           | P8
        dan_2       | H4           | P9
        eve         | H5           | P10
        eve_2       | H5           | P11
        fay         | H6           | P12
        fay_2       | H6           | P12
        gus         | H7           | P13
        hal         | H8           | P14
        """,
        crm__customers="""
        customer_id | managed_household
        ada         | -
        ada_2       | -
        ben         | COLE
        ben_2       | COLE
        ben_3       | -
        cleo        | A1
        cleo_2      | A2
        dan         | BELL
        dan_2       | BELL
        eve         | DUNN, JOE
        eve_2       | DUNN, JOE
        fay         | -
        fay_2       | -
        gus         | -
        hal         | -
        """,
        crm__portfolios="""
        portfolio_id | customer_id | value_usd | is_open
        p1           | ada         | 100.5     | true
        p2           | ada_2       | 50        | true
        p3           | ada_2       | 7         | false -- closed
        p4           | stranger    | 1000      | true
        """,
    )
    build(warehouse, HOUSEHOLD_MERGES)
    assert_rows(
        warehouse,
        "customer360.household_merges",
        """
        household_id | address_id | surname | customers | head_customer_id | value_usd | managed_as | reason
        H1           | a1         | KING    | 2         | ada              | 150.5     | -          | 2 customers named KING share a dwelling, but none of them is managed as a family
        H2           | a2         | COLE    | 3         | ben              | 0         | COLE       | 3 customers named COLE share a dwelling, but 1 of them outside the family COLE
        H3           | a3         | AMES    | 2         | cleo             | 0         | A1, A2     | 2 customers named AMES share a dwelling, but they are managed as A1, A2
        """,
    )
