"""A campaign is decided once and sent once, whoever is killed when and however often it is launched."""

import datetime as dt
from pathlib import Path

import pytest

from platform_assets.promotions.campaign import campaign_from
from platform_assets.promotions.launch import decided, send
from resources.promotion_store import PromotionStore, SqlitePromotionStore
from resources.unavailable import Unavailable
from resources.warehouse import Warehouse
from tests import killing
from tests.killing import CAMPAIGN, NOW, Killer, Place
from tests.models import assert_rows, put

SHOPPERS = 20
ROWS = "SELECT campaign_id, user_id, is_holdout, stored_id FROM promotions.assignments ORDER BY campaign_id, user_id"


def _world(warehouse: Warehouse) -> None:
    put(
        warehouse,
        {
            "promotions.segments": [
                {"user_id": number, "segment": ("loyal", "at_risk", "lost")[number % 3], "monetary_score": 1 + number % 5}
                for number in range(SHOPPERS)
            ]
        },
    )  # fmt: skip


def _rows(warehouse: Warehouse) -> list[dict[str, object]]:
    with warehouse.session() as session:
        return session.rows(ROWS)


def _stored(store: PromotionStore) -> list[str]:
    return sorted(found.id for found in store.unused_for(range(SHOPPERS), NOW).promotions)


@pytest.fixture
def store(tmp_path: Path) -> SqlitePromotionStore:
    return SqlitePromotionStore(tmp_path / "promotions.sqlite")


def test_who_is_chosen_is_in_the_ledger_and_in_the_store_and_who_is_held_out_only_in_the_ledger(
    warehouse: Warehouse, store: SqlitePromotionStore
) -> None:
    _world(warehouse)
    campaign = decided(campaign_from(CAMPAIGN), warehouse, NOW)
    assert send(campaign, store, warehouse) == campaign.assigned_users == 8
    rows = _rows(warehouse)
    given = [str(row["stored_id"]) for row in rows if not row["is_holdout"]]
    assert given == [f"spring/{row['user_id']}/P7" for row in rows if not row["is_holdout"]]
    assert all(row["stored_id"] is None for row in rows if row["is_holdout"])
    assert len(rows) == campaign.assigned_users + campaign.holdout_users
    assert campaign.holdout_users > 0
    assert _stored(store) == sorted(given)
    (first, *_) = store.unused_for(range(SHOPPERS), NOW).promotions
    assert (first.campaign_id, first.promotion_id, first.used, first.inserted_at) == (
        "spring",
        "P7",
        False,
        NOW,
    )
    assert_rows(
        warehouse,
        "promotions.campaigns",
        f"""
        campaign_id | audience      | budget_eur | max_users | audience_users | assigned_users | holdout_users            | starts_at  | ends_at    | launched_at
        spring      | at_risk,loyal | 16         | -         | 14             | 8              | {campaign.holdout_users} | 2026-11-01 02:00:00 | 2026-11-29 02:00:00 | 2026-11-01 02:00:00
        """,
    )


def test_what_is_given_can_be_used_in_the_time_of_the_campaign_and_not_before_or_after(
    duckdb_warehouse: Warehouse, store: SqlitePromotionStore
) -> None:
    _world(duckdb_warehouse)
    times = {"starts_at": "2026-12-24", "ends_at": "2027-01-06T00:00:00+01:00"}
    send(decided(campaign_from({**CAMPAIGN, **times}), duckdb_warehouse, NOW), store, duckdb_warehouse)
    assert store.unused_for(range(SHOPPERS), NOW).promotions == []
    starts_at, ends_at = dt.datetime(2026, 12, 24, tzinfo=dt.UTC), dt.datetime(2027, 1, 5, 23, tzinfo=dt.UTC)
    found = store.unused_for(range(SHOPPERS), starts_at).promotions
    assert {(each.starts_at, each.ends_at) for each in found} == {(starts_at, ends_at)}
    user_id = found[0].user_id
    assert store.use(user_id, "P7", "early", NOW).outcome == "not_started"
    assert store.use(user_id, "P7", "late", ends_at).outcome == "ended"
    assert store.use(user_id, "P7", "r", starts_at).outcome == "used"


def test_a_campaign_that_starts_at_once_counts_the_uses_of_its_first_second(
    duckdb_warehouse: Warehouse,
) -> None:
    _world(duckdb_warehouse)
    launched_at = NOW.replace(microsecond=600_000)
    assert decided(campaign_from(CAMPAIGN), duckdb_warehouse, launched_at).starts_at == NOW


def test_a_second_launch_changes_nothing_and_one_with_other_inputs_is_refused(
    warehouse: Warehouse, store: SqlitePromotionStore
) -> None:
    _world(warehouse)
    first = decided(campaign_from(CAMPAIGN), warehouse, NOW)
    send(first, store, warehouse)
    before = _rows(warehouse)
    assert (
        decided(campaign_from({**CAMPAIGN, "audience": "at_risk,loyal"}), warehouse, NOW + dt.timedelta(9))
        == first
    )
    with pytest.raises(Unavailable) as told:
        decided(campaign_from({**CAMPAIGN, "budget_eur": 18}), warehouse, NOW)
    assert str(told.value) == (
        "Campaign spring was launched with budget_eur 16.0, not 18.0; what was launched stays as it is, "
        "so choose another campaign_id."
    )
    assert _rows(warehouse) == before
    assert send(first, store, warehouse) == 0


