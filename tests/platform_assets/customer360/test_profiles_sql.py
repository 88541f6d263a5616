"""Everything known about a customer: `profiles.sql` on both warehouses."""

from platform_assets.customer360.profiles import PROFILES
from resources.warehouse import Warehouse
from tests.models import assert_rows, build, fill


def test_a_profile_gathers_holdings_voice_home_and_contact_state(warehouse: Warehouse) -> None:
    fill(
        warehouse,
        crm__customers="""
        customer_id | first_name | last_name | has_marketing_consent
        ada         | Ada        | King      | true
        ben         | Ben        | Cole      | true
        cleo        | Cleo       | Ames      | false
        dan         | -          | -         | false -- nothing is known, yet he has a profile
        """,
        crm__household_members="""
        customer_id | person_id | household_id | address_id | kind
        ada         | P1        | H1           | a1         | single
        ben         | P2        | H2           | -          | unplaced
        """,
        geo__addresses="""
        address_id | quadrant
        a1         | northwest
        """,
        crm__portfolios="""
        portfolio_id | customer_id | product   | value_usd | is_open
        p1           | ada         | mortgage  | 1000.5    | true
        p2           | ada         | brokerage | 10        | true
        p3           | ada         | brokerage | 1         | true  -- a second of one product is named once
        p4           | ada         | savings   | 500       | false -- closed ones are not held
        p5           | ben         | savings   | 500       | false
        """,
        customer360__categories="""
        tweet_id | category | customer_id | tweeted_at
        t1       | customer | ada         | 2026-11-01 08:00:00
        t2       | customer | ada         | 2026-11-02 08:00:00
        t3       | customer | ada         | -
        t4       | customer | cleo        | 2026-11-03 08:00:00
        t5       | coarse   | -           | 2026-11-03 08:00:00
        """,
        tweets__scored_tweets="""
        tweet_id | is_complaint | sentiment
        t1       | true         | -0.5
        t2       | false        | 0.25
        t3       | false        | -     -- not scored, so not in the mean
        t4       | false        | -
        t5       | true         | -1
        """,
        customer360__support_cases="""
        case_id | customer_id | state
        k1      | ada         | closed
        k2      | ada         | open
        k3      | ada         | open   -- two open ones make no second profile
        k4      | ben         | closed
        """,
    )
    build(warehouse, PROFILES)
    assert_rows(
        warehouse,
        "customer360.profiles",
        """
        customer_id | person_id | household_id | address_id | quadrant  | first_name | portfolios | value_usd | products            | tweets | complaints | mean_sentiment | last_tweeted_at     | contact_state
        ada         | P1        | H1           | a1         | northwest | Ada        | 3          | 1011.5    | brokerage, mortgage | 3      | 1          | -0.125         | 2026-11-02 08:00:00 | open_case
        ben         | P2        | H2           | -          | -         | Ben        | 0          | 0         | ''                  | 0      | 0          | -              | -                   | contactable
        cleo        | -         | -            | -          | -         | Cleo       | 0          | 0         | ''                  | 1      | 0          | -              | 2026-11-03 08:00:00 | no_consent
        dan         | -         | -            | -          | -         | -          | 0          | 0         | ''                  | 0      | 0          | -              | -                   | no_consent
        """,
    )
