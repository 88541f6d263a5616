"""Whose a tweet is: `categories.sql` on both warehouses, each finding once."""

from platform_assets.customer360.categories import CATEGORIES
from resources.warehouse import Warehouse
from tests.models import assert_rows, build, fill

PEOPLE = {
    "geo__addresses": """
    address_id | building_id | building_dwellings
    house      | b_house     | 1
    family     | b_family    | 1
    mates      | b_mates     | 1
    flat_1     | b_flats     | 2
    flat_2     | b_flats     | 2
    block      | b_block     | 1
    empty      | b_empty     | 1
    empty_1    | b_empty_2   | 2
    twice      | b_twice     | 1
    """,
    "crm__customers": """
    customer_id | first_name | last_name
    ada         | Ada        | King
    ben         | Ben        | Cole
    bea         | Bea        | Cole
    cleo        | Cleo       | Ames
    dan         | Dan        | Bell
    eve         | Eve        | Dunn
    eve_2       | Eve        | Dunn
    fay         | Fay        | Ford
    gus         | Gus        | -
    ira         | Ira        | Moss
    ira_2       | Ira        | Moss
    """,
    "crm__household_members": """
    customer_id | person_id | household_id | address_id | kind
    ada         | P1        | H1           | house      | single
    ben         | P2        | H2           | family     | family
    bea         | P3        | H2           | family     | family
    cleo        | P4        | H3           | mates      | room_mates
    dan         | P5        | H4           | mates      | room_mates
    eve         | P6        | H5           | flat_1     | single
    eve_2       | P7        | H6           | flat_2     | single      -- a namesake in the same building
    fay         | P8        | H6           | flat_2     | single
    gus         | P9        | H7           | block      | ambiguous   -- without a surname nobody can be named
    ira         | P10       | H8           | twice      | single
    ira_2       | P10       | H8           | twice      | single      -- two records of one person
    """,
    "crm__households": """
    household_id | kind       | head_customer_id
    H1           | single     | ada
    H2           | family     | ben
    H3           | room_mates | cleo
    H4           | room_mates | dan
    H5           | single     | eve
    H6           | single     | fay
    H7           | ambiguous  | gus
    H8           | single     | ira
    """,
}


def test_a_located_tweet_is_a_customers_where_the_dwelling_or_the_name_says_whose(
    warehouse: Warehouse,
) -> None:
    fill(
        warehouse,
        **PEOPLE,
        tweets__tweets="""
        tweet_id | quadrant  | lon | lat | author_name | tweeted_at
        alone    | northwest | 1   | 1   | -           | 2026-11-01 -- one customer in the dwelling, whoever signs
        stranger | northwest | 1   | 1   | Zed Zorn    | -
        family   | northwest | 1   | 1   | -           | -          -- one of the family: its head is asked
        bea      | northwest | 1   | 1   | bea cole    | -          -- the family member of that name, in any case
        mates    | northwest | 1   | 1   | -           | -          -- one of those who share the dwelling
        dan      | northwest | 1   | 1   | Dan Bell    | -
        fay      | northwest | 1   | 1   | Fay Ford    | -          -- in a building of many, a name that only one has
        ira      | northwest | 1   | 1   | Ira Moss    | -          -- two records, one person
        twice    | northwest | 1   | 1   | -           | -
        """,
        tweets__located_tweets="""
        tweet_id | address_id | building_id | building_dwellings | distance_m
        alone    | house      | b_house     | 1                  | 12.5
        stranger | house      | b_house     | 1                  | 12.4
        family   | family     | b_family    | 1                  | 0
        bea      | family     | b_family    | 1                  | 49.6
        mates    | mates      | b_mates     | 1                  | 3
        dan      | mates      | b_mates     | 1                  | 3
        fay      | flat_1     | b_flats     | 2                  | 3
        ira      | twice      | b_twice     | 1                  | 3
        twice    | twice      | b_twice     | 1                  | 3
        """,
    )
    build(warehouse, CATEGORIES)
    assert_rows(
        warehouse,
        "customer360.categories",
        """
        tweet_id | category | customer_id | match_level | household_id | address_id | distance_m | tweeted_at | reason
        alone    | customer | ada         | person      | H1           | house      | 12.5       | 2026-11-01 | the only customer in the dwelling 13 m away
        stranger | customer | ada         | person      | H1           | house      | 12.4       | -          | the only customer in the dwelling 12 m away
        family   | customer | ben         | household   | H2           | family     | 0          | -          | one of 2 customers in the dwelling 0 m away
        bea      | customer | bea         | person      | H2           | family     | 49.6       | -          | a customer of the author's name lives in the building, 50 m away
        mates    | customer | -           | dwelling    | -            | mates      | 3          | -          | one of 2 customers of 2 households in the dwelling 3 m away: it cannot be told whose
        dan      | customer | dan         | person      | H4           | mates      | 3          | -          | a customer of the author's name lives in the building, 3 m away
        fay      | customer | fay         | person      | H6           | flat_1     | 3          | -          | a customer of the author's name lives in the building, 3 m away
        ira      | customer | ira         | person      | H8           | twice      | 3          | -          | a customer of the author's name lives in the building, 3 m away
        twice    | customer | ira         | person      | H8           | twice      | 3          | -          | the only customer in the dwelling 3 m away
        """,
    )


