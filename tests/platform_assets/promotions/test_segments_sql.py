"""Which kind of shopper: `segments.sql` on both warehouses, scores by scores."""

import datetime as dt

import pytest

from platform_assets.promotions.segments import CHECKS, NAMES, SEGMENTS
from platform_assets.reports import Check
from resources.warehouse import Warehouse
from tests.models import assert_rows, build, fill, put

AS_OF = dt.datetime(2026, 11, 1)


def test_the_last_year_counts_returns_are_taken_off_and_ties_go_by_the_number_of_the_shopper(
    warehouse: Warehouse,
) -> None:
    fill(
        warehouse,
        promotions__sales="""
        sale_id | user_id | sold_at             | amount_eur
        1       | 11      | 2026-10-31 10:00:00 | 10.10
        2       | 11      | 2026-10-30 10:00:00 | 20.20
        3       | 12      | 2026-10-31 10:00:00 | 30
        4       | 12      | 2026-11-01 00:00:00 | -5  -- a return is no purchase, and takes off
        5       | 13      | 2025-11-01 00:00:00 | 8   -- a year ago to the second is out
        6       | 13      | 2025-11-01 00:00:01 | 7
        7       | 14      | 2026-11-01 00:00:01 | 9   -- after the moment it is seen from
        8       | 15      | 2026-10-01 12:00:00 | -9  -- nothing but a return
        9       | 16      | 2026-10-31 10:00:00 | 0   -- all of it discounted
        """,
    )
    build(warehouse, SEGMENTS, as_of=AS_OF)
    assert_rows(
        warehouse,
        "promotions.segments",
        """
        user_id | recency_days | frequency | monetary_eur | recency_score | frequency_score | monetary_score | segment         | last_sold_at        | as_of
        13      | 365          | 1         | 7            | 1             | 2               | 2              | lost            | 2025-11-01 00:00:01 | 2026-11-01
        11      | 1            | 2         | 30.3         | 2             | 4               | 4              | at_risk         | 2026-10-31 10:00:00 | 2026-11-01
        12      | 1            | 1         | 25           | 3             | 1               | 3              | needs_attention | 2026-10-31 10:00:00 | 2026-11-01
        16      | 1            | 1         | 0            | 4             | 3               | 1              | promising       | 2026-10-31 10:00:00 | 2026-11-01
        """,
    )


def _shopper(user: int, days: int, receipts: int, amount: float) -> list[dict[str, object]]:
    return [
        {
            "sale_id": f"{user}-{number}",
            "user_id": user,
            "sold_at": AS_OF - dt.timedelta(days=days + number),
            "amount_eur": amount / receipts,
        }
        for number in range(receipts)
    ]


def test_every_segment_follows_from_the_three_scores(warehouse: Warehouse) -> None:
    # Shopper abc buys so that the scores are a, b and c: the digits of ten shoppers are a Latin square of quintiles.
    shoppers = (154, 111, 245, 222, 332, 343, 415, 434, 523, 551)
    rows = [
        row
        for user in shoppers
        for row in _shopper(
            user, days=100 - 20 * (user // 100), receipts=user // 10 % 10, amount=100.0 * (user % 10)
        )
    ]
    put(warehouse, {"promotions.sales": rows})
    build(warehouse, SEGMENTS, as_of=AS_OF)
    with warehouse.session() as session:
        found = session.rows(
            "SELECT user_id, recency_score * 100 + frequency_score * 10 + monetary_score AS scores, segment"
            " FROM promotions.segments ORDER BY user_id"
        )
    assert [row["scores"] for row in found] == [row["user_id"] for row in found] == sorted(shoppers)
    assert {int(str(row["user_id"])): row["segment"] for row in found} == {
        111: "lost", 154: "at_risk", 222: "lost", 245: "at_risk", 332: "needs_attention", 343: "loyal",
        415: "new", 434: "loyal", 523: "promising", 551: "promising",
    }  # fmt: skip


@pytest.mark.parametrize("order", [1, -1])
def test_the_same_receipts_in_any_order_give_the_same_segments_the_best_being_champions(
    warehouse: Warehouse, order: int
) -> None:
    rows = [row for user in range(1, 21) for row in _shopper(user, 60 - user // 4, 1 + user // 7, 9.99)]
    # All pay the same, but for the last bits of a sum: ties, which the number of the shopper breaks.
    put(warehouse, {"promotions.sales": rows[::order]})
    build(warehouse, SEGMENTS, as_of=AS_OF)
    with warehouse.session() as session:
        found = session.rows("SELECT user_id, segment FROM promotions.segments ORDER BY user_id")
    assert [row["segment"] for row in found] == ["lost"] * 8 + ["needs_attention"] * 4 + ["champions"] * 8


@pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
def test_checks_hold_for_what_the_model_makes_and_see_what_it_never_would(
    warehouse: Warehouse, check: Check
) -> None:
    with warehouse.session() as session:
        assert check.result(session, "promotions.segments").passed
    put(warehouse, {"promotions.sales": _shopper(1, 10, 2, 50.0) + _shopper(2, 20, 1, 5.0)})
    build(warehouse, SEGMENTS, as_of=AS_OF)
    with warehouse.session() as session:
        assert check.result(session, "promotions.segments").passed
    put(warehouse, {"promotions.segments": [{"user_id": 1, "segment": "vip", "as_of": AS_OF}]})
    with warehouse.session() as session:
        assert not check.result(session, "promotions.segments").passed


def test_the_names_of_the_list_are_those_of_the_model() -> None:
    assert all(f"'{name}'" in SEGMENTS.text for name in NAMES)
