"""How long to wait: X's documented schedules."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tweet_stream.backoff import Periods, Reason, backfill_minutes, pause, unrecovered_s

PERIODS = Periods()


def waits(reason: Reason, count: int, resets_in_s: float | None = None) -> list[float]:
    return [pause(reason, failures, PERIODS, resets_in_s, 0) for failures in range(1, count + 1)]


def test_a_dropped_connection_is_made_again_at_once_then_in_steps_of_a_quarter_second_to_16_seconds() -> None:
    assert waits("dropped", 4) == [0, 0.25, 0.5, 0.75]
    assert waits("stalled", 100)[-1] == 16


def test_errors_of_the_server_double_from_5_to_320_seconds() -> None:
    assert waits("server_error", 9) == [5, 10, 20, 40, 80, 160, 320, 320, 320]
    assert waits("too_many_connections", 2) == [5, 10]


def test_a_rate_limit_is_waited_for_until_it_resets_and_doubles_from_a_minute_where_that_is_not_said() -> (
    None
):
    assert waits("rate_limited", 2, resets_in_s=42) == [42, 42]
    assert waits("rate_limited", 1, resets_in_s=86_400) == [900]
    assert waits("rate_limited", 2, resets_in_s=-5) == [60, 120], "one of the two clocks is wrong"
    assert waits("rate_limited", 6) == [60, 120, 240, 480, 900, 900]


@given(
    st.sampled_from(get_args(Reason)),
    st.integers(1, 10_000),
    st.none() | st.floats(-1e6, 1e6),
    st.floats(0, 1),
)
def test_no_wait_is_negative_or_longer_than_a_window_and_its_tenth(
    reason: Reason, failures: int, resets_in_s: float | None, jitter: float
) -> None:
    assert 0 <= pause(reason, failures, PERIODS, resets_in_s, jitter) <= 990
    assert pause(reason, failures, PERIODS, resets_in_s, 0) <= pause(
        reason, failures, PERIODS, resets_in_s, 1
    )


@pytest.mark.parametrize(
    ("allowed", "away_s", "minutes", "lost_s"),
    [
        (0, 30, 0, 30),
        (5, 30, 1, 0),
        (5, 50, 2, 0),
        (5, 300, 5, 0),
        (5, 420, 5, 120),
    ],
)
def test_a_backfill_covers_what_was_missed_as_far_as_it_may(
    allowed: int, away_s: float, minutes: int, lost_s: float
) -> None:
    assert backfill_minutes(allowed, away_s, PERIODS) == minutes
    assert unrecovered_s(allowed, away_s) == lost_s


def test_after_a_start_nobody_knows_what_was_missed_so_all_that_is_allowed_is_asked_for() -> None:
    assert backfill_minutes(5, None, PERIODS) == 5
