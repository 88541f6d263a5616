"""Who gets which offer: `offers.sql` and `offer_rules.sql` on both warehouses, rule by rule."""

import hashlib

from platform_assets.customer360.offer_rules import OFFER_RULES
from platform_assets.customer360.offers import OFFERS
from resources.warehouse import Warehouse
from tests.models import assert_rows, build, fill

RULES = """
rule_id | topic       | product   | min_value_usd | max_value_usd | min_sentiment | priority | pitch
first   | investments | wealth    | 1000          | 5000          | -0.5          | 10       | Wealth
second  | investments | brokerage | 0             | 5000          | -1            | 20       | Brokerage
tied    | investments | aaa       | 0             | 5000          | -1            | 20       | Aaa
market  | markets     | savings   | 0             | 5000          | -1            | 30       | Savings
"""


def test_the_first_rule_that_fits_wealth_sentiment_and_holdings_makes_the_offer(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        customer360__offer_rules=RULES,
        customer360__categories="""
        tweet_id | category | match_level | customer_id | tweeted_at
        rich     | customer | person      | rich        | 2026-11-01 -- 1,000 is enough for the first rule
        poor     | customer | person      | poor        | 2026-11-01 -- of two rules of one priority the smaller id
        sad      | customer | person      | sad         | 2026-11-01 -- below the first rule's sentiment
        edge     | customer | person      | edge        | 2026-11-01 -- just at it
        mute     | customer | person      | mute        | 2026-11-01 -- unscored counts as neutral
        owner    | customer | person      | owner       | 2026-11-01 -- has wealth already: the next rule
        has_all  | customer | person      | has_all     | 2026-11-01 -- has every product
        alike    | customer | person      | alike       | 2026-11-01 -- wealth management is not wealth
        too_rich | customer | person      | too_rich    | 2026-11-01 -- 5,000 is beyond every rule
        weather  | customer | person      | weather     | 2026-11-01 -- no rule for this topic
        """,
        tweets__scored_tweets="""
        tweet_id | topic       | sentiment | is_complaint
        rich     | investments | 0.1       | false
        poor     | investments | 0.1       | false
        sad      | investments | -0.51     | false
        edge     | investments | -0.5      | false
        mute     | investments | -         | false
        owner    | investments | 0         | false
        has_all  | investments | 0         | false
        alike    | investments | 0         | false
        too_rich | investments | 0         | false
        weather  | other       | 0         | false
        """,
        customer360__profiles="""
        customer_id | value_usd | products               | portfolios | has_marketing_consent | contact_state
        rich        | 1000      | checking               | 1          | true                  | contactable
        poor        | 999.99    | ''                     | 0          | true                  | contactable
        sad         | 1000      | checking               | 1          | true                  | contactable
        edge        | 1000      | checking               | 1          | true                  | contactable
        mute        | 1000      | checking               | 1          | true                  | contactable
        owner       | 1000      | checking, wealth       | 2          | true                  | contactable
        has_all     | 1000      | aaa, brokerage, wealth | 3          | true                  | contactable
        alike       | 1000      | wealth management      | 1          | true                  | contactable
        too_rich    | 5000      | checking               | 1          | true                  | contactable
        weather     | 1000      | checking               | 1          | true                  | contactable
        """,
    )
    build(warehouse, OFFERS)
    assert_rows(
        warehouse,
        "customer360.offers",
        """
        customer_id | rule_id | product   | pitch     | reason
        rich        | first   | wealth    | Wealth    | wrote about investments, holds 1000 USD in 1 portfolio without wealth, agreed to offers, no open case
        poor        | second  | brokerage | Brokerage | wrote about investments, holds 1000 USD in 0 portfolios without brokerage, agreed to offers, no open case
        sad         | second  | brokerage | Brokerage | wrote about investments, holds 1000 USD in 1 portfolio without brokerage, agreed to offers, no open case
        edge        | first   | wealth    | Wealth    | wrote about investments, holds 1000 USD in 1 portfolio without wealth, agreed to offers, no open case
        mute        | first   | wealth    | Wealth    | wrote about investments, holds 1000 USD in 1 portfolio without wealth, agreed to offers, no open case
        owner       | second  | brokerage | Brokerage | wrote about investments, holds 1000 USD in 2 portfolios without brokerage, agreed to offers, no open case
        alike       | first   | wealth    | Wealth    | wrote about investments, holds 1000 USD in 1 portfolio without wealth, agreed to offers, no open case
        """,
    )


