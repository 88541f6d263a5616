"""Intervals that hold as often as they say, on worlds whose truth is known; formulas against scipy's own tests."""

import numpy as np
import pytest
from scipy import stats  # noqa: TID253 - what it is compared with

from platform_assets.promotions.effect import (
    Moments,
    Share,
    benjamini_hochberg,
    minimum_detectable,
    newcombe,
    sample_ratio,
    welch,
)

WORLDS = 2_000


def _moments(revenue: np.ndarray) -> Moments:
    """One arm in each of many worlds, a row each."""
    return Moments(np.full(len(revenue), revenue.shape[1]), revenue.mean(axis=1), revenue.var(axis=1, ddof=1))


def test_an_interval_of_95_percent_holds_in_95_percent_of_worlds_of_skewed_revenue() -> None:
    random = np.random.default_rng(7)
    lift, sigma, mean = 1.10, 0.9, 40.0
    arms = []
    for users, factor in ((3_000, lift), (1_000, 1.0)):
        buys = random.random((WORLDS, users), dtype=np.float32) < 0.6
        amounts = random.standard_normal((WORLDS, users), dtype=np.float32)
        np.exp(amounts * sigma - sigma**2 / 2, out=amounts)
        arms.append(_moments((amounts * buys * (mean * factor)).astype(np.float64)))
    truth = 0.6 * mean * (lift - 1)
    found, _ = welch(*arms)
    holds = np.mean((found.low <= truth) & (truth <= found.high))
    assert holds == pytest.approx(0.95, abs=0.01)
    assert np.mean(found.estimate) == pytest.approx(truth, rel=0.05)


def _coverage(treated: float, treated_users: int, holdout: float, holdout_users: int) -> float:
    """How often Newcombe's interval holds the true difference, when so many redeem on average: a sum, not a sample."""
    shares = treated / treated_users, holdout / holdout_users
    counts, chances = [], []
    for share, users in zip(shares, (treated_users, holdout_users), strict=True):
        least, most = stats.binom.ppf((1e-9, 1 - 1e-9), users, share)
        counts.append(np.arange(max(0, least - 1), min(users, most + 1) + 1))
        chances.append(stats.binom.pmf(counts[-1], users, share))
    found = newcombe(Share(counts[0][:, None], treated_users), Share(counts[1], holdout_users))
    truth = shares[0] - shares[1]
    return float(np.sum(np.outer(*chances)[(found.low <= truth) & (truth <= found.high)]))


ARMS = [(450, 50), (900, 100), (1_900, 100), (900, 400), (2_000, 300), (9_000, 1_000), (1_000, 1_000)]


@pytest.mark.parametrize("arms", ARMS)
def test_an_interval_of_shares_holds_in_95_percent_of_worlds_with_ten_redemptions_in_each_arm(
    arms: tuple[int, int],
) -> None:
    found = [
        _coverage(treated, arms[0], holdout, arms[1])
        for treated in (10, 15, 20, 50, 100, 0.5 * arms[0], 0.9 * arms[0])
        for holdout in (10, 15, 20, 0.5 * arms[1])
    ]
    assert found == pytest.approx([0.95] * len(found), abs=0.01)


@pytest.mark.parametrize("arms", ARMS)
def test_of_a_holdout_that_redeems_rarely_it_never_holds_in_less_than_94_percent_and_mostly_in_more(
    arms: tuple[int, int],
) -> None:
    found = [
        _coverage(treated, arms[0], holdout, arms[1])
        for treated in (20, 25, 30, 50, 100, 0.5 * arms[0])
        for holdout in (0, 0.1, 0.2, 0.5, 1, 2, 5, 9)
    ]
    assert min(found) > 0.94
    assert max(found) < 0.985


@pytest.mark.parametrize(
    ("campaign", "holds"),
    [((18, 900, 0, 400), 0.982), ((180, 1_800, 0.2, 200), 0.972), ((450, 9_000, 0, 1_000), 0.971)],
)
def test_of_a_promotion_that_only_those_redeem_who_have_it_the_interval_holds_more_often_than_it_says(
    campaign: tuple[float, int, float, int], holds: float
) -> None:
    assert _coverage(*campaign) == pytest.approx(holds, abs=0.0005)


