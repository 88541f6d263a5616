"""What both arms did, counted by each warehouse, and the rows and sentences that this makes."""

import csv
import datetime as dt
import io
from typing import Any

import pytest

from platform_assets.promotions.measurement import ARMS, CAMPAIGNS, measured
from resources.warehouse import Warehouse
from samples import world
from samples.sales import Campaign, after_campaign
from tests.models import fill, put

STARTS, ENDS = dt.datetime(2026, 10, 1), dt.datetime(2026, 11, 1)


def _campaign(name: str = "spring", **given: object) -> dict[str, object]:
    usual = {
        "campaign_id": name, "promotion_id": "P7", "starts_at": STARTS, "ends_at": ENDS, "cost_eur": 2.0,
        "holdout_share": 0.5,
    }  # fmt: skip
    return {**usual, **given}


def _measured(warehouse: Warehouse, as_of: dt.datetime = ENDS) -> dict[str, dict[str, Any]]:
    with warehouse.session() as session:
        rows = measured(session.rows(CAMPAIGNS), session.fetch(ARMS.text, as_of=as_of), as_of)
    return {row["campaign_id"]: row for row in rows}


def test_revenue_and_redemptions_are_those_of_the_campaign_s_time_and_shoppers(warehouse: Warehouse) -> None:
    put(warehouse, {"promotions.campaigns": [_campaign()]})
    fill(
        warehouse,
        promotions__assignments="""
        campaign_id | user_id | is_holdout | stored_id
        spring      | 1       | false      | s1
        spring      | 2       | false      | s2
        spring      | 3       | false      | s3
        spring      | 4       | true       | -
        spring      | 5       | true       | -
        """,
        promotions__sales="""
        sale_id | user_id | sold_at             | amount_eur | promotion_id
        a       | 1       | 2026-10-01 00:00:00 | 10         | P7 -- the first moment counts
        b       | 1       | 2026-10-31 23:59:59 | 20         | -
        c       | 1       | 2026-11-01 00:00:00 | 999        | P7 -- the end does not
        d       | 1       | 2026-09-30 23:59:59 | 999        | P7
        e       | 2       | 2026-10-05 10:00:00 | -6         | P9 -- a return; and another promotion
        f       | 4       | 2026-10-05 10:00:00 | 8          | P7 -- had it from elsewhere
        g       | 9       | 2026-10-05 10:00:00 | 999        | P7 -- takes no part
        """,
        promotions__uses="""
        stored_id | campaign_id | used_at
        s1        | spring      | 2026-10-03 10:00:00
        s2        | spring      | 2026-11-01 00:00:00 -- too late to be compared
        s3        | spring      | - -- nobody noted when
        s9        | -           | 2026-10-03 10:00:00
        """,
    )
    row = _measured(warehouse)["spring"]
    assert (row["treated_users"], row["holdout_users"]) == (3, 2)
    # Whatever was used was paid, whenever that was.
    assert (row["uses"], row["cost_eur"]) == (3, 6.0)
    # 30, -6 and 0 against 8 and 0.
    assert (row["treated_revenue_eur"], row["holdout_revenue_eur"]) == (8.0, 4.0)
    assert (row["incremental_revenue_eur"], row["total_incremental_eur"]) == (4.0, 12.0)
    assert row["treated_redemption"] == pytest.approx(2 / 3)
    assert row["holdout_redemption"] == 0.5
    assert row["state"] == "ended"
    assert row["measured_to"] == ENDS


def test_a_campaign_is_planned_then_running_then_ended(warehouse: Warehouse) -> None:
    put(warehouse, {"promotions.campaigns": [_campaign()]})
    fill(
        warehouse,
        promotions__assignments="campaign_id | user_id | is_holdout\n"
        + "\n".join(f"spring | {user} | {str(user % 2 == 0).lower()}" for user in range(8)),
        promotions__sales="""
        sale_id | user_id | sold_at    | amount_eur
        a       | 1       | 2026-10-02 | 10
        b       | 2       | 2026-10-03 | 7
        c       | 3       | 2026-10-20 | 30
        """,
    )
    planned = _measured(warehouse, STARTS)["spring"]
    assert (planned["state"], planned["measured_to"], planned["treated_revenue_eur"]) == (
        "planned",
        STARTS,
        None,
    )
    assert planned["verdict"] == "Not started: it is measured from 2026-10-01 00:00 UTC."
    running = _measured(warehouse, dt.datetime(2026, 10, 10))["spring"]
    assert (running["state"], running["treated_revenue_eur"]) == ("running", 2.5)
    assert running["verdict"].startswith("So far, and until 2026-11-01 it may change: No effect on revenue")
    assert _measured(warehouse, dt.datetime(2027, 1, 1))["spring"]["treated_revenue_eur"] == 10.0