def test_only_a_person_who_agreed_and_has_no_open_case_is_offered_anything(warehouse: Warehouse) -> None:
    yes = "investments | 0 | false"
    fill(
        warehouse,
        customer360__offer_rules=RULES,
        customer360__categories="""
        tweet_id  | category | match_level | customer_id | tweeted_at
        fits      | customer | person      | fits        | 2026-11-01
        family    | customer | household   | family      | 2026-11-01 -- one of several: whom to make it to?
        prospect  | prospect | -           | -           | 2026-11-01
        timeless  | customer | person      | timeless    | -          -- no time, so no month to cap
        complaint | customer | person      | complaint   | 2026-11-01 -- complains in that very tweet
        no        | customer | person      | no          | 2026-11-01 -- has not agreed
        case_now  | customer | person      | case_now    | 2026-11-01 -- a case is open today
        unknown   | customer | person      | unknown     | 2026-11-01 -- no profile
        case_1    | customer | person      | case_then   | 2026-08-01 -- before the case opened
        case_2    | customer | person      | case_then   | 2026-09-01 -- at the moment it opened
        case_3    | customer | person      | case_then   | 2026-10-01 -- while it was open
        case_4    | customer | person      | case_then   | 2026-11-01 -- at the moment it closed
        """,
        tweets__scored_tweets=f"""
        tweet_id  | topic | sentiment | is_complaint
        fits      | {yes}
        family    | {yes}
        prospect  | {yes}
        timeless  | {yes}
        complaint | investments | 0 | true
        no        | {yes}
        case_now  | {yes}
        unknown   | {yes}
        case_1    | {yes}
        case_2    | {yes}
        case_3    | {yes}
        case_4    | {yes}
        """,
        customer360__profiles="""
        customer_id | products | has_marketing_consent | contact_state
        fits        | ''       | true                  | contactable
        family      | ''       | true                  | contactable
        timeless    | ''       | true                  | contactable
        complaint   | ''       | true                  | contactable
        no          | ''       | false                 | no_consent
        case_now    | ''       | true                  | open_case
        case_then   | ''       | true                  | contactable
        """,
        customer360__support_cases="""
        case_id | customer_id | state  | opened_at  | closes_at
        k1      | case_then   | closed | 2026-09-01 | 2026-11-01
        k2      | case_now    | open   | 2026-11-20 | 2026-12-04
        """,
    )
    build(warehouse, OFFERS)
    assert_rows(warehouse, "customer360.offers", "tweet_id\nfits\ncase_1\ncase_4")


def test_a_customer_gets_the_first_offer_of_a_calendar_month_and_no_other(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        customer360__offer_rules=RULES,
        customer360__categories="""
        tweet_id | category | match_level | customer_id | tweeted_at
        t0       | customer | person      | ada         | 2026-10-30 10:00:00 -- about nothing that is offered: takes no month
        t3       | customer | person      | ada         | 2026-10-31 23:59:59
        t2       | customer | person      | ada         | 2026-10-31 23:59:59 -- the same second: the smaller id
        t4       | customer | person      | ada         | 2026-11-01 00:00:00 -- a second later, another month
        t5       | customer | person      | ada         | 2026-11-30 00:00:00
        t6       | customer | person      | ben         | 2026-11-30 00:00:00 -- another customer's month
        t7       | customer | person      | ada         | 2027-11-01 00:00:00 -- another year's November
        """,
        tweets__scored_tweets="""
        tweet_id | topic       | is_complaint
        t0       | other       | false
        t2       | investments | false
        t3       | markets     | false
        t4       | markets     | false
        t5       | investments | false
        t6       | markets     | false
        t7       | markets     | false
        """,
        customer360__profiles="""
        customer_id | products | has_marketing_consent | contact_state
        ada         | ''       | true                  | contactable
        ben         | ''       | true                  | contactable
        """,
    )
    build(warehouse, OFFERS)
    offer = hashlib.md5(b"ada|t2").hexdigest()
    with warehouse.session() as session:
        found = session.rows("SELECT offer_id FROM customer360.offers WHERE tweet_id = 't2'")
    assert found == [{"offer_id": offer}]
    assert_rows(
        warehouse,
        "customer360.offers",
        """
        customer_id | tweet_id | product   | offered_at
        ada         | t2       | brokerage | 2026-10-31 23:59:59
        ada         | t4       | savings   | 2026-11-01 00:00:00
        ben         | t6       | savings   | 2026-11-30 00:00:00
        ada         | t7       | savings   | 2027-11-01 00:00:00
        """,
    )


def test_the_rules_are_those_of_their_file_each_with_a_range_and_a_rank_of_its_own(
    warehouse: Warehouse,
) -> None:
    build(warehouse, OFFER_RULES)
    assert_rows(
        warehouse,
        "customer360.offer_rules",
        """
        rule_id         | topic       | product           | min_value_usd | max_value_usd | min_sentiment | priority
        wealth_review   | investments | wealth management | 250000        | 1000000000    | -0.5          | 10
        first_brokerage | investments | brokerage         | 0             | 250000        | -0.5          | 20
        market_briefing | markets     | brokerage         | 25000         | 1000000000    | -1            | 30
        steady_savings  | markets     | savings           | 0             | 25000         | -1            | 40
        retirement_talk | advice      | retirement        | 0             | 1000000000    | -0.5          | 50
        home_loan       | advice      | mortgage          | 25000         | 1000000000    | -0.5          | 60
        """,
    )