def test_where_hardly_anybody_redeems_at_all_it_may_hold_in_85_percent_of_worlds() -> None:
    found = [_coverage(treated, 20_000, 0.16, 200) for treated in (0.01, 0.2, 1, 5, 10)]
    assert 0.85 < min(found) < 0.86


def test_of_the_effects_called_significant_few_are_none() -> None:
    random = np.random.default_rng(13)
    shares, powers = [], []
    for _ in range(600):
        is_real = np.arange(40) < 10
        p_values = 2 * stats.norm.sf(np.abs(random.normal(np.where(is_real, 3.5, 0.0), 1.0)))
        is_called = benjamini_hochberg(p_values) < 0.05
        shares.append(np.sum(is_called & ~is_real) / max(1, int(np.sum(is_called))))
        powers.append(np.mean(is_called[is_real]))
    # Exactly 5 % of the share of campaigns without an effect.
    assert np.mean(shares) == pytest.approx(0.05 * 30 / 40, abs=0.01)
    assert np.mean(powers) > 0.7


def test_a_difference_that_is_just_detectable_is_seen_in_four_of_five_worlds() -> None:
    random = np.random.default_rng(17)
    holdout = Moments(400, 20.0, 900.0)
    difference = float(minimum_detectable(Moments(1_600, 20.0, 900.0), holdout))
    arms = [
        _moments(random.normal(20 + add, 30, (WORLDS, users)))
        for users, add in ((1_600, difference), (400, 0))
    ]
    _, p_values = welch(*arms)
    assert np.mean(p_values < 0.05) == pytest.approx(0.8, abs=0.03)


def test_welch_is_the_test_of_scipy() -> None:
    found, p_value = welch(Moments(120, 31.5, 400.0), Moments(30, 24.0, 900.0))
    usual = stats.ttest_ind_from_stats(31.5, 20.0, 120, 24.0, 30.0, 30, equal_var=False)
    assert p_value == pytest.approx(usual.pvalue, rel=1e-12)
    random = np.random.default_rng(19)
    a, b = random.gamma(1, 30, 200), random.gamma(1, 20, 40)
    interval = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    found, _ = welch(*(Moments(len(x), x.mean(), x.var(ddof=1)) for x in (a, b)))
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-12)


@pytest.mark.parametrize(
    ("treated", "holdout", "interval"),
    [
        # Newcombe (1998), table II, method 10.
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_newcombe_is_as_in_his_table(
    treated: tuple[int, int], holdout: tuple[int, int], interval: tuple[float, float]
) -> None:
    found = newcombe(Share(*treated), Share(*holdout))
    assert (found.low, found.high) == pytest.approx(interval, abs=1e-4)


def test_sizes_and_corrections_are_those_of_scipy() -> None:
    usual = stats.chisquare([9_210, 790], [9_000, 1_000]).pvalue
    assert sample_ratio(9_210, 790, 0.1) == pytest.approx(usual, rel=1e-9)
    p_values = np.random.default_rng(23).random(50) ** 3
    assert benjamini_hochberg(p_values) == pytest.approx(stats.false_discovery_control(p_values), rel=1e-12)


def test_what_cannot_be_told_is_nan_and_counts_for_nothing() -> None:
    some, nobody = Moments(50, 10.0, 4.0), Moments(0, np.nan, np.nan)
    assert np.isnan(welch(some, nobody)[1])
    assert np.isnan(welch(Moments(50, 0.0, 0.0), Moments(50, 0.0, 0.0))[1])
    assert np.isnan(newcombe(Share(1, 50), Share(0, 0)).low)
    assert np.isnan(sample_ratio(50, 0, 0.0))
    assert list(benjamini_hochberg([0.01, np.nan, 0.04])) == pytest.approx([0.02, np.nan, 0.04], nan_ok=True)
    assert len(benjamini_hochberg([])) == 0
