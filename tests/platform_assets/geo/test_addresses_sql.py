"""One row per dwelling: `addresses.sql` on both warehouses.

Cells of the locality search are 0.02 degrees of longitude by 0.015 of latitude: -72.70 | -72.68 | ..., 41.76 | 41.775.
"""

import hashlib

from platform_assets.geo import quadrants
from platform_assets.geo.addresses import ADDRESSES
from resources.warehouse import Warehouse
from tests.models import assert_rows, build, fill

STREETS = """
street_text   | street    | unit
Main St       | MAIN ST   | -
Main Street   | MAIN ST   | -
MAIN ST APT 3 | MAIN ST   | 3
Elm St        | ELM ST    | -
Lone Rd       | LONE RD   | -
"""
UNITS = """
unit_text    | unit
apt 1        | 1
# 1          | 1
Unit #1      | 1
Apartment 2b | 2B
ste. 4       | 4
Penthouse    | PH
"""


def md5(*parts: str) -> str:
    """The id of these parts."""
    return hashlib.md5("|".join(parts).encode()).hexdigest()


def test_one_dwelling_in_several_files_is_one_address_and_the_newest_file_speaks(
    warehouse: Warehouse,
) -> None:
    fill(
        warehouse,
        geo__streets=STREETS,
        geo__raw_addresses="""
        file    | member | line | lon     | lat     | house_number | street      | unit | city     | postcode
        1.csv   | -      | 2    | -72.701 | 41.761  | 10           | Main St     | -    | Hartford | 06103
        2.csv   | -      | 9    | -72.702 | 41.762  | 10           | MAIN STREET | -    | -        | -        -- never read as a street
        2.csv   | -      | 9    | -72.702 | 41.762  | 10           | Main Street | ''   | HARTFORD | 6103-12  -- the same in other words
        2.csv   | -      | 100  | -72.703 | 41.763  | 10           | Main St     | -    | hartford | -        -- the later line, silent about the postcode
        3.zip   | b.csv  | 7    | -72.705 | 41.765  | 12a          | Elm St      | -    | Hartford | 06105
        3.zip   | a.csv  | 7    | -72.704 | 41.764  | 12A          | Elm St      | -    | Hartford | 06104    -- an earlier member, the same line
        """,
    )
    build(warehouse, ADDRESSES, **quadrants.PARAMETERS)
    assert_rows(
        warehouse,
        "geo.addresses",
        f"""
        address_id                                | building_id                           | house_number | street  | unit | city     | postcode | lon     | lat    | sources | files
        {md5("10", "MAIN ST", "", "HARTFORD")}    | {md5("10", "MAIN ST", "HARTFORD")}    | 10           | MAIN ST | ''   | HARTFORD | 06103    | -72.703 | 41.763 | 3       | 1.csv, 2.csv
        {md5("12A", "ELM ST", "", "HARTFORD")}    | {md5("12A", "ELM ST", "HARTFORD")}    | 12A          | ELM ST  | ''   | HARTFORD | 06105    | -72.705 | 41.765 | 2       | 3.zip
        """,
    )


def test_units_of_a_building_are_dwellings_of_it_however_they_are_written(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        geo__streets=STREETS,
        geo__units=UNITS,
        geo__raw_addresses="""
        file  | line | lon   | lat   | house_number | street        | unit         | city | postcode
        1.csv | 2    | -72.7 | 41.75 | 10           | Main St       | apt 1        | Avon | 06001
        2.csv | 2    | -72.7 | 41.75 | 10           | Main St       | # 1          | Avon | 06001
        3.csv | 2    | -72.7 | 41.75 | 10           | Main St       | Unit #1      | Avon | 06001 -- three ways to write one unit
        1.csv | 3    | -72.7 | 41.75 | 10           | Main St       | Apartment 2b | Avon | 06001
        1.csv | 4    | -72.7 | 41.75 | 10           | MAIN ST APT 3 | -            | Avon | 06001 -- the unit is in the street
        1.csv | 5    | -72.7 | 41.75 | 10           | Main St       | ste. 4       | Avon | 06001
        1.csv | 6    | -72.7 | 41.75 | 10           | Main St       | Penthouse    | Avon | 06001 -- a unit without a number
        1.csv | 7    | -72.7 | 41.75 | 12           | Main St       | -            | Avon | 06001 -- another building
        """,
    )
    build(warehouse, ADDRESSES, **quadrants.PARAMETERS)
    assert_rows(
        warehouse,
        "geo.addresses",
        """
        house_number | unit      | building_dwellings | sources | files
        10           | 1         | 5                  | 3       | 1.csv, 2.csv, 3.csv
        10           | 2B        | 5                  | 1       | 1.csv
        10           | 3         | 5                  | 1       | 1.csv
        10           | 4         | 5                  | 1       | 1.csv
        10           | PH        | 5                  | 1       | 1.csv
        12           | ''        | 1                  | 1       | 1.csv
        """,
    )


