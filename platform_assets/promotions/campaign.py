"""What a campaign is launched with: its inputs, read from a form, a command or a request, and their canonical text.

Who is assigned and who is held out is in `assignment`; how a campaign is launched is in `launch`.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from resources.unavailable import Unavailable

SEGMENTS: Final = ("champions", "loyal", "promising", "new", "needs_attention", "at_risk", "lost")
"""The segments of `promotions.segments`, best first."""

USUAL_TIME: Final = dt.timedelta(days=28)
"""How long a campaign is measured when no end is given: four weeks, so that each weekday counts alike."""

_MOST_EUR = 1_000_000_000.0
_MOST_USERS = 1_000_000_000
_EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_LATEST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
_SHOWN = 60


@dataclass(frozen=True)
class CampaignInputs:
    """A campaign as somebody asks for it. Amounts are EUR, times aware and in UTC; `campaign_from` has checked it all.

    The fields are documented where people fill them in: the form of `launch_campaign`.
    """

    campaign_id: str
    promotion_id: str
    audience: tuple[str, ...]
    """Segments, each once, in alphabetical order."""
    budget_eur: float
    cost_eur: float
    holdout_share: float
    max_users: int | None = None
    max_active: int | None = None
    starts_at: dt.datetime | None = None
    """None is the moment of the launch."""
    ends_at: dt.datetime | None = None
    """None is `USUAL_TIME` after the start."""

    def canonical(self) -> str:
        """All inputs as JSON: the same text for the same campaign, however it was written."""
        times = {
            name: moment.isoformat() for name in ("starts_at", "ends_at") if (moment := getattr(self, name))
        }
        return json.dumps({**asdict(self), **times}, sort_keys=True, separators=(",", ":"))

    @property
    def affordable_users(self) -> int:
        """How many may get it, so that the budget holds even if everybody uses it; at most `max_users`."""
        # 0.3 / 0.1 is 2.99... in binary.
        affordable = int(Decimal(str(self.budget_eur)) // Decimal(str(self.cost_eur)))
        return affordable if self.max_users is None else min(affordable, self.max_users)

    def times_of(self, launched_at: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
        """First moment and end of what was launched at a time."""
        starts_at = self.starts_at or launched_at
        return starts_at, self.ends_at or starts_at + USUAL_TIME

    def time_from(self, launched_at: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
        """As `times_of`; raises Unavailable when it would end before it starts."""
        starts_at, ends_at = self.times_of(launched_at)
        if ends_at <= starts_at:
            raise Unavailable(
                f"ends_at is {ends_at.isoformat()}; it is a time after the start, {starts_at.isoformat()}."
            )
        return starts_at, ends_at


def campaign_from(given: Mapping[str, object]) -> CampaignInputs:
    """The inputs that a form, a command or a request has given; empty and missing optional fields are the same.

    Raises Unavailable for the first wrong field, in a sentence that begins with its name.
    """
    if unknown := sorted(set(given) - _READERS.keys()):
        raise Unavailable(f"{unknown[0]} is no field of a campaign; the fields are {', '.join(_READERS)}.")
    read = {name: reader(name, given.get(name)) for name, reader in _READERS.items()}
    inputs = CampaignInputs(**read)  # type: ignore[arg-type]
    if inputs.budget_eur < inputs.cost_eur:
        raise Unavailable(
            f"budget_eur is {inputs.budget_eur:g}; it is at least the cost of one use, {inputs.cost_eur:g} EUR."
        )
    if inputs.starts_at:
        inputs.time_from(inputs.starts_at)
    return inputs


class Conflict(NamedTuple):
    """Why an id cannot be launched with other inputs: the first field that differs, and a sentence."""

    field: str
    said: str


def conflict(before: str, inputs: CampaignInputs) -> Conflict | None:
    """What differs from the canonical text that the id was launched with; None when it is the same campaign."""
    then: Mapping[str, object] = json.loads(before)
    now: Mapping[str, object] = json.loads(inputs.canonical())
    name = next((name for name in sorted(now) if now[name] != then.get(name)), None)
    if name is None:
        return None
    said = (
        f"Campaign {inputs.campaign_id} was launched with {name} {json.dumps(then.get(name))}, not "
        f"{json.dumps(now[name])}; what was launched stays as it is, so choose another campaign_id."
    )
    return Conflict(name, said)


def _wrong(name: str, value: object, allowed: str) -> Unavailable:
    if value is None or value == "":
        return Unavailable(f"{name} is missing; it is {allowed}.")
    shown = repr(value)
    shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
    return Unavailable(f"{name} is {shown}; it is {allowed}.")


def _text(pattern: str, allowed: str) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise _wrong(name, value, allowed)
        return value

    return read


def _number(
    least: float, most: float, allowed: str, usual: float | None = None
) -> Callable[[str, object], float]:
    def read(name: str, value: object) -> float:
        if value is None and usual is not None:
            return usual
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise _wrong(name, value, allowed)
        # Minus zero would be another text.
        return float(value) + 0.0

    return read


def _cap(allowed: str) -> Callable[[str, object], int | None]:
    def read(name: str, value: object) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong(name, value, allowed)
        # NaN and infinity are in no range, so that int() never meets them.
        if not 1 <= value <= _MOST_USERS or value != int(value):
            raise _wrong(name, value, allowed)
        return int(value)

    return read


def _segments(name: str, value: object) -> tuple[str, ...]:
    allowed = f"one or more of {', '.join(SEGMENTS)}"
    found = [part.strip() for part in value.split(",")] if isinstance(value, str) and value else value
    if not isinstance(found, Sequence) or not found or isinstance(found, str):
        raise _wrong(name, value, allowed)
    for segment in found:
        if segment not in SEGMENTS:
            raise _wrong(name, segment, allowed)
    return tuple(sorted(set(found)))


def _time(name: str, value: object) -> dt.datetime | None:
    if value is None or value == "":
        return None
    allowed = "a time from 2000 to 2100 such as 2026-11-01T00:00:00+01:00, UTC unless it says otherwise"
    if not isinstance(value, str):
        raise _wrong(name, value, allowed)
    try:
        moment = dt.datetime.fromisoformat(value)
        aware = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise _wrong(name, value, allowed) from error
    if not _EARLIEST <= aware <= _LATEST:
        raise _wrong(name, value, allowed)
    return aware


_EUR = f"an amount from 0.01 to {_MOST_EUR:,.0f} EUR"
_READERS: Mapping[str, Callable[[str, object], object]] = {
    "campaign_id": _text(r"[a-z0-9-]{3,40}", "3 to 40 small letters, digits and hyphens"),
    "promotion_id": _text(r"[A-Za-z0-9_.-]{1,40}", "1 to 40 letters, digits, hyphens, dots and underscores"),
    "audience": _segments,
    "budget_eur": _number(0.01, _MOST_EUR, _EUR),
    "cost_eur": _number(0.01, _MOST_EUR, _EUR),
    "holdout_share": _number(0, 0.5, "a share from 0 to 0.5", usual=0.1),
    "max_users": _cap("a whole number from 1, or left out for no cap"),
    "max_active": _cap("a whole number from 1, or left out for no cap"),
    "starts_at": _time,
    "ends_at": _time,
}
