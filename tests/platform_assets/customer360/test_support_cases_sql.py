"""Complaints that follow each other are one case: `support_cases.sql` on both warehouses."""

import datetime as dt
import hashlib

from platform_assets.customer360.support_cases import SUPPORT_CASES
from resources.warehouse import Warehouse
from tests.models import assert_rows, build, fill

DECEMBER = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)


def case(customer_id: str, first_tweet_id: str) -> str:
    """The id of a case."""
    return hashlib.md5(f"{customer_id}|{first_tweet_id}".encode()).hexdigest()


def test_complaints_less_than_14_days_apart_are_one_case(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        customer360__categories="""
        tweet_id | category | customer_id | match_level | household_id | tweeted_at
        t1       | customer | ada         | person      | H1           | 2026-10-01 12:00:00
        t2       | customer | ada         | household   | H1           | 2026-10-15 11:59:59 -- a second before 14 days: the same case
        t3       | customer | ada         | person      | H1           | 2026-10-29 11:59:59 -- 14 days to the second: the next one
        t4       | customer | ada         | person      | H1           | 2026-10-30 00:00:00 -- no complaint
        b2       | customer | ben         | person      | H2           | 2026-11-20 10:00:00
        b1       | customer | ben         | person      | H2           | 2026-11-20 10:00:00 -- at the same moment: the smaller id is first
        c1       | customer | cleo        | household   | H3           | -                   -- without a time no case
        p1       | prospect | -           | -           | -            | 2026-11-20 10:00:00 -- nobody to call
        u1       | customer | dan         | person      | H4           | 2026-11-20 10:00:00 -- not scored yet
        """,
        tweets__scored_tweets="""
        tweet_id | is_complaint | topic       | sentiment | reason
        t1       | true         | service     | -0.2      | says 'no answer'
        t2       | true         | investments | -0.3      | says 'lost'
        t3       | true         | advice      | -0.4      | says 'late'
        t4       | false        | advice      | 0.5       | -
        b1       | true         | service     | -         | says 'rude'
        b2       | true         | markets     | -         | says 'slow'
        c1       | true         | service     | -0.9      | says 'bad'
        p1       | true         | service     | -0.9      | says 'bad'
        """.replace("| -\n", "| ''\n"),
    )
    build(warehouse, SUPPORT_CASES, as_of=DECEMBER)
    assert_rows(
        warehouse,
        "customer360.support_cases",
        f"""
        case_id             | customer_id | household_id | match_level | state  | topic   | complaints | opened_at           | last_complaint_at   | closes_at           | first_tweet_id | reason
        {case("ada", "t1")} | ada         | H1           | person      | closed | service | 2          | 2026-10-01 12:00:00 | 2026-10-15 11:59:59 | 2026-10-29 11:59:59 | t1             | 2 complaints, first: says 'no answer'; portfolios of 0 USD
        {case("ada", "t3")} | ada         | H1           | person      | closed | advice  | 1          | 2026-10-29 11:59:59 | 2026-10-29 11:59:59 | 2026-11-12 11:59:59 | t3             | 1 complaint: says 'late'; portfolios of 0 USD
        {case("ben", "b1")} | ben         | H2           | person      | open   | service | 2          | 2026-11-20 10:00:00 | 2026-11-20 10:00:00 | 2026-12-04 10:00:00 | b1             | 2 complaints, first: says 'rude'; portfolios of 0 USD
        """,
    )


def test_a_case_is_looked_at_as_of_a_moment(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        customer360__categories="""
        tweet_id | category | customer_id | match_level | tweeted_at
        t1       | customer | ada         | person      | 2026-11-01 12:00:00
        t2       | customer | ada         | person      | 2026-11-05 12:00:00 -- later than the first look
        """,
        tweets__scored_tweets="""
        tweet_id | is_complaint
        t1       | true
        t2       | true
        """,
    )
    noon = dt.datetime(2026, 11, 5, 12, tzinfo=dt.UTC)
    a_second = dt.timedelta(seconds=1)
    for as_of, expected in (
        (dt.datetime(2026, 11, 1, 11, 59, tzinfo=dt.UTC), "complaints | state"),
        (noon - a_second, "complaints | state \n 1 | open"),
        (noon, "complaints | state \n 2 | open"),
        (noon + dt.timedelta(days=14) - a_second, "complaints | state \n 2 | open"),
        (noon + dt.timedelta(days=14), "complaints | state \n 2 | closed"),
        (
            dt.datetime(2026, 11, 5, 6, 59, 59, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
            "complaints | state \n 1 | open",
        ),
    ):
        build(warehouse, SUPPORT_CASES, as_of=as_of)
        assert_rows(warehouse, "customer360.support_cases", expected)


def test_priority_is_by_wealth_then_by_how_often_and_how_bitterly(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        customer360__categories="""
        tweet_id | category | customer_id | match_level | tweeted_at
        1        | customer | rich        | person      | 2026-11-01
        2        | customer | nearly_rich | person      | 2026-11-01
        3        | customer | well_off    | person      | 2026-11-01
        4        | customer | poor        | person      | 2026-11-01
        5        | customer | bitter      | person      | 2026-11-01
        6        | customer | sour        | person      | 2026-11-01
        7        | customer | twice       | person      | 2026-11-01
        8        | customer | twice       | person      | 2026-11-02
        9        | customer | thrice      | person      | 2026-11-01
        10       | customer | thrice      | person      | 2026-11-02
        11       | customer | thrice      | person      | 2026-11-03
        12       | customer | was_rich    | person      | 2026-11-01
        """,
        tweets__scored_tweets="""
        tweet_id | is_complaint | sentiment
        1        | true         | -0.1
        2        | true         | -0.1
        3        | true         | -0.1
        4        | true         | -0.1
        5        | true         | -0.6
        6        | true         | -0.5999
        7        | true         | -0.1
        8        | true         | -0.1
        9        | true         | -0.1
        10       | true         | -0.1
        11       | true         | -0.1
        12       | true         | -
        """,
        crm__portfolios="""
        portfolio_id | customer_id | value_usd | is_open
        p1           | rich        | 200000    | true
        p2           | rich        | 50000     | true    -- 250,000 together
        p3           | nearly_rich | 249999.99 | true
        p4           | well_off    | 25000     | true
        p5           | poor        | 24999.99  | true
        p6           | was_rich    | 900000    | false   -- closed portfolios do not count
        """,
    )
    build(warehouse, SUPPORT_CASES, as_of=DECEMBER)
    assert_rows(
        warehouse,
        "customer360.support_cases",
        """
        customer_id | priority | complaints | reason
        rich        | high     | 1          | 1 complaint: ; portfolios of 250000 USD
        nearly_rich | normal   | 1          | 1 complaint: ; portfolios of 250000 USD
        well_off    | normal   | 1          | 1 complaint: ; portfolios of 25000 USD
        poor        | low      | 1          | 1 complaint: ; portfolios of 25000 USD
        bitter      | normal   | 1          | 1 complaint: ; portfolios of 0 USD
        sour        | low      | 1          | 1 complaint: ; portfolios of 0 USD
        twice       | normal   | 2          | 2 complaints, first: ; portfolios of 0 USD
        thrice      | high     | 3          | 3 complaints, first: ; portfolios of 0 USD
        was_rich    | low      | 1          | 1 complaint: ; portfolios of 0 USD
        """,
    )