def test_every_other_tweet_is_a_prospects_coarse_outside_or_unlocated(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        **PEOPLE,
        tweets__tweets="""
        tweet_id    | quadrant  | lon   | lat  | author_name | place_name   | place_region
        flats       | northwest | 1     | 1    | -           | -            | -  -- many dwellings, no name
        eve         | northwest | 1     | 1    | Eve Dunn    | -            | -  -- two people of that name in the building
        block       | northwest | 1     | 1    | Gus         | -            | -  -- a crowd at one address
        empty       | northwest | 1     | 1    | Ada King    | -            | -  -- a customer's name, but not her dwelling
        empty_2     | northwest | 1     | 1    | -           | -            | -  -- many dwellings, no customer
        field       | northwest | 1     | 1    | -           | Avon, CT     | CT -- a point in Connecticut, no dwelling near
        boston      | -         | -71.0 | 42.3 | -           | Boston, MA   | MA
        swapped     | -         | 41.7  | -72  | -           | Hartford, CT | CT -- the point speaks before the place
        hartford    | -         | -     | -    | -           | Hartford, CT | CT
        new_york    | -         | -     | -    | -           | Albany, NY   | NY
        earth       | -         | -     | -    | -           | Earth        | -  -- a place of no state is not Connecticut
        nowhere     | -         | -     | -    | -           | -            | -
        """,
        tweets__located_tweets="""
        tweet_id | address_id | building_id | building_dwellings | distance_m
        flats    | flat_1     | b_flats     | 2                  | 3
        eve      | flat_1     | b_flats     | 2                  | 3
        block    | block      | b_block     | 1                  | 3
        empty    | empty      | b_empty     | 1                  | 3
        empty_2  | empty_1    | b_empty_2   | 2                  | 3
        """,
    )
    build(warehouse, CATEGORIES)
    assert_rows(
        warehouse,
        "customer360.categories",
        """
        tweet_id | category  | customer_id | match_level | household_id | address_id | reason
        flats    | prospect  | -           | -           | -            | flat_1     | building of 2 dwellings, and no customer in it has the author's name
        eve      | prospect  | -           | -           | -            | flat_1     | building of 2 dwellings, and no customer in it has the author's name
        block    | prospect  | -           | -           | -            | block      | block without units, and no customer in it has the author's name
        empty    | prospect  | -           | -           | -            | empty      | no customer in the dwelling 3 m away
        empty_2  | prospect  | -           | -           | -            | empty_1    | no customer in the dwelling 3 m away
        field    | unlocated | -           | -           | -            | -          | no dwelling within 50 m of the point
        boston   | outside   | -           | -           | -            | -          | the point is outside Connecticut
        swapped  | outside   | -           | -           | -            | -          | the point is outside Connecticut
        hartford | coarse    | -           | -           | -            | -          | only a place, Hartford, CT, no point
        new_york | outside   | -           | -           | -            | -          | only a place outside Connecticut, Albany, NY
        earth    | outside   | -           | -           | -            | -          | only a place outside Connecticut, Earth
        nowhere  | unlocated | -           | -           | -            | -          | neither point nor place
        """,
    )
