"""Who gets a promotion and who is held out: always alike, within every cap, and fair to the comparison."""

import datetime as dt
import hashlib

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_assets.promotions.assignment import SHOPPERS, decide
from platform_assets.promotions.campaign import SEGMENTS, CampaignInputs, campaign_from
from resources.warehouse import Warehouse
from tests.models import fill

SCHEMA = pa.schema(
    [
        ("user_id", pa.int64()),
        ("segment", pa.string()),
        ("monetary_score", pa.int64()),
        ("active", pa.int64()),
        ("digest", pa.string()),
    ]
)


def _inputs(**given: object) -> CampaignInputs:
    usual = {
        "campaign_id": "spring", "promotion_id": "P7", "audience": "loyal", "budget_eur": 1e9, "cost_eur": 1,
        "holdout_share": 0.2,
    }  # fmt: skip
    return campaign_from({**usual, **given})


def _shoppers(
    count: int, campaign: str = "spring", scores: list[int] | None = None, active: list[int] | None = None
) -> pa.Table:
    users = range(count)
    return pa.table(
        {
            "user_id": users,
            "segment": ["loyal"] * count,
            "monetary_score": scores or [1 + user % 5 for user in users],
            "active": active or [0] * count,
            "digest": [hashlib.sha256(f"{campaign}/{user}".encode()).hexdigest() for user in users],
        },
        schema=SCHEMA,
    )


def _held_out(decided: pa.Table) -> set[int]:
    rows = decided.to_pylist()
    return {row["user_id"] for row in rows if row["is_holdout"]}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), max_size=60),
    st.integers(1, 40),
    st.none() | st.integers(1, 40),
    st.none() | st.integers(1, 3),
    st.floats(0, 0.5),
    st.randoms(),
)
def test_no_cap_is_exceeded_nobody_is_in_both_arms_and_the_order_of_rows_does_not_matter(
    people: list[tuple[int, int]],
    affordable: int,
    max_users: int | None,
    max_active: int | None,
    share: float,
    random: object,
) -> None:
    inputs = _inputs(
        budget_eur=affordable * 0.1,
        cost_eur=0.1,
        max_users=max_users,
        max_active=max_active,
        holdout_share=share,
    )
    shoppers = _shoppers(len(people), scores=[s for s, _ in people], active=[a for _, a in people])
    decided = decide(inputs, shoppers)
    rows = decided.to_pylist()
    users = [row["user_id"] for row in rows]
    assert len(users) == len(set(users))
    treated = len(rows) - len(_held_out(decided))
    assert treated * 0.1 <= inputs.budget_eur + 1e-9
    assert treated <= (max_users or treated)
    free = {user for user, (_, active) in enumerate(people) if max_active is None or active < max_active}
    assert set(users) <= free
    # Nobody is left out while the promotion can be afforded.
    assert treated == inputs.affordable_users or set(users) == free
    mixed = list(range(len(people)))
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert decide(inputs, shoppers.take(pa.array(mixed, pa.int64()))).equals(decided)


def test_those_who_spend_most_come_first_in_both_arms() -> None:
    shoppers = _shoppers(5_000)
    decided = decide(_inputs(max_users=1_200), shoppers)
    scores = {row["user_id"]: row["monetary_score"] for row in shoppers.to_pylist()}
    order = [scores[user] for user in decided.column("user_id").to_pylist()]
    assert order == sorted(order, reverse=True)
    assert {4, 5} == set(order)
    held = [scores[user] for user in _held_out(decided)]
    given_ = [scores[u] for u in decided.column("user_id").to_pylist() if u not in _held_out(decided)]
    assert len(given_) == 1_200
    # As good as equal: a difference of scores between the arms would be taken for an effect.
    assert np.mean(held) == pytest.approx(np.mean(given_), abs=0.08)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1, 0.5])
def test_the_share_that_is_held_out_is_the_one_that_was_asked_for(share: float) -> None:
    held = len(_held_out(decide(_inputs(holdout_share=share), _shoppers(20_000))))
    assert held == pytest.approx(share * 20_000, abs=4 * (20_000 * share * (1 - share)) ** 0.5)


def test_a_cap_does_not_change_the_share_that_is_held_out() -> None:
    # Were the order the draw of the holdout too, those held out would all come first.
    decided = decide(_inputs(max_users=4_000), _shoppers(50_000, scores=[3] * 50_000))
    held = len(_held_out(decided))
    assert held / len(decided) == pytest.approx(0.2, abs=0.025)


def test_to_be_held_out_in_one_campaign_says_nothing_of_another() -> None:
    first = _held_out(decide(_inputs(), _shoppers(20_000)))
    other = _held_out(decide(_inputs(campaign_id="autumn"), _shoppers(20_000, "autumn")))
    assert len(first & other) == pytest.approx(20_000 * 0.2 * 0.2, abs=4 * (20_000 * 0.04 * 0.96) ** 0.5)
    assert first == _held_out(decide(_inputs(), _shoppers(20_000)))


def test_a_budget_that_is_raised_takes_nobody_s_promotion_away() -> None:
    small = decide(_inputs(max_users=100), _shoppers(2_000))
    large = decide(_inputs(max_users=900), _shoppers(2_000))
    assert large.slice(0, len(small)).equals(small)


def test_an_audience_of_nobody_is_nobody() -> None:
    assert decide(_inputs(), SCHEMA.empty_table()).num_rows == 0


def test_the_warehouse_finds_the_audience_its_digests_and_who_has_promotions_at_that_time(
    warehouse: Warehouse,
) -> None:
    fill(
        warehouse,
        promotions__segments="""
        user_id | segment   | monetary_score
        1       | loyal     | 5
        2       | at_risk   | 4
        3       | lost      | 3 -- of another segment
        15      | champions | 2
        """,
        promotions__campaigns="""
        campaign_id | starts_at  | ends_at
        before      | 2026-09-01 | 2026-10-01 -- ends as the new one begins
        during      | 2026-09-30 | 2026-10-02
        after       | 2026-11-01 | 2026-12-01 -- begins as the new one ends
        """,
        promotions__assignments="""
        campaign_id | user_id | is_holdout
        before      | 1       | false
        during      | 1       | false
        during      | 2       | true -- got nothing
        after       | 2       | false
        """,
    )
    times = {
        "starts_at": dt.datetime(2026, 10, 1, tzinfo=dt.UTC),
        "ends_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    }
    with warehouse.session() as session:
        found = session.fetch(SHOPPERS, campaign_id="spring", audience="at_risk,champions,loyal", **times)
    assert found.schema.equals(SCHEMA)
    digests = {user: hashlib.sha256(f"spring/{user}".encode()).hexdigest() for user in (1, 2, 15)}
    assert sorted(map(tuple, (row.values() for row in found.to_pylist()))) == [
        (1, "loyal", 5, 1, digests[1]),
        (2, "at_risk", 4, 0, digests[2]),
        (15, "champions", 2, 0, digests[15]),
    ]


def test_a_segment_is_no_part_of_another_s_name(warehouse: Warehouse) -> None:
    names = "\n".join(f"{number} | {segment}" for number, segment in enumerate(SEGMENTS))
    fill(warehouse, promotions__segments=f"user_id | segment\n{names}")
    moment = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
    with warehouse.session() as session:
        for segment in SEGMENTS:
            found = session.fetch(
                SHOPPERS, campaign_id="a", audience=segment, starts_at=moment, ends_at=moment
            )
            assert found.column("segment").to_pylist() == [segment]
