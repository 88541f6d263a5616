"""Times as the stores of promotions and of requests hold them: text, in UTC, to the second.

The original wrote local times without an offset; they are read too, and never written.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_BRUSSELS: Final = ZoneInfo("Europe/Brussels")
_LOCAL: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", re.ASCII)


# A campaign gives a million promotions at one moment.
@lru_cache(maxsize=1_024)
def text_of(moment: datetime) -> str:
    """An aware time as ISO 8601, such as 2026-11-01T12:00:00Z."""
    return f"{moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"


def time_of(value: object) -> datetime:
    """The time in UTC of such a text, of one with another offset, of the original's local text, or of a datetime.

    Raises ValueError for anything else. Of an hour that Brussels had twice it is the first.
    """
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(moment, datetime) and moment.tzinfo is None and isinstance(value, str):
        moment = moment.replace(tzinfo=_BRUSSELS) if _LOCAL.fullmatch(value) else None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError(f"{value!r} is no time")
    try:
        return moment.astimezone(UTC).replace(microsecond=0)
    except OverflowError as error:
        raise ValueError(f"{value!r} is beyond the calendar") from error
