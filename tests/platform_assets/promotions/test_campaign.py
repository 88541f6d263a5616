"""What a campaign may be launched with, and the sentence for what it may not."""

import datetime as dt
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_assets.promotions.campaign import SEGMENTS, USUAL_TIME, campaign_from
from resources.unavailable import Unavailable

GIVEN: dict[str, object] = {
    "campaign_id": "spring-2026",
    "promotion_id": "P7",
    "audience": ["loyal", "at_risk"],
    "budget_eur": 1000,
    "cost_eur": 2.5,
}


def test_the_same_campaign_written_otherwise_has_the_same_text() -> None:
    first = campaign_from(GIVEN)
    other = {
        **GIVEN,
        "audience": " at_risk, loyal,loyal",
        "budget_eur": 1000.0,
        "holdout_share": 0.1,
        "max_users": None,
        "starts_at": "",
    }
    assert campaign_from(other).canonical() == first.canonical()
    timed = {"starts_at": "2026-11-01T00:00:00+01:00", "ends_at": "2026-12-01 00:00Z"}
    same = {"starts_at": "2026-10-31T23:00:00", "ends_at": "2026-12-01"}
    assert campaign_from({**GIVEN, **timed}).canonical() == campaign_from({**GIVEN, **same}).canonical()


def test_the_text_says_everything_and_is_read_back() -> None:
    inputs = campaign_from({**GIVEN, "max_users": 10, "max_active": 2.0, "starts_at": "2026-11-01"})
    assert campaign_from(json.loads(inputs.canonical())) == inputs


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("campaign_id", "Spring", "campaign_id is 'Spring'; it is 3 to 40 small letters, digits and hyphens."),
        ("campaign_id", "ab", "campaign_id is 'ab'; it is 3 to 40 small"),
        ("campaign_id", "spring\n", "campaign_id is"),
        ("campaign_id", None, "campaign_id is missing; it is 3 to 40"),
        ("promotion_id", 7, "promotion_id is 7; it is 1 to 40 letters"),
        ("promotion_id", "a/b", "promotion_id is 'a/b'"),
        ("audience", [], "audience is []; it is one or more of champions, loyal,"),
        ("audience", "", "audience is missing"),
        ("audience", ["loyal", "vip"], "audience is 'vip'; it is one or more of champions"),
        ("audience", [["loyal"]], "audience is ['loyal']"),
        ("audience", 3, "audience is 3"),
        ("budget_eur", 0, "budget_eur is 0; it is an amount from 0.01 to 1,000,000,000 EUR."),
        ("budget_eur", float("nan"), "budget_eur is nan"),
        ("budget_eur", True, "budget_eur is True"),
        ("budget_eur", "1000", "budget_eur is '1000'"),
        ("budget_eur", 1, "budget_eur is 1; it is at least the cost of one use, 2.5 EUR."),
        ("cost_eur", float("inf"), "cost_eur is inf"),
        ("holdout_share", 0.51, "holdout_share is 0.51; it is a share from 0 to 0.5."),
        ("holdout_share", -0.1, "holdout_share is -0.1"),
        ("max_users", 0, "max_users is 0; it is a whole number from 1, or left out for no cap."),
        ("max_users", 1.5, "max_users is 1.5"),
        ("max_users", float("inf"), "max_users is inf"),
        ("max_active", True, "max_active is True"),
        ("max_active", "x" * 99, "max_active is 'xxx"),
        ("starts_at", "soon", "starts_at is 'soon'; it is a time from 2000 to 2100 such as"),
        ("starts_at", "0001-01-01T00:00:00+14:00", "starts_at is '0001"),
        ("ends_at", 20261101, "ends_at is 20261101"),
        ("max_user", 5, "max_user is no field of a campaign; the fields are campaign_id, promotion_id,"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_value_and_what_is_allowed(
    field: str, value: object, sentence: str
) -> None:
    with pytest.raises(Unavailable) as told:
        campaign_from({**GIVEN, field: value})
    assert str(told.value).startswith(sentence)
    assert len(str(told.value)) < 250


_ONE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.sampled_from(SEGMENTS)
)
_ANYTHING = _ONE | st.lists(_ONE, max_size=3)


@given(
    st.dictionaries(
        st.sampled_from([*GIVEN, "holdout_share", "max_users", "starts_at", "ends_at"]), _ANYTHING
    )
)
def test_whatever_is_given_is_a_campaign_or_a_sentence(given: dict[str, object]) -> None:
    try:
        inputs = campaign_from({**GIVEN, **given})
    except Unavailable as told:
        assert str(told).split(" ")[0] in {*GIVEN, "holdout_share", "max_users", "starts_at", "ends_at"}
    else:
        assert campaign_from(json.loads(inputs.canonical())) == inputs


@pytest.mark.parametrize(
    ("budget", "cost", "cap", "users"),
    [(0.3, 0.1, None, 3), (1000, 2.5, None, 400), (1000, 3, None, 333), (1000, 2.5, 100, 100), (5, 5, 9, 1)],
)
def test_the_budget_holds_even_if_everybody_uses_it(
    budget: float, cost: float, cap: int | None, users: int
) -> None:
    inputs = campaign_from({**GIVEN, "budget_eur": budget, "cost_eur": cost, "max_users": cap})
    assert inputs.affordable_users == users


def test_without_times_it_is_measured_for_four_weeks_from_the_launch() -> None:
    launched_at = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
    assert campaign_from(GIVEN).time_from(launched_at) == (launched_at, launched_at + USUAL_TIME)
    over = campaign_from({**GIVEN, "ends_at": "2026-11-01"})
    with pytest.raises(Unavailable, match="ends_at is 2026-11-01"):
        over.time_from(launched_at)
    with pytest.raises(Unavailable, match="ends_at is 2026-11-01"):
        campaign_from({**GIVEN, "starts_at": "2026-11-02", "ends_at": "2026-11-01"})


def test_a_service_reads_it_without_dagster() -> None:
    text = "import sys, platform_assets.promotions.campaign; sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", text], check=False).returncode == 0