def test_what_somebody_withdrew_stays_withdrawn_unless_it_is_sent_again_on_purpose(
    duckdb_warehouse: Warehouse, store: SqlitePromotionStore
) -> None:
    _world(duckdb_warehouse)
    campaign = decided(campaign_from(CAMPAIGN), duckdb_warehouse, NOW)
    send(campaign, store, duckdb_warehouse)
    whole = _stored(store)
    assert store.withdraw_campaign("spring") == len(whole)
    assert send(campaign, store, duckdb_warehouse) == 0
    assert send(campaign, store, duckdb_warehouse, again=True) == len(whole)
    assert _stored(store) == whole


def test_segments_without_shoppers_are_no_campaign(warehouse: Warehouse) -> None:
    with pytest.raises(Unavailable, match="Nobody is in the segments at_risk, loyal; refresh"):
        decided(campaign_from(CAMPAIGN), warehouse, NOW)
    assert _rows(warehouse) == []


def test_a_campaign_that_would_give_nobody_the_promotion_is_not_decided(warehouse: Warehouse) -> None:
    _world(warehouse)
    first = decided(campaign_from({**CAMPAIGN, "budget_eur": 1000, "holdout_share": 0}), warehouse, NOW)
    assert first.assigned_users == 14
    before = _rows(warehouse)
    with pytest.raises(Unavailable) as told:
        decided(campaign_from({**CAMPAIGN, "campaign_id": "summer", "max_active": 1}), warehouse, NOW)
    assert str(told.value) == (
        "Nobody would get P7: of the shoppers in the segments at_risk, loyal, 0 would be held out (holdout_share) and "
        "14 left out (max_active); choose others, or change these."
    )
    assert _rows(warehouse) == before


def test_a_campaign_whose_only_shopper_is_held_out_leaves_its_id_free(duckdb_warehouse: Warehouse) -> None:
    put(duckdb_warehouse, {"promotions.segments": [{"user_id": 1, "segment": "loyal", "monetary_score": 1}]})
    half = {**CAMPAIGN, "campaign_id": "autumn", "holdout_share": 0.5}
    with pytest.raises(Unavailable, match="Nobody would get P7: .* 1 would be held out"):
        decided(campaign_from(half), duckdb_warehouse, NOW)
    given = decided(campaign_from({**half, "holdout_share": 0}), duckdb_warehouse, NOW)
    assert (given.assigned_users, given.holdout_users) == (1, 0)


def test_who_has_promotions_of_running_campaigns_is_left_out(warehouse: Warehouse) -> None:
    _world(warehouse)
    decided(campaign_from(CAMPAIGN), warehouse, NOW)
    given = {row["user_id"] for row in _rows(warehouse) if not row["is_holdout"]}
    more = {**CAMPAIGN, "budget_eur": 1000, "max_active": 1}
    other = decided(campaign_from({**more, "campaign_id": "summer"}), warehouse, NOW + dt.timedelta(1))
    later = decided(campaign_from({**more, "campaign_id": "winter"}), warehouse, NOW + dt.timedelta(90))
    rows = _rows(warehouse)
    summer = {row["user_id"] for row in rows if row["campaign_id"] == "summer"}
    assert not summer & given
    assert other.audience_users == later.audience_users == len(given | summer) == 14
    assert later.assigned_users + later.holdout_users == 14


def test_two_who_launch_the_same_campaign_at_once_launch_one(warehouse: Warehouse) -> None:
    _world(warehouse)
    inputs = campaign_from(CAMPAIGN)
    others: list[object] = []

    def meanwhile(boundary: str) -> None:
        if boundary == "staged" and not others:
            others.append("begins")
            others.append(decided(inputs, warehouse, NOW + dt.timedelta(1)))

    before, warehouse.reached = warehouse.reached, meanwhile
    try:
        mine = decided(inputs, warehouse, NOW)
    finally:
        warehouse.reached = before
    assert others == ["begins", mine]
    assert len(_rows(warehouse)) == mine.assigned_users + mine.holdout_users


KILLS = [
    Killer("staged"), Killer("reconciled"), Killer("committed"), Killer("stored", 1), Killer("stored", 5),
    Killer("stored", 8), Killer("reconciled", 2), Killer("committed", 2),
]  # fmt: skip


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a launch leaves that nobody disturbed."""
    home = tmp_path_factory.mktemp("clean")
    place = Place(home, home / "warehouse.duckdb")
    _world(place.warehouse())
    killing.run("launch", place)
    return killing.rows(place.warehouse())


@pytest.mark.parametrize("killer", KILLS, ids=str)
def test_a_launch_that_was_killed_is_done_once_when_it_is_run_again(
    killer: Killer, duckdb_warehouse: Warehouse, tmp_path: Path, clean: dict[str, list[str]]
) -> None:
    _world(duckdb_warehouse)
    place = Place(tmp_path, tmp_path / "warehouse.duckdb")
    killing.die("launch", place, killer)
    killing.run("launch", place)
    assert killing.rows(place.warehouse()) == clean
    with SqlitePromotionStore(tmp_path / "promotions.sqlite") as store:
        given = [str(row["stored_id"]) for row in _rows(place.warehouse()) if not row["is_holdout"]]
        assert _stored(store) == sorted(given)
        assert len(given) == 8
