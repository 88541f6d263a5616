"""Dates as `ls -l` prints them, of the C locale, as times with their year.

Which of a line's words are its date is told in `entry`; ls prints local time, which is UTC in every container.
"""

import datetime as dt
import re
from functools import lru_cache
from typing import Final

RECENT: Final = r"[A-Z][a-z][a-z] +[0-9]{1,2} +[0-9]{2}:[0-9]{2}"
OLD: Final = r"[A-Z][a-z][a-z] +[0-9]{1,2} +[0-9]{4}"
LONG_ISO: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}"
FULL_ISO: Final = LONG_ISO + r":[0-9]{2}\.[0-9]{9} [+-][0-9]{4}"
"""The four forms, as both regular expressions of Python and RE2; whether such a day exists they do not say."""

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_AHEAD: Final = dt.timedelta(days=1)
"""How far a clock or a zone may be ahead of ours; ls itself prints the year of what is later."""
_LEAP_YEARS: Final = 8
"""The longest time between two leap days."""


@lru_cache(maxsize=65_536)
def moment(dated: str, listed: dt.datetime) -> dt.datetime | None:
    """The time that a date in single blanks means, naive and in UTC; None when there is no such day or time.

    Without a year it is the latest that is not more than a day after `listed`, naive and in UTC, too.
    """
    try:
        if dated[0].isdigit():
            return _iso(dated)
        month, day, last = dated.split(" ")
        if ":" not in last:
            return _naive(int(last), month, int(day))
        return _latest(month, int(day), last, listed)
    except (ValueError, OverflowError):
        return None


def _iso(dated: str) -> dt.datetime:
    if "." not in dated:
        return dt.datetime.fromisoformat(dated)
    # datetime keeps microseconds.
    found = dt.datetime.strptime(re.sub(r"(\.\d{6})\d+", r"\1", dated), "%Y-%m-%d %H:%M:%S.%f %z")
    return found.astimezone(dt.UTC).replace(tzinfo=None)


def _naive(year: int, month: str, day: int, hour: int = 0, minute: int = 0) -> dt.datetime:
    """Raises ValueError when there is no such time."""
    return dt.datetime(year, _MONTHS.index(month) + 1, day, hour, minute, tzinfo=dt.UTC).replace(tzinfo=None)


def _latest(month: str, day: int, clock: str, listed: dt.datetime) -> dt.datetime | None:
    hour, minute = map(int, clock.split(":"))
    until = listed + _AHEAD
    for year in range(until.year, until.year - _LEAP_YEARS - 1, -1):
        try:
            found = _naive(year, month, day, hour, minute)
        except ValueError:
            # The day may be a leap day; one that never comes ends the loop, too.
            continue
        if found <= until:
            return found
    return None
