"""Which dwelling a customer's address means: `customer_homes.sql` on both warehouses."""

from platform_assets.crm.customer_homes import CUSTOMER_HOMES
from resources.warehouse import Warehouse
from tests.models import assert_rows, build, fill

STREETS = """
street_text         | house_number | street            | unit
10 Main St          | 10           | MAIN ST           | -
10 Main Street #2   | 10           | MAIN ST           | 2
10 Maine St         | 10           | MAINE ST          | -
10 Mian St          | 10           | MIAN ST           | -
10 Elm St           | 10           | ELM ST            | -
7 Park Ave          | 7            | PARK AVE          | -
7 Pork Ave          | 7            | PORK AVE          | -
7 Completely Other  | 7            | COMPLETELY OTHER  | -
Main St             | -            | MAIN ST           | -
"""
UNITS = """
unit_text | unit
Apt. 1    | 1
# 2       | 2
unit 2    | 2
4B        | 4B
"""


def test_an_address_that_is_in_the_files_is_found_by_town_or_by_postcode(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        geo__streets=STREETS,
        geo__units=UNITS,
        geo__addresses="""
        address_id | house_number | street  | unit | city     | postcode | building_id | building_dwellings
        a1         | 10           | MAIN ST | ''   | HARTFORD | 06103    | b1          | 1
        a2         | 10           | MAIN ST | ''   | AVON     | 06001    | b2          | 1
        a3         | 10           | ELM ST  | 1    | AVON     | 06001    | b3          | 2
        a4         | 10           | ELM ST  | 2    | AVON     | 06001    | b3          | 2
        """,
        crm__customers="""
        customer_id | street_text       | unit   | city          | state | postcode
        both        | 10 Main St        | -      | HARTFORD      | CT    | 06103 -- town and postcode agree
        town        | 10 Main St        | -      | AVON          | CT    | -     -- the town alone
        wrong_code  | 10 Main St        | -      | AVON          | CT    | 06103 -- the town speaks before the postcode
        postcode    | 10 Main St        | -      | WEST HARTFORD | CT    | 06103 -- a village or a wrong town, right postcode
        no_state    | 10 Main St        | -      | AVON          | -     | 06001 -- no state is this state
        unit_1      | 10 Elm St         | Apt. 1 | AVON          | CT    | 06001 -- designators of units are no part of them
        unit_2      | 10 Elm St         | # 2    | AVON          | CT    | 06001
        unit_2_too  | 10 Elm St         | unit 2 | AVON          | CT    | 06001
        """,
    )
    build(warehouse, CUSTOMER_HOMES)
    assert_rows(
        warehouse,
        "crm.customer_homes",
        """
        customer_id | address_id | method | score | explanation
        both        | a1         | exact  | 1     | number, street, unit and town agree
        town        | a2         | exact  | 1     | number, street, unit and town agree
        wrong_code  | a2         | exact  | 1     | number, street, unit and town agree
        postcode    | a1         | exact  | 1     | number, street, unit and postcode agree
        no_state    | a2         | exact  | 1     | number, street, unit and town agree
        unit_1      | a3         | exact  | 1     | number, street, unit and town agree
        unit_2      | a4         | exact  | 1     | number, street, unit and town agree
        unit_2_too  | a4         | exact  | 1     | number, street, unit and town agree
        """,
    )


def test_a_like_street_or_a_unit_that_the_files_do_not_know_is_fuzzy_with_a_score(
    warehouse: Warehouse,
) -> None:
    fill(
        warehouse,
        geo__streets=STREETS,
        geo__units=UNITS,
        geo__addresses="""
        address_id | house_number | street   | unit | city     | postcode | building_id | building_dwellings
        a1         | 10           | MAIN ST  | ''   | HARTFORD | 06103    | b1          | 1
        a2         | 7            | PARK AVE | ''   | AVON     | 06001    | b2          | 1
        """,
        crm__customers="""
        customer_id | street_text       | unit | city     | state | postcode
        typo        | 10 Maine St       | -    | HARTFORD | CT    | 06103 -- one letter of eight
        swapped     | 10 Mian St        | -    | HARTFORD | CT    | 06103 -- two of seven
        typo_town   | 7 Pork Ave        | -    | -        | CT    | 06001 -- one letter, and the postcode only
        typo_code   | 7 Pork Ave        | -    | AVON     | CT    | -     -- one letter, and the town only
        new_unit    | 10 Main St        | 4B   | HARTFORD | CT    | 06103 -- a unit of a building that has one dwelling
        in_street   | 10 Main Street #2 | -    | HARTFORD | CT    | 06103 -- the unit is in the street line
        """,
    )
    build(warehouse, CUSTOMER_HOMES)
    assert_rows(
        warehouse,
        "crm.customer_homes",
        """
        customer_id | address_id | method | score  | explanation
        typo        | a1         | fuzzy  | 0.875  | number agrees, street MAINE ST read as MAIN ST; town agrees, postcode agrees
        swapped     | a1         | fuzzy  | 0.7143 | number agrees, street MIAN ST read as MAIN ST; town agrees, postcode agrees
        typo_town   | a2         | fuzzy  | 0.855  | number agrees, street PORK AVE read as PARK AVE; town differs, postcode agrees
        typo_code   | a2         | fuzzy  | 0.865  | number agrees, street PORK AVE read as PARK AVE; town agrees, postcode differs or is missing
        new_unit    | a1         | fuzzy  | 0.95   | number and street agree; unit not in the address files; town agrees, postcode agrees
        in_street   | a1         | fuzzy  | 0.95   | number and street agree; unit not in the address files; town agrees, postcode agrees
        """,
    )


