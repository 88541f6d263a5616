"""The nearest dwelling within 50 m: `located_tweets.sql` on both warehouses.

On a sphere of 6371 km, a degree of latitude is 111,194.927 m: 10 m north of 41.7 is 41.7000899321.
"""

from platform_assets.tweets.located_tweets import LOCATED_TWEETS
from resources.warehouse import Warehouse
from tests.models import assert_rows, build, fill


def test_a_dwelling_at_50_m_counts_and_one_a_millimetre_farther_does_not(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        tweets__tweets="""
        tweet_id | quadrant  | lon   | lat
        inside   | northwest | -72.7 | 41.7
        edge     | northwest | -72.8 | 41.7
        outside  | northwest | -72.9 | 41.7
        exact    | northwest | -73.0 | 41.7
        """,
        geo__addresses="""
        address_id | building_id | building_dwellings | lon   | lat
        a1         | b1          | 1                  | -72.7 | 41.7004496518 -- 49.999 m north
        a2         | b2          | 1                  | -72.8 | 41.6995503393 -- 50.000 m south
        a3         | b3          | 1                  | -72.9 | 41.7004496697 -- 50.001 m north
        a4         | b4          | 3                  | -73.0 | 41.7          -- the very point
        """,
    )
    build(warehouse, LOCATED_TWEETS, ("quadrant", "northwest"), quadrant="northwest")
    assert_rows(
        warehouse,
        "tweets.located_tweets",
        """
        tweet_id | quadrant  | address_id | building_id | building_dwellings | distance_m | runner_up_distance_m
        inside   | northwest | a1         | b1          | 1                  | 49.999     | -
        edge     | northwest | a2         | b2          | 1                  | 50.000     | -
        exact    | northwest | a4         | b4          | 3                  | 0          | -
        """,
    )


def test_the_nearest_wins_a_tie_goes_to_the_smaller_id_and_the_runner_up_is_another_building(
    warehouse: Warehouse,
) -> None:
    fill(
        warehouse,
        tweets__tweets="""
        tweet_id | quadrant  | lon   | lat
        near     | northwest | -72.7 | 41.7
        tie      | northwest | -72.8 | 41.7
        units    | northwest | -72.9 | 41.7
        """,
        geo__addresses="""
        address_id | building_id | building_dwellings | lon   | lat
        a1         | b1          | 1                  | -72.7 | 41.7001798643 -- 20 m
        a2         | b2          | 1                  | -72.7 | 41.7000899321 -- 10 m
        a3         | b3          | 1                  | -72.7 | 41.7002697964 -- 30 m: third, not the runner-up
        a5         | b5          | 1                  | -72.8 | 41.7000899321 -- 10 m north
        a4         | b4          | 1                  | -72.8 | 41.6999100679 -- 10 m south, the smaller id
        a7         | b6          | 3                  | -72.9 | 41.7000899321
        a6         | b6          | 3                  | -72.9 | 41.7000899321 -- one point, many units: the smallest id stands for all
        a8         | b6          | 3                  | -72.9 | 41.7001798643 -- the same building is no runner-up
        a9         | b7          | 1                  | -72.9 | 41.7002697964
        """,
    )
    build(warehouse, LOCATED_TWEETS, ("quadrant", "northwest"), quadrant="northwest")
    assert_rows(
        warehouse,
        "tweets.located_tweets",
        """
        tweet_id | address_id | building_id | building_dwellings | distance_m | runner_up_distance_m
        near     | a2         | b2          | 1                  | 10         | 20
        tie      | a4         | b4          | 1                  | 10         | 10
        units    | a6         | b6          | 3                  | 10         | 30
        """,
    )


def test_neighbours_across_a_border_of_quadrants_and_cells_are_found_from_each_side(
    warehouse: Warehouse,
) -> None:
    fill(
        warehouse,
        tweets__tweets="""
        tweet_id | quadrant  | lon         | lat
        west     | northwest | -72.6446    | 41.7        -- 11 m west of its neighbour over the line
        east     | northeast | -72.6443    | 41.7
        corner   | northwest | -72.7005001 | 41.69969 -- north-east of it is another cell in both directions
        stray    | -         | -71.0       | 42.3        -- outside: in no quadrant
        """,
        geo__addresses="""
        address_id | building_id | quadrant  | building_dwellings | lon        | lat
        a1         | b1          | northeast | 1                  | -72.644467 | 41.7
        a2         | b2          | northwest | 1                  | -72.7003   | 41.69999
        a3         | b3          | -         | 1                  | -71.0      | 42.3
        """,
    )
    for quadrant in ("northeast", "northwest", "southeast", "southwest"):
        build(warehouse, LOCATED_TWEETS, ("quadrant", quadrant), quadrant=quadrant)
    assert_rows(
        warehouse,
        "tweets.located_tweets",
        """
        tweet_id | quadrant  | address_id
        west     | northwest | a1
        east     | northeast | a1
        corner   | northwest | a2
        """,
    )


def test_only_the_quadrant_that_is_built_is_touched(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        tweets__tweets="""
        tweet_id | quadrant  | lon   | lat
        north    | northwest | -72.7 | 41.7
        south    | southwest | -72.7 | 41.2
        """,
        geo__addresses="""
        address_id | building_id | building_dwellings | lon   | lat
        a1         | b1          | 1                  | -72.7 | 41.7
        a2         | b2          | 1                  | -72.7 | 41.2
        """,
    )
    build(warehouse, LOCATED_TWEETS, ("quadrant", "northwest"), quadrant="northwest")
    assert_rows(warehouse, "tweets.located_tweets", "tweet_id\nnorth")
    build(warehouse, LOCATED_TWEETS, ("quadrant", "southwest"), quadrant="southwest")
    assert_rows(warehouse, "tweets.located_tweets", "tweet_id\nnorth\nsouth")
