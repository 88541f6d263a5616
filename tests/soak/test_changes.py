"""Which answers are right while somebody else changes what a shopper has."""

import time

from soak.changes import Changes
from soak.processes import STALENESS_S


def test_an_answer_may_show_what_was_until_the_bound_and_what_has_begun() -> None:
    changes, now = Changes(), time.monotonic()
    changes.began += [now - 10, now]
    changes.ended += [now - 9]
    assert not changes.allow([], now - 9 + STALENESS_S + 1, now - 1)
    assert changes.allow([], now - 9 + STALENESS_S, now - 1)
    assert changes.allow(["changed/1"], now - 1, now - 1)
    assert changes.allow([], now, now)
    assert not changes.allow(["changed/3"], now, now)
