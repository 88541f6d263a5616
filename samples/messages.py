"""Tweets as bytes of the topic, in the three shapes, and messages that are no tweets.

Here belongs the wire format only; what happened and where is decided in `tweets`.
"""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Literal, NamedTuple

from samples.phrases import Topic

Shape = Literal["original", "v1.1", "v2"]


@dataclass(frozen=True)
class Tweet:
    """One tweet with everything any shape can carry; `tweet_id` is empty where the shape has none."""

    shape: Shape
    tweet_id: str
    created_at: dt.datetime
    text: str
    language: str
    screen_name: str
    author_name: str
    lon: float | None
    lat: float | None
    place: str
    """Name of the place the author chose, such as "Hartford, CT"; empty without one."""
    topic: Topic
    is_complaint: bool
    customer_id: str
    """The true author when that is a customer."""
    trap: str


class BadMessage(NamedTuple):
    """A message that cannot become a tweet, and why."""

    trap: str
    reason: str
    value: bytes


def encode(tweet: Tweet) -> bytes:
    """The message in the tweet's shape."""
    return _bytes(_ENCODERS[tweet.shape](tweet))


def _original(tweet: Tweet) -> dict[str, object]:
    """As the original producer wrote: point as [lat, lon]; no id, no time, no language, no place."""
    return {
        "geo": _point(tweet.lat, tweet.lon),
        "entities": _entities(tweet),
        "tweet": tweet.text,
        "screenName": tweet.screen_name,
    }


def _v1(tweet: Tweet) -> dict[str, object]:
    """As the streaming API v1.1: `coordinates` [lon, lat], the deprecated `geo` [lat, lon]; long texts extended."""
    is_long = len(tweet.text) > 140
    return {
        "created_at": tweet.created_at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "id": int(tweet.tweet_id),
        "id_str": tweet.tweet_id,
        "text": tweet.text[:139] + "…" if is_long else tweet.text,
        "truncated": is_long,
        **({"extended_tweet": {"full_text": tweet.text}} if is_long else {}),
        "user": {
            "id": _account(tweet),
            "id_str": str(_account(tweet)),
            "name": tweet.author_name,
            "screen_name": tweet.screen_name,
        },
        "geo": _point(tweet.lat, tweet.lon),
        "coordinates": _point(tweet.lon, tweet.lat),
        "place": {"id": _place_id(tweet), "place_type": "city", "full_name": tweet.place}
        if tweet.place
        else None,
        "entities": _entities(tweet),
        "retweeted": False,
        "filter_level": "low",
        "lang": tweet.language,
    }


def _v2(tweet: Tweet) -> dict[str, object]:
    """As the filtered stream of API v2: account and place stand in `includes` and are found by id."""
    geo: dict[str, object] = {}
    if tweet.place:
        geo["place_id"] = _place_id(tweet)
    if tweet.lon is not None:
        geo["coordinates"] = _point(tweet.lon, tweet.lat)
    user = {"id": str(_account(tweet)), "username": tweet.screen_name, "name": tweet.author_name}
    places = [{"id": _place_id(tweet), "full_name": tweet.place}] if tweet.place else []
    return {
        "data": {
            "id": tweet.tweet_id,
            "text": tweet.text,
            "author_id": user["id"],
            "created_at": tweet.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "lang": tweet.language,
            **({"geo": geo} if geo else {}),
        },
        "includes": {"users": [user], **({"places": places} if places else {})},
        "matching_rules": [{"id": "1", "tag": "connecticut"}],
    }


_ENCODERS = {"original": _original, "v1.1": _v1, "v2": _v2}


def _point(first: float | None, second: float | None) -> dict[str, object] | None:
    return None if first is None else {"type": "Point", "coordinates": [first, second]}


def _entities(tweet: Tweet) -> dict[str, object]:
    tags = [{"text": word[1:]} for word in tweet.text.split() if word.startswith("#")]
    return {"hashtags": tags, "urls": [], "user_mentions": [], "symbols": []}


def _account(tweet: Tweet) -> int:
    return int.from_bytes(tweet.screen_name.encode()[-6:], "big")


def _place_id(tweet: Tweet) -> str:
    return tweet.place.encode().hex()[:16]


def _bytes(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


_ORIGINAL = '{"geo":{"type":"Point","coordinates":%s},"entities":{},"tweet":"Where am I?","screenName":"odd"}'
_V1 = '{"created_at":"%s","id_str":"%s","text":"%s","user":{"id_str":"9","screen_name":"odd"},"lang":"en"}'

BAD_MESSAGES: tuple[BadMessage, ...] = (
    BadMessage("tombstone", "empty_message", b""),
    BadMessage("cut_off_json", "invalid_json", b'{"geo":null,"entities":{},"tweet":"half a mess'),
    BadMessage("prose", "invalid_json", b"Exceeded connection limit for user"),
    BadMessage(
        "latin_1", "not_utf8", b'{"geo":null,"entities":{},"tweet":"caf\xe9 in Storrs","screenName":"latin"}'
    ),
    BadMessage("limit_notice", "control_notice", b'{"limit":{"track":1234,"timestamp_ms":"1790000000000"}}'),
    BadMessage("stall_warning", "control_notice", b'{"warning":{"code":"FALLING_BEHIND","percent_full":60}}'),
    BadMessage("disconnect_notice", "control_notice", b'{"disconnect":{"code":4,"reason":"it was time"}}'),
    BadMessage("other_document", "unknown_shape", b'{"hello":"world"}'),
    BadMessage("json_list", "unknown_shape", b"[1,2,3]"),
    BadMessage("empty_text", "missing_text", b'{"geo":null,"entities":{},"tweet":"","screenName":"quiet"}'),
    BadMessage(
        "empty_text",
        "missing_text",
        (_V1 % ("Fri Oct 02 10:00:00 +0000 2026", "1970000000000000001", "")).encode(),
    ),
    BadMessage(
        "empty_text", "missing_text", b'{"data":{"id":"1970000000000000002","text":" ","author_id":"9"}}'
    ),
    BadMessage(
        "bad_time", "bad_time", (_V1 % ("yesterday", "1970000000000000003", "What time is it?")).encode()
    ),
    BadMessage(
        "swapped_coordinates",
        "swapped_coordinates",
        (_ORIGINAL % "[-72.6816,41.7659]").encode(),
    ),
    BadMessage(
        "coordinates_as_strings",
        "bad_coordinates",
        (_ORIGINAL % '["41.7659","-72.6816"]').encode(),
    ),
    BadMessage(
        "beyond_the_earth",
        "bad_coordinates",
        (_ORIGINAL % "[941.7659,-72.6816]").encode(),
    ),
)
