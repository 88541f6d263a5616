"""The message shapes of the topic `tweets` as typed structures; one fits all of them, so each is read once.

Only what is read of a message is named here; what its values mean and what is wrong with them is not.
"""

from typing import Final

import msgspec

Notice = msgspec.Raw | msgspec.UnsetType


class Point(msgspec.Struct, gc=False):
    """A GeoJSON-like point; the order of its two numbers depends on the field that holds it."""

    coordinates: list[float] | None = None


class V1User(msgspec.Struct, gc=False):
    """Account of a v1.1 tweet."""

    id_str: str | None = None
    id: int | str | None = None
    screen_name: str | None = None
    name: str | None = None


class Place(msgspec.Struct, gc=False):
    """Place that an author chose, in v1.1 and in v2."""

    id: str | None = None
    full_name: str | None = None


class ExtendedTweet(msgspec.Struct, gc=False):
    """Whole text of a v1.1 tweet that does not fit into 140 characters."""

    full_text: str | None = None


class V2Geo(msgspec.Struct, gc=False):
    """Where a v2 tweet was written: an exact point [lon, lat], a place, both or neither."""

    place_id: str | None = None
    coordinates: Point | None = None


class V2Tweet(msgspec.Struct, gc=False):
    """The tweet in a v2 envelope."""

    id: str | None = None
    text: str | None = None
    author_id: str | None = None
    created_at: str | None = None
    lang: str | None = None
    geo: V2Geo | None = None


class V2User(msgspec.Struct, gc=False):
    """Account in the expansions of a v2 envelope."""

    id: str | None = None
    username: str | None = None
    name: str | None = None


class Includes(msgspec.Struct, gc=False):
    """Expansions of a v2 envelope."""

    users: list[V2User] | None = None
    places: list[Place] | None = None


class Envelope(msgspec.Struct, gc=False, rename={"screen_name": "screenName"}):
    """Every shape at once: original (`tweet`, `screenName`), v1.1 (`id_str`, `user` ...) and v2 (`data`)."""

    tweet: str | None | msgspec.UnsetType = msgspec.UNSET
    screen_name: str | None | msgspec.UnsetType = msgspec.UNSET
    geo: Point | None = None

    data: V2Tweet | None = None
    includes: Includes | None = None

    id_str: str | None = None
    id: int | str | None = None
    created_at: str | None = None
    text: str | None = None
    full_text: str | None = None
    extended_tweet: ExtendedTweet | None = None
    coordinates: Point | None = None
    place: Place | None = None
    user: V1User | None = None
    lang: str | None = None

    limit: Notice = msgspec.UNSET
    delete: Notice = msgspec.UNSET
    scrub_geo: Notice = msgspec.UNSET
    status_withheld: Notice = msgspec.UNSET
    user_withheld: Notice = msgspec.UNSET
    disconnect: Notice = msgspec.UNSET
    warning: Notice = msgspec.UNSET
    errors: Notice = msgspec.UNSET

    def notice(self) -> str | None:
        """Name of the control notice that this is, None when it is none."""
        return next((name for name in NOTICES if getattr(self, name) is not msgspec.UNSET), None)


NOTICES: Final = (
    "limit",
    "delete",
    "scrub_geo",
    "status_withheld",
    "user_withheld",
    "disconnect",
    "warning",
    "errors",
)
"""What a stream says besides tweets: v1.1 streaming messages, and `errors` of v2."""
