"""Who lives together and heads it: `households.sql` on both warehouses."""

from platform_assets.crm.households import HOUSEHOLDS
from resources.warehouse import Warehouse
from tests.models import assert_rows, build, fill


def test_a_household_counts_its_records_and_people_and_is_headed_by_the_longest_standing(
    warehouse: Warehouse,
) -> None:
    fill(
        warehouse,
        crm__household_members="""
        customer_id | person_id | household_id | address_id | kind
        ada         | P1        | H1           | a1         | family
        adah        | P1        | H1           | a1         | family   -- a second record of one person
        ben         | P2        | H1           | a1         | family
        cleo        | P3        | H2           | a2         | single
        dan         | P4        | H3           | -          | unplaced -- no dwelling is known
        gone        | P5        | H3           | -          | unplaced -- the CRM has deleted this one
        eve         | P6        | H4           | a4         | family
        fay         | P7        | H4           | a4         | family
        gus         | P8        | H5           | a5         | family
        hal         | P9        | H5           | a5         | family
        lost        | P10       | H6           | a6         | single   -- nobody is left of this household
        """,
        crm__customers="""
        customer_id | last_name | managed_household | created_at
        ada         | King      | KING              | 2015-05-05
        adah        | King      | -                 | 2019-01-01
        ben         | KING      | KING              | 2012-01-01          -- before the others
        cleo        | Ames      | -                 | -                   -- no time at all
        dan         | Bell      | -                 | 2020-01-01
        eve         | Cole      | COLE 2            | 2020-01-01 00:00:00.5
        fay         | Cole      | COLE 1            | 2020-01-01 00:00:00 -- half a second before
        gus         | Dunn      | -                 | -
        hal         | Dunn      | -                 | -                   -- neither has a time: the smaller id
        """,
    )
    build(warehouse, HOUSEHOLDS)
    assert_rows(
        warehouse,
        "crm.households",
        """
        household_id | address_id | surname | kind     | customers | people | head_customer_id | managed_as     | unmanaged_customers
        H1           | a1         | KING    | family   | 3         | 2      | ben              | KING           | 1
        H2           | a2         | AMES    | single   | 1         | 1      | cleo             | -              | 1
        H3           | -          | BELL    | unplaced | 1         | 1      | dan              | -              | 1
        H4           | a4         | COLE    | family   | 2         | 2      | fay              | COLE 1, COLE 2 | 0
        H5           | a5         | DUNN    | family   | 2         | 2      | gus              | -              | 2
        """,
    )
