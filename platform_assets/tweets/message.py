"""One message of the topic `tweets`, read as a tweet or as a notice to forget one, or why it is neither.

The meaning of each shape's fields belongs here; batches, offsets and columns do not.
"""

import hashlib
import re
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, TypeVar, get_args

import msgspec

from platform_assets.geo.quadrants import quadrant_of
from platform_assets.tweets.notices import Deletion, deletion_of
from platform_assets.tweets.shapes import Envelope, Includes, Place, V2Tweet, V2User

MAX_BYTES: Final = 1_000_000
"""Largest message that is read; no tweet comes near it."""

Reason = Literal[
    "empty_message",
    "too_large",
    "not_utf8",
    "invalid_json",
    "unknown_shape",
    "control_notice",
    "missing_text",
    "bad_coordinates",
    "swapped_coordinates",
    "bad_time",
]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)

_MONTHS: Final = {
    month: f"{number:02}"
    for number, month in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
_DAYS: Final = frozenset(f"{day:02}" for day in range(1, 32))
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - times of rows are naive UTC
_EPOCH_UTC: Final = datetime(1970, 1, 1, tzinfo=UTC)
_REGION: Final = re.compile(r",\s*([A-Z]{2})\s*$")
_decode_envelope: Final = msgspec.json.Decoder(Envelope).decode

Expansion = TypeVar("Expansion", V2User, Place)


class Tweet(NamedTuple):
    """One tweet: the columns of `tweets.raw_tweets` from `shape` on. Times are naive UTC, degrees WGS 84."""

    shape: str
    tweet_id: str
    created_at: datetime | None
    text: str
    lang: str | None
    author_id: str | None
    screen_name: str | None
    author_name: str | None
    lon: float | None
    lat: float | None
    place_name: str | None
    place_region: str | None


class Unreadable(Exception):  # noqa: N818 - it names what the message is
    """A message is no tweet that can be used: why, as a code of `REASONS` and as a sentence."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep both; the sentence is also the message."""
        super().__init__(detail)
        self.reason: Final = reason
        self.detail: Final = detail


def read(value: bytes | None) -> Tweet | Deletion:
    """Read the value of one message; raises `Unreadable`."""
    if not value:
        raise Unreadable("empty_message", "The message has no value.")
    if len(value) > MAX_BYTES:
        raise Unreadable("too_large", f"The message has {len(value)} bytes; {MAX_BYTES} are read at most.")
    try:
        message = _decode_envelope(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _why_undecodable(value, error) from error
    if message.data is not None:
        is_tweet = message.data.text is not None or message.data.id is not None
        notice = None if is_tweet else deletion_of(value)
        return notice or _from_v2(message.data, message.includes)
    if message.tweet is not msgspec.UNSET or message.screen_name is not msgspec.UNSET:
        return _from_original(message)
    if message.text or message.full_text or message.user or message.id_str or message.id:
        return _from_v1(message)
    if deletion := deletion_of(value):
        return deletion
    if name := message.notice():
        raise Unreadable("control_notice", f"A notice of the stream ({name}), not a tweet.")
    raise Unreadable("unknown_shape", "A JSON object with none of the fields that a tweet has.")


def _from_original(message: Envelope) -> Tweet:
    """The shape of the original producer; `geo` holds [lat, lon]. Source: source-systems, 1.2."""
    text = _text(message.tweet or None)
    screen_name = message.screen_name.removeprefix("@") if message.screen_name else None
    lon, lat = _point(message.geo.coordinates if message.geo else None, lat_first=True)
    return Tweet(
        "original", _content_id(screen_name, text, lon, lat), None, text, None, None, screen_name, None,
        lon, lat, None, None,
    )  # fmt: skip


def _from_v1(message: Envelope) -> Tweet:
    """A tweet of API v1.1; `coordinates` holds [lon, lat], the deprecated `geo` [lat, lon]."""
    extended = message.extended_tweet
    text = _text((extended and extended.full_text) or message.full_text or message.text)
    if message.coordinates and message.coordinates.coordinates is not None:
        lon, lat = _point(message.coordinates.coordinates)
    else:
        lon, lat = _point(message.geo.coordinates if message.geo else None, lat_first=True)
    user = message.user
    screen_name = user.screen_name if user else None
    place_name = message.place.full_name if message.place else None
    return Tweet(
        "v1.1",
        message.id_str or (str(message.id) if message.id else _content_id(screen_name, text, lon, lat)),
        _time(message.created_at),
        text,
        message.lang,
        (user.id_str or (str(user.id) if user.id else None)) if user else None,
        screen_name,
        user.name if user else None,
        lon,
        lat,
        place_name,
        _region(place_name),
    )


def _from_v2(data: V2Tweet, includes: Includes | None) -> Tweet:
    """A v2 envelope; its account and place are looked up by id in `includes`, and may be missing there."""
    text = _text(data.text)
    place_id = data.geo.place_id if data.geo else None
    user = _by_id(includes.users if includes else None, data.author_id)
    place = _by_id(includes.places if includes else None, place_id)
    place_name = place.full_name if place else None
    lon, lat = _point(data.geo.coordinates.coordinates if data.geo and data.geo.coordinates else None)
    screen_name = user.username if user else None
    return Tweet(
        "v2",
        data.id or _content_id(screen_name or data.author_id, text, lon, lat),
        _time(data.created_at),
        text,
        data.lang,
        data.author_id,
        screen_name,
        user.name if user else None,
        lon,
        lat,
        place_name,
        _region(place_name),
    )


def _by_id(expansions: list[Expansion] | None, wanted: str | None) -> Expansion | None:
    for expansion in expansions or () if wanted else ():
        if expansion.id == wanted:
            return expansion
    return None


def _text(text: str | None) -> str:
    if not text or text.isspace():
        raise Unreadable("missing_text", "The message holds no text.")
    return text


def _point(pair: list[float] | None, *, lat_first: bool = False) -> tuple[float | None, float | None]:
    """(lon, lat) in degrees, or (None, None) without a point."""
    if pair is None:
        return None, None
    if len(pair) < 2:
        raise Unreadable("bad_coordinates", f"A point needs two numbers, this one has {len(pair)}.")
    lon, lat = (pair[1], pair[0]) if lat_first else (pair[0], pair[1])
    if quadrant_of(lon, lat) is None and quadrant_of(lat, lon) is not None:
        order = "[lat, lon]" if lat_first else "[lon, lat]"
        raise Unreadable(
            "swapped_coordinates", f"{pair[:2]} lies in Connecticut only when not read as {order}."
        )
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Unreadable("bad_coordinates", f"Longitude {lon}, latitude {lat} is no place on Earth.")
    return lon, lat


def _time(text: str | None) -> datetime | None:
    """Naive UTC of `Thu Feb 21 14:03:11 +0000 2019` (v1.1) or ISO 8601 (v2)."""
    if not text:
        return None
    try:
        if text[0].isdigit():
            time = datetime.fromisoformat(text)
        else:
            _weekday, month, day, clock, zone, year = text.split()
            date = f"{year}-{_MONTHS[month]}-{day if day in _DAYS else f'{int(day):02}'}"
            time = datetime.fromisoformat(f"{date}T{clock}{zone}")
        return _EPOCH + (time - _EPOCH_UTC) if time.tzinfo else time
    except (ValueError, KeyError, OverflowError) as error:
        raise Unreadable("bad_time", f"{text[:60]!r} is no time that can be read.") from error


def _region(place_name: str | None) -> str | None:
    found = _REGION.search(place_name) if place_name else None
    return found[1] if found else None


def _content_id(screen_name: str | None, text: str, lon: float | None, lat: float | None) -> str:
    """An id for a message without one: equal content, equal id."""
    content = msgspec.json.encode((screen_name, text, lon, lat))
    return "content:" + hashlib.sha256(content).hexdigest()


def _why_undecodable(value: bytes, error: Exception) -> Unreadable:
    try:
        value.decode()
    except UnicodeDecodeError as bad:
        return Unreadable("not_utf8", f"Byte {bad.start} is not UTF-8.")
    if not isinstance(error, msgspec.ValidationError):
        return Unreadable("invalid_json", f"{error}.")
    path = str(error).rpartition(" at `")[2]
    if "coordinates" in path or "geo" in path:
        return Unreadable("bad_coordinates", f"{error}.")
    if "created_at" in path:
        return Unreadable("bad_time", f"{error}.")
    if "text" in path or "tweet" in path:
        return Unreadable("missing_text", f"{error}.")
    return Unreadable("unknown_shape", f"{error}.")
