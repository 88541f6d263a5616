"""What servers write into Retry-After, and how long that is."""

import datetime as dt
from email.utils import format_datetime

import pytest

from resources.retry_after import retry_after_s


@pytest.mark.parametrize(("text", "wait_s"), [("0", 0), ("17", 17), ("9" * 5_000, 999_999_999)])
def test_seconds_are_waited_as_they_are_written(text: str, wait_s: float) -> None:
    assert retry_after_s(text) == wait_s


def test_a_date_is_waited_for_and_one_that_is_over_is_not() -> None:
    in_an_hour = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    assert retry_after_s(format_datetime(in_an_hour)) == pytest.approx(3_600, abs=10)
    assert retry_after_s("Fri, 31 Dec 1999 23:59:59 GMT") == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "-5",
        "1.5",
        "Fri, 31 Dec 99999999999999999999 23:59:59 GMT",
        "Fri, 31 Dec 2021 23:59:59 +99999999999999",
    ],
)
def test_what_cannot_be_read_asks_for_no_time(text: str) -> None:
    assert retry_after_s(text) == 0
