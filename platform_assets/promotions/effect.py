"""The statistics of an effect: differences of two arms with their intervals, and how sure they are.

Formulas alone belong here, each for one campaign or for arrays of many; what is measured is in `measurement`.
"""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

CONFIDENCE: Final = 0.95
POWER: Final = 0.8
_UPPER: Final = (1 + CONFIDENCE) / 2


class Moments(NamedTuple):
    """Shoppers of an arm, and mean and sample variance of an amount over all of them."""

    users: "ArrayLike"
    mean: "ArrayLike"
    variance: "ArrayLike"


class Share(NamedTuple):
    """How many of how many shoppers did something."""

    did: "ArrayLike"
    users: "ArrayLike"


class Difference(NamedTuple):
    """A difference, treated less holdout, with its 95 % interval; NaN where an arm is too small to tell."""

    estimate: "Floats"
    low: "Floats"
    high: "Floats"


def welch(treated: Moments, holdout: Moments) -> tuple[Difference, "Floats"]:
    """Difference of two means and its two-sided p-value, for arms of other sizes and other variances.

    Source: Welch (1947), Biometrika 34, with the degrees of freedom of Satterthwaite (1946), Biometrics Bulletin 2.
    """
    from scipy import special

    estimate = np.subtract(treated.mean, holdout.mean, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = _squared_errors(treated, holdout)
        error = np.sqrt(first + second)
        freedom = (first + second) ** 2 / (
            first**2 / np.subtract(treated.users, 1.0) + second**2 / np.subtract(holdout.users, 1.0)
        )
        p_value = 2 * special.stdtr(freedom, -np.abs(estimate / error))
    margin = special.stdtrit(freedom, _UPPER) * error
    return Difference(estimate, estimate - margin, estimate + margin), p_value


def newcombe(treated: Share, holdout: Share) -> Difference:
    """Difference of two shares, with an interval for small and for rare ones too.

    It holds in 94 to 96 of 100 worlds where ten or more do it on average in each arm. Where fewer do in the holdout and
    twenty or more of the treated, it is mostly too wide: it holds in 94 to 98.5, since Wilson's interval of
    a share near zero leaves room above it. With fewer of the treated, too, it may hold in 85 only.

    Source: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10: two intervals of Wilson (1927), combined.
    """
    p, low_p, high_p = _wilson(treated)
    q, low_q, high_q = _wilson(holdout)
    estimate = p - q
    return Difference(
        estimate,
        estimate - np.sqrt((p - low_p) ** 2 + (high_q - q) ** 2),
        estimate + np.sqrt((high_p - p) ** 2 + (q - low_q) ** 2),
    )


def sample_ratio(treated: "ArrayLike", holdout: "ArrayLike", holdout_share: "ArrayLike") -> "Floats":
    """P-value of the sizes of the arms, were they drawn with this share; NaN where nobody was to be held out.

    Source: Pearson (1900), one degree of freedom; as a check of experiments: Fabijan et al. (2019), KDD.
    """
    from scipy import special

    users = np.add(treated, holdout, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = users * holdout_share
        distance = np.subtract(holdout, expected) ** 2
        found: Floats = special.chdtrc(1, distance / expected + distance / (users - expected))
    return found


def benjamini_hochberg(p_values: "ArrayLike") -> "Floats":
    """P-values corrected so that of all effects called significant 5 % at most are none, on average.

    Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57. NaN stays NaN and counts not.
    """
    given = np.asarray(p_values, float)
    found = np.full(given.shape, np.nan)
    known = np.flatnonzero(~np.isnan(given))
    order = known[np.argsort(given[known], kind="stable")]
    scaled = given[order] * len(order) / np.arange(1, len(order) + 1)
    found[order] = np.minimum.accumulate(scaled[::-1])[::-1].clip(max=1)
    return found


def minimum_detectable(treated: Moments, holdout: Moments) -> "Floats":
    """The smallest true difference of means that would be seen at 5 % with a power of 80 %.

    Source: Bloom (1995), Evaluation Review 19: the standard error, 2.80 times.
    """
    from scipy import special

    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(sum(_squared_errors(treated, holdout)))
    found: Floats = (special.ndtri(_UPPER) + special.ndtri(POWER)) * error
    return found


def _squared_errors(treated: Moments, holdout: Moments) -> "tuple[Floats, Floats]":
    """Squared standard errors of the two means."""
    return (
        np.divide(treated.variance, treated.users, dtype=float),
        np.divide(holdout.variance, holdout.users, dtype=float),
    )


def _wilson(share: Share) -> "tuple[Floats, Floats, Floats]":
    from scipy import special

    z = special.ndtri(_UPPER)
    users = np.asarray(share.users, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.divide(share.did, users)
        middle = p + z**2 / (2 * users)
        margin = z * np.sqrt(p * (1 - p) / users + z**2 / (4 * users**2))
        low, high = (middle - margin) / (1 + z**2 / users), (middle + margin) / (1 + z**2 / users)
    return p, np.clip(low, 0, p), np.clip(high, p, 1)