def test_a_locality_left_out_is_that_of_the_street_nearby_then_of_the_postcode_then_of_the_rows_around(
    warehouse: Warehouse,
) -> None:
    fill(
        warehouse,
        geo__streets=STREETS,
        geo__raw_addresses="""
        line | lon    | lat    | house_number | street  | city   | postcode
        1    | -72.71 | 41.765 | 1            | Main St | AVON   | 06001
        2    | -72.71 | 41.765 | 3            | Main St | AVON   | 06001
        3    | -72.71 | 41.765 | 5            | Main St | CANTON | 06019 -- a minority on the street
        4    | -72.71 | 41.765 | 1            | Elm St  | CANTON | 06019
        5    | -72.71 | 41.765 | 3            | Elm St  | CANTON | 06019
        6    | -72.71 | 41.765 | 5            | Elm St  | CANTON | 06019
        7    | -72.71 | 41.765 | 10           | Main St | -      | -     -- by street: AVON, though CANTON is all around
        8    | -72.69 | 41.765 | 12           | Main St | -      | -     -- by street, one cell to the east
        9    | -72.71 | 41.765 | 14           | Main St | -      | 06019 -- the street speaks before the postcode
        10   | -72.71 | 41.765 | 16           | Main St | CANTON | -     -- only the postcode is missing: the street's
        11   | -72.01 | 41.465 | 18           | Lone Rd | -      | 06001 -- far away: by postcode
        12   | -72.71 | 41.765 | 20           | Lone Rd | -      | -     -- no such street nearby: the cell's, CANTON
        """,
    )
    build(warehouse, ADDRESSES, **quadrants.PARAMETERS)
    assert_rows(
        warehouse,
        "geo.addresses",
        """
        house_number | street  | city   | postcode
        1            | MAIN ST | AVON   | 06001
        3            | MAIN ST | AVON   | 06001
        5            | MAIN ST | CANTON | 06019
        1            | ELM ST  | CANTON | 06019
        3            | ELM ST  | CANTON | 06019
        5            | ELM ST  | CANTON | 06019
        10           | MAIN ST | AVON   | 06001
        12           | MAIN ST | AVON   | 06001
        14           | MAIN ST | AVON   | 06019
        16           | MAIN ST | CANTON | 06001
        18           | LONE RD | AVON   | 06001
        20           | LONE RD | CANTON | 06019
        """,
    )


def test_where_nothing_names_a_locality_the_cell_keeps_two_towns_apart(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        geo__streets=STREETS,
        geo__raw_addresses="""
        file  | line | lon    | lat    | house_number | street  | city | postcode
        1.csv | 1    | -72.71 | 41.765 | 10           | Main St | -    | -
        2.csv | 1    | -72.71 | 41.766 | 10           | Main St | -    | -     -- the same house in another file
        1.csv | 2    | -73.31 | 41.265 | 10           | Main St | ''   | ''    -- another town's
        """,
    )
    build(warehouse, ADDRESSES, **quadrants.PARAMETERS)
    assert_rows(
        warehouse,
        "geo.addresses",
        """
        house_number | city            | postcode | sources | building_dwellings
        10           | CELL -3636 2784 | -        | 2       | 1
        10           | CELL -3666 2751 | -        | 1       | 1
        """,
    )


def test_the_nearer_cell_speaks_before_the_greater_number(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        geo__streets=STREETS,
        geo__raw_addresses="""
        line | lon    | lat    | house_number | street  | city   | postcode
        1    | -72.71 | 41.765 | 1            | Main St | AVON   | 06001
        2    | -72.69 | 41.765 | 3            | Main St | CANTON | 06019
        3    | -72.69 | 41.765 | 5            | Main St | CANTON | 06019 -- twice, but a cell away
        4    | -72.71 | 41.765 | 7            | Main St | -      | -
        5    | -72.65 | 41.765 | 9            | Main St | -      | -     -- two cells from CANTON: out of reach
        """,
    )
    build(warehouse, ADDRESSES, **quadrants.PARAMETERS)
    assert_rows(
        warehouse,
        "geo.addresses",
        """
        house_number | city            | postcode
        1            | AVON            | 06001
        3            | CANTON          | 06019
        5            | CANTON          | 06019
        7            | AVON            | 06001
        9            | CELL -3633 2784 | -
        """,
    )


def test_a_point_on_a_split_line_is_north_or_east_and_one_outside_the_state_is_nowhere(
    warehouse: Warehouse,
) -> None:
    fill(
        warehouse,
        geo__streets=STREETS,
        geo__raw_addresses="""
        line | lon         | lat        | house_number | street  | city
        1    | -72.644537  | 41.683924  | 1            | Main St | A    -- where both lines cross
        2    | -72.6445371 | 41.683924  | 2            | Main St | A
        3    | -72.644537  | 41.6839239 | 3            | Main St | A
        4    | -72.6445371 | 41.6839239 | 4            | Main St | A
        5    | -73.75      | 40.93      | 5            | Main St | A    -- the corner belongs to the box
        6    | -71.76      | 41.5       | 6            | Main St | A    -- its east and north edges do not
        7    | -72.5       | 42.07      | 7            | Main St | A
        8    | -73.5387    | 41.0534    | 8            | Main St | A    -- Stamford
        9    | 41.7        | -72.7      | 9            | Main St | A    -- swapped coordinates
        """,
    )
    build(warehouse, ADDRESSES, **quadrants.PARAMETERS)
    assert_rows(
        warehouse,
        "geo.addresses",
        """
        house_number | quadrant
        1            | northeast
        2            | northwest
        3            | southeast
        4            | southwest
        5            | southwest
        6            | -
        7            | -
        8            | southwest
        9            | -
        """,
    )
