"""The header Retry-After, as HTTP defines it; who waits, and how long at most, decide for themselves."""

import datetime as dt
from email.utils import parsedate_to_datetime


def retry_after_s(text: str) -> float:
    """Seconds that Retry-After asks for (RFC 9110, 10.2.3: seconds or a date); 0 without one that can be read."""
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    aware = at if at.tzinfo else at.replace(tzinfo=dt.UTC)
    return max(0.0, (aware - dt.datetime.now(dt.UTC)).total_seconds())