def test_a_customer_without_a_certain_dwelling_has_none_and_is_told_why(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        geo__streets=STREETS,
        geo__units=UNITS,
        geo__addresses="""
        address_id | house_number | street    | unit | city     | postcode | building_id | building_dwellings
        a1         | 10           | ELM ST    | 1    | AVON     | 06001    | b1          | 2
        a2         | 10           | ELM ST    | 2    | AVON     | 06001    | b1          | 2
        a7         | 10           | ELK ST    | ''   | AVON     | 06001    | b6          | 1 -- a like street is no home while the building itself is known
        a3         | 7            | PARK AVE  | ''   | HARTFORD | 06103    | b2          | 1
        a4         | 7            | PORT AVE  | ''   | HARTFORD | 06103    | b3          | 1
        a5         | 10           | MAIN ST   | ''   | CANTON   | 06019    | b4          | 1
        a6         | 10           | MAIN ST   | ''   | COLLINS  | 06019    | b5          | 1
        """,
        crm__customers="""
        customer_id | street_text      | unit | city     | state | postcode
        no_unit     | 10 Elm St        | -    | AVON     | CT    | 06001 -- a building of two, and no unit
        other_unit  | 10 Elm St        | 9    | AVON     | CT    | 06001 -- a unit that the building has not
        guess       | 7 Pork Ave       | -    | HARTFORD | CT    | 06103 -- two streets are about equally like it
        two_towns   | 10 Main St       | -    | -        | CT    | 06019 -- one text, two towns of one postcode
        unlike      | 7 Completely Other | -  | HARTFORD | CT    | 06103 -- no street is like it
        elsewhere   | 10 Elm St        | 1    | AVON     | NY    | 06001 -- another state's Avon
        no_number   | Main St          | -    | HARTFORD | CT    | 06103
        no_street   | -                | -    | HARTFORD | CT    | 06103
        unread      | 1 New St         | -    | HARTFORD | CT    | 06103 -- its street has not been read yet
        no_place    | 10 Main St       | -    | -        | CT    | -     -- a number and a street of nowhere
        """,
    )
    build(warehouse, CUSTOMER_HOMES)
    assert_rows(
        warehouse,
        "crm.customer_homes",
        """
        customer_id | address_id | method | score | explanation
        no_unit     | -          | none   | 0     | building of 2 dwellings, and the unit is missing or unknown
        other_unit  | -          | none   | 0     | building of 2 dwellings, and the unit is missing or unknown
        guess       | -          | none   | 0     | several addresses are about equally like it
        two_towns   | -          | none   | 0     | several addresses are about equally like it
        unlike      | -          | none   | 0     | no address of that number and a like street in the town or postcode
        elsewhere   | -          | none   | 0     | no street in Connecticut given
        no_number   | -          | none   | 0     | no house number given
        no_street   | -          | none   | 0     | no street in Connecticut given
        unread      | -          | none   | 0     | no street in Connecticut given
        no_place    | -          | none   | 0     | no address of that number and a like street in the town or postcode
        """,
    )


def test_of_two_candidates_the_clearly_better_one_is_taken(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        geo__streets="""
        street_text          | house_number | street
        5 Abcdefghijklmnopqr | 5            | ABCDEFGHIJKLMNOPQRST
        6 Oak St             | 6            | OAK ST
        """,
        geo__addresses="""
        address_id | house_number | street               | unit | city | postcode | building_id | building_dwellings
        a1         | 5            | ABCDEFGHIJKLMNOPQRSX | ''   | AVON | 06001    | b1          | 1
        a2         | 5            | ABCDEFGHIJKLMNOPQRXX | ''   | AVON | 06001    | b2          | 1
        a3         | 6            | OAK ST               | ''   | AVON | 06001    | b3          | 1
        a4         | 6            | OAK ST               | ''   | ALMA | 06001    | b4          | 1
        """,
        crm__customers="""
        customer_id | street_text          | city | state | postcode
        by_a_letter | 5 Abcdefghijklmnopqr | AVON | CT    | 06001 -- 0.95 and 0.90: just enough apart
        by_town     | 6 Oak St             | AVON | CT    | 06001 -- the same text twice in a postcode, the town decides
        """,
    )
    build(warehouse, CUSTOMER_HOMES)
    assert_rows(
        warehouse,
        "crm.customer_homes",
        """
        customer_id | address_id | method | score
        by_a_letter | a1         | fuzzy  | 0.95
        by_town     | a3         | exact  | 1
        """,
    )
