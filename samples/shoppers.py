"""Shoppers of the sample retailer: how often each buys, for how much, and since and until when.

Here belong habits and the receipts that follow from them; how these are written down is in `sales`.
"""

import datetime as dt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FROM: Final = dt.datetime(2024, 11, 1, tzinfo=dt.UTC)
DAYS: Final = 730
FEWEST: Final = 100
_DAY_S: Final = 86_400
_OPENS_S, _OPEN_S = 8 * 3_600, 12 * 3_600
_RETURNED: Final = 0.02
_REDEEMED: Final = 0.05
_PROMOTIONS: Final = 10
_SPREAD: Final = 0.5


class Habit(NamedTuple):
    """A kind of shopper: its share, receipts a year, usual amount in EUR, first and last day by range."""

    name: str
    share: float
    per_year: float
    basket_eur: float
    begins: tuple[int, int]
    ends: tuple[int, int]


HABITS: Final = (
    Habit("weekly", 0.12, 40.0, 38.0, (0, 1), (DAYS, DAYS + 1)),
    Habit("monthly", 0.33, 12.0, 55.0, (0, 1), (DAYS, DAYS + 1)),
    Habit("seldom", 0.25, 4.0, 70.0, (0, 1), (DAYS, DAYS + 1)),
    Habit("lapsed", 0.18, 14.0, 50.0, (0, 1), (200, 660)),
    Habit("newcomer", 0.12, 16.0, 45.0, (DAYS - 90, DAYS - 20), (DAYS, DAYS + 1)),
)


class Shoppers(NamedTuple):
    """Shoppers by number, from 1: place in `HABITS`, receipts a year, usual amount, first and last day."""

    user_id: Ints
    habit: Ints
    per_year: Floats
    basket_eur: Floats
    begins: Ints
    ends: Ints


class Receipts(NamedTuple):
    """Receipts in the order of their times: seconds since 1970, amount in cents, promotion (0 for none)."""

    user_id: Ints
    sold_s: Ints
    cents: Ints
    promotion: Ints


def shoppers(seed: int, count: int) -> Shoppers:
    """`count` shoppers, each kind in its share. Raises ValueError for too few."""
    if count < FEWEST:
        raise ValueError(f"{count} shoppers are too few for every habit; ask for at least {FEWEST}.")
    rng = np.random.default_rng([seed, 1])
    bounds = np.cumsum([habit.share for habit in HABITS])[:-1] * count
    habit = rng.permutation(np.searchsorted(bounds, np.arange(count), side="right"))
    own = np.exp(0.3 * rng.standard_normal((2, count)))
    of = {name: np.array([getattr(kind, name) for kind in HABITS])[habit] for name in Habit._fields[2:]}
    begins, ends = (rng.integers(of[name][:, 0], of[name][:, 1]) for name in ("begins", "ends"))
    ids = np.arange(1, count + 1)
    return Shoppers(ids, habit, of["per_year"] * own[0], of["basket_eur"] * own[1], begins, ends)


def receipts(seed: int, crowd: Shoppers) -> Receipts:
    """What they bought in the two years from `FROM`; a few are returns, some redeem a promotion at the till."""
    days = crowd.ends - crowd.begins
    rng = np.random.default_rng([seed, 2])
    start = int(FROM.timestamp()) + crowd.begins * _DAY_S
    return bought(rng, crowd, crowd.per_year * days / 365, start, days)


def bought(
    rng: np.random.Generator, crowd: Shoppers, expected: Floats, start_s: Ints, days: Ints
) -> Receipts:
    """Receipts of each shopper: `expected` many on average, within `days` days from `start_s` on, in opening hours."""
    buyer = np.repeat(np.arange(len(crowd.user_id)), rng.poisson(expected))
    day = np.floor(rng.random(len(buyer)) * days[buyer]).astype(np.int64)
    second = _OPENS_S + np.floor(rng.random(len(buyer)) * _OPEN_S).astype(np.int64)
    sold_s = start_s[buyer] + day * _DAY_S + second
    # The mean of such amounts is the usual one: what spreads them is taken off again.
    eur = crowd.basket_eur[buyer] * np.exp(_SPREAD * rng.standard_normal(len(buyer)) - _SPREAD**2 / 2)
    cents = np.maximum(1, np.round(eur * 100)).astype(np.int64)
    cents = np.where(rng.random(len(buyer)) < _RETURNED, -cents // 2, cents)
    redeems = (rng.random(len(buyer)) < _REDEEMED) & (cents > 0)
    promotion = np.where(redeems, rng.integers(1, _PROMOTIONS + 1, len(buyer)), 0)
    order = np.argsort(sold_s, kind="stable")
    return Receipts(crowd.user_id[buyer][order], sold_s[order], cents[order], promotion[order])