def _arms(warehouse: Warehouse, name: str, treated: int, holdout: int, lift: float) -> None:
    """Shoppers who spend 10 or 30 EUR, and the treated ones `lift` more."""
    users = range(treated + holdout)
    put(
        warehouse,
        {
            "promotions.assignments": [
                {"campaign_id": name, "user_id": user, "is_holdout": user >= treated} for user in users
            ],
            "promotions.sales": [
                {"sale_id": f"{user}", "user_id": user, "sold_at": STARTS, "amount_eur": 10 + 20 * (user % 2) + lift * (user < treated)}
                for user in users
            ],
        },
    )  # fmt: skip


def test_the_sentence_tells_what_may_be_concluded(duckdb_warehouse: Warehouse) -> None:
    put(
        duckdb_warehouse,
        {
            "promotions.campaigns": [
                _campaign(),
                _campaign("alone", holdout_share=0.0),
                _campaign("skewed", holdout_share=0.2),
                _campaign("unsold", starts_at=dt.datetime(2026, 10, 2)),
            ]
        },
    )
    _arms(duckdb_warehouse, "spring", 250, 250, 5.0)
    put(
        duckdb_warehouse,
        {
            "promotions.assignments": [
                *({"campaign_id": "alone", "user_id": user} for user in range(10)),
                *({"campaign_id": "skewed", "user_id": u, "is_holdout": u < 80} for u in range(160)),
                *({"campaign_id": "unsold", "user_id": u, "is_holdout": u < 10} for u in range(20)),
            ]
        },
    )
    found = _measured(duckdb_warehouse)
    assert found["spring"]["verdict"] == (
        "It raised revenue: +5.00 EUR per shopper (+3.24 to +6.76), +1,250 EUR in all, more than the 0 EUR that its "
        "uses cost."
    )
    assert found["spring"]["is_significant"]
    assert found["alone"]["verdict"] == "Nobody was held out, so what it changed cannot be told."
    assert found["alone"]["is_balanced"]
    assert found["skewed"]["verdict"].startswith("Do not use: 80 treated and 80 held out are not the shares")
    assert not found["skewed"]["is_balanced"]
    assert found["unsold"]["verdict"] == "Too little was bought to tell a difference."
    # Corrected for the two campaigns that have a p-value.
    assert found["spring"]["revenue_q_value"] == pytest.approx(2 * found["spring"]["revenue_p_value"])


def test_a_campaign_that_lowers_revenue_and_a_small_one_are_told(duckdb_warehouse: Warehouse) -> None:
    put(duckdb_warehouse, {"promotions.campaigns": [_campaign(holdout_share=0.4)]})
    _arms(duckdb_warehouse, "spring", 60, 40, -9.0)
    verdict = _measured(duckdb_warehouse)["spring"]["verdict"]
    assert verdict == (
        "It lowered revenue: -9.00 EUR per shopper (-13.10 to -4.90), -540 EUR in all. "
        "Only 40 shoppers in the smaller arm: take it with care."
    )


def test_without_campaigns_there_is_nothing_to_measure(warehouse: Warehouse) -> None:
    assert _measured(warehouse) == {}


def test_the_effect_that_a_world_has_is_in_the_interval_that_is_measured(duckdb_warehouse: Warehouse) -> None:
    made = world.make(world.WorldConfig(shoppers=3_000))
    users = made.shoppers.user_id.tolist()
    given = Campaign(
        "spring", "P7", users[::2], users[1::2], STARTS.replace(tzinfo=dt.UTC), ENDS.replace(tzinfo=dt.UTC)
    )
    aftermath = after_campaign(3, made.shoppers, given)
    put(
        duckdb_warehouse,
        {
            "promotions.campaigns": [_campaign()],
            "promotions.assignments": [
                {"campaign_id": "spring", "user_id": user, "is_holdout": place % 2 == 1}
                for place, user in enumerate(users)
            ],
            "promotions.sales": [
                {
                    "sale_id": row["sale_id"],
                    "user_id": int(row["user_id"]),
                    "sold_at": dt.datetime.fromisoformat(row["sold_at"]),
                    "amount_eur": float(row["amount_eur"]),
                    "promotion_id": row["promotion_id"] or None,
                }
                for row in csv.DictReader(io.StringIO(aftermath.file.content.decode()))
            ],
        },
    )
    found = _measured(duckdb_warehouse)["spring"]
    assert found["is_significant"]
    assert found["revenue_low_eur"] < aftermath.effect_eur < found["revenue_high_eur"]
    assert found["redemption_low"] < aftermath.effect_redemption < found["redemption_high"]
    assert found["incremental_redemption"] == pytest.approx(aftermath.effect_redemption, abs=1e-6)
