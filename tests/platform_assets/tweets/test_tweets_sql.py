"""One row per tweet: `tweets.sql` on both warehouses."""

from platform_assets.geo import quadrants
from platform_assets.tweets.tweets import TWEETS
from resources.warehouse import Warehouse
from tests.models import assert_rows, build, fill


def test_a_tweet_whose_message_came_often_is_one_row_told_by_its_first_message(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        tweets__raw_tweets="""
        tweet_id | topic  | log_partition | log_offset | text   | published_at        | created_at
        t1       | tweets | 0             | 10         | edited | 2026-11-01 10:00:00 | 2026-11-01 09:00:00
        t1       | tweets | 0             | 9          | first  | 2026-11-01 09:00:00 | 2026-11-01 09:00:00 -- published at one time: the smaller offset, as a number
        t1       | tweets | 1             | 1          | other  | 2026-11-01 09:00:00 | 2026-11-01 09:00:00
        t2       | tweets | 0             | 11         | alone  | 2026-11-01 10:00:00 | -                   -- no time of its own: when it was published
        t3       | tweets | 0             | 12         | never  | -                   | -
        t4       | tweets | 0             | 14         | later  | 2026-11-01 11:00:00 | 2026-11-01 10:00:00
        t4       | tweets | 1             | 2          | sooner | 2026-11-01 10:30:00 | 2026-11-01 10:00:00 -- the earlier one speaks, whatever its partition
        t5       | tweets | 0             | 15         | ahead  | 2026-11-01 11:00:00 | 2099-01-01 00:00:00 -- a clock that runs ahead
        """,
    )
    build(warehouse, TWEETS, **quadrants.PARAMETERS)
    assert_rows(
        warehouse,
        "tweets.tweets",
        """
        tweet_id | text  | tweeted_at          | copies | topic  | log_partition | log_offset
        t1       | first | 2026-11-01 09:00:00 | 3      | tweets | 0             | 9
        t2       | alone | 2026-11-01 10:00:00 | 1      | tweets | 0             | 11
        t3       | never | -                   | 1      | tweets | 0             | 12
        t4       | sooner | 2026-11-01 10:00:00 | 2     | tweets | 1             | 2
        t5       | ahead | 2026-11-01 11:00:00 | 1      | tweets | 0             | 15
        """,
    )


def test_a_tweet_has_the_quadrant_of_its_exact_point(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        tweets__raw_tweets="""
        tweet_id | log_offset | lon         | lat        | place_name   | place_region | lang | screen_name | author_name
        split    | 1          | -72.644537  | 41.683924  | -            | -            | en   | ada         | Ada King -- on both lines
        west     | 2          | -72.6445371 | 41.683924  | -            | -            | en   | ada         | Ada King
        south    | 3          | -72.644537  | 41.6839239 | -            | -            | en   | ada         | Ada King
        stamford | 4          | -73.5387    | 41.0534    | -            | -            | en   | ada         | Ada King
        boston   | 5          | -71.0589    | 42.3601    | Boston, MA   | MA           | en   | ada         | Ada King
        place    | 6          | -           | -          | Hartford, CT | CT           | es   | -           | -        -- a place is no point
        """,
    )
    build(warehouse, TWEETS, **quadrants.PARAMETERS)
    assert_rows(
        warehouse,
        "tweets.tweets",
        """
        tweet_id | quadrant  | lon         | lat        | place_name   | place_region | lang | screen_name | author_name
        split    | northeast | -72.644537  | 41.683924  | -            | -            | en   | ada         | Ada King
        west     | northwest | -72.6445371 | 41.683924  | -            | -            | en   | ada         | Ada King
        south    | southeast | -72.644537  | 41.6839239 | -            | -            | en   | ada         | Ada King
        stamford | southwest | -73.5387    | 41.0534    | -            | -            | en   | ada         | Ada King
        boston   | -         | -71.0589    | 42.3601    | Boston, MA   | MA           | en   | ada         | Ada King
        place    | -         | -           | -          | Hartford, CT | CT           | es   | -           | -
        """,
    )
