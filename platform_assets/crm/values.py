"""Values as any database gives them, coerced to the types of the raw CRM tables.

One function per type: None for a blank value, `BadValue` for a wrong one. Which column has which is not said.
"""

import math
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final, Literal, get_args

Reason = Literal[
    "missing_key",
    "missing_owner",
    "duplicate_key",
    "bad_text",
    "bad_date",
    "bad_time",
    "bad_number",
    "bad_boolean",
    "not_finite",
    "impossible_birth_date",
]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)

_MODERATE: Final = 10**18
_AMERICAN: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T]+(.+))?")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_TRUTHS: Final = dict.fromkeys(("1", "true", "t", "y", "yes"), True) | dict.fromkeys(
    ("0", "false", "f", "n", "no"), False
)


class BadValue(Exception):  # noqa: N818 - it names what the value is
    """A value, or the row that holds it, cannot be loaded: why, as a code of `REASONS` and as a sentence."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep both; the sentence is also the message."""
        super().__init__(detail)
        self.reason: Final = reason
        self.detail: Final = detail


def text(value: object) -> str | None:
    """Text as written; whole numbers without a fraction, so that a key read as 12.0 is 12."""
    if isinstance(value, str) and value.isascii():
        return value if value and not value.isspace() else None
    if isinstance(value, bytes | bytearray | memoryview):
        value = bytes(value).decode(errors="surrogateescape")
    elif isinstance(value, float | Decimal) and _is_moderate(value) and value == int(value):
        value = int(value)
    written = value if isinstance(value, str) else "" if value is None else str(value)
    if not written.isascii() and any("\ud800" <= character <= "\udfff" for character in written):
        raise BadValue("bad_text", "It holds bytes that are not UTF-8.")
    return written if written and not written.isspace() else None


def moment(value: object) -> datetime | None:
    """Naive UTC of a date-time, date, ISO 8601 or M/D/YYYY [H:MM[:SS]] text; a time without a zone is UTC."""
    if isinstance(value, str):
        value = _moment_in(value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(), UTC)
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise BadValue("bad_time", f"{_shown(value)} is no time.")
    try:
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    except OverflowError as error:
        raise BadValue("bad_time", f"{_shown(value)} lies outside the years 1 to 9999.") from error


def day(value: object) -> date | None:
    """Date of a date, date-time, YYYY-MM-DD or M/D/YYYY; a time of day beside it is dropped."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        found = _moment_in(value) if isinstance(value, str) else moment(value)
    except BadValue as bad:
        raise BadValue("bad_date", f"{_shown(value)} is no date.") from bad
    return found.date() if found else None


def number(value: object) -> float | None:
    """A finite number, or a text that is one; no thousands separators, because 1,234 is two things."""
    if value is None or (isinstance(value, str) and (not value or value.isspace())):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise BadValue("bad_number", f"{_shown(value)} is no number.")
    try:
        found = float(value)
    except OverflowError as error:
        raise BadValue("not_finite", f"{_shown(value)} is too large.") from error
    except ValueError as error:
        raise BadValue("bad_number", f"{_shown(value)} is no number.") from error
    if not math.isfinite(found):
        raise BadValue("not_finite", f"{_shown(value)} is no finite number.")
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        raise BadValue("bad_number", f"{_shown(value)} is no number.")
    return found


def truth(value: object) -> bool | None:
    """A boolean, 1 or 0, or a text such as true, f, Y, no."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.strip().lower()
    elif isinstance(value, int | float | Decimal) and _is_moderate(value) and value in (0, 1):
        word = str(int(value))
    else:
        word = "?"
    if not word:
        return None
    if word not in _TRUTHS:
        raise BadValue("bad_boolean", f"{_shown(value)} is neither true nor false.")
    return _TRUTHS[word]


def _moment_in(written: str) -> datetime | None:
    stripped = written.strip()
    if not stripped:
        return None
    try:
        if american := _AMERICAN.fullmatch(stripped):
            month, of_month, year, clock = american.groups()
            stripped = f"{year}-{int(month):02}-{int(of_month):02}T{(clock or '00:00').strip().zfill(5)}"
        return datetime.fromisoformat(stripped)
    except ValueError as error:
        raise BadValue("bad_time", f"{_shown(written)} is no time.") from error


def _shown(value: object) -> str:
    return repr(value)[:60]


def _is_moderate(value: float | Decimal) -> bool:
    """Whether a number is finite and its integer part short; a signalling NaN can be asked nothing else."""
    if isinstance(value, Decimal) and not value.is_finite():
        return False
    return -_MODERATE < value < _MODERATE
