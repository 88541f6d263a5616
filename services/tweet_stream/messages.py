"""What a line of the stream is, as far as it has to be known to publish it: its kind and its key.

Shapes are those of X's API v2 and its compliance streams, and the notices of v1.1; tweets are decoded by the domain.
"""

from typing import Final, Literal, NamedTuple

import msgspec

Kind = Literal[
    "tweet", "deletion", "tweet_event", "user_event", "unknown", "disconnect", "undelivered", "notice"
]  # fmt: skip

TWEET_EVENTS: Final = ("delete", "withheld", "drop", "undrop", "tweet_edit")
"""Compliance events of one tweet. Source: docs.x.com, Stream Posts Compliance data."""
PUBLISHED: Final = frozenset({"tweet", "deletion", "tweet_event", "user_event", "unknown"})
"""Kinds that go to the topic; the others are told to the reader itself, and end in its log and counters."""


class Reading(NamedTuple):
    """A line's kind, its key in the topic, what X did not deliver (tweets since it connected), what it says."""

    kind: Kind
    key: bytes | None = None
    undelivered: int = 0
    detail: str = ""


class _Object(msgspec.Struct, gc=False):
    """A tweet or a user."""

    id: str | int | None = None
    id_str: str | None = None

    def key(self) -> bytes | None:
        found = self.id_str or self.id
        return str(found).encode() if found else None


class _Event(msgspec.Struct, gc=False):
    """An event of a compliance stream (`tweet` or `user`), or a notice of v1.1 (`status`, or flat)."""

    tweet: _Object | None = None
    user: _Object | None = None
    status: _Object | None = None
    id: str | int | None = None
    user_id: str | int | None = None


class _Data(_Object, gc=False):
    """A tweet, which has an id of its own, or a compliance event under its name."""

    delete: _Event | None = None
    withheld: _Event | None = None
    drop: _Event | None = None
    undrop: _Event | None = None
    tweet_edit: _Event | None = None
    user_delete: _Event | None = None
    user_undelete: _Event | None = None
    user_protect: _Event | None = None
    user_unprotect: _Event | None = None
    user_suspend: _Event | None = None
    user_unsuspend: _Event | None = None
    user_withheld: _Event | None = None
    scrub_geo: _Event | None = None
    user_profile_modification: _Event | None = None


class _Problem(msgspec.Struct, gc=False):
    title: str = ""
    detail: str = ""
    disconnect_type: str | None = None
    connection_issue: str | None = None


class _Limit(msgspec.Struct, gc=False):
    track: int = 0


class _Envelope(msgspec.Struct, gc=False):
    data: _Data | None = None
    errors: list[_Problem] | None = None
    title: str = ""
    detail: str = ""
    connection_issue: str | None = None
    id: str | int | None = None
    id_str: str | None = None
    delete: _Event | None = None
    status_withheld: _Event | None = None
    user_withheld: _Event | None = None
    scrub_geo: _Event | None = None
    limit: _Limit | None = None
    disconnect: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    warning: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_decode: Final = msgspec.json.Decoder(_Envelope).decode
_USER_EVENTS: Final = tuple(
    name for name in _Data.__struct_fields__ if name not in (*_Object.__struct_fields__, *TWEET_EVENTS)
)


def read(line: bytes) -> Reading:
    """What a line is; one that is nothing we know is `unknown`, and published as it is. Raises nothing."""
    try:
        envelope = _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Reading("unknown")
    if envelope.data is not None:
        return _of_data(envelope.data)
    return _of_notice(envelope) or _of_message(envelope)


def _of_data(data: _Data) -> Reading:
    # A tweet may have a field `withheld` of its own.
    if key := data.key():
        return Reading("tweet", key)
    for name in TWEET_EVENTS:
        if (event := getattr(data, name)) is not None:
            kind: Kind = "deletion" if name == "delete" else "tweet_event"
            return Reading(kind, event.tweet.key() if event.tweet else None)
    for name in _USER_EVENTS:
        if (event := getattr(data, name)) is not None:
            return _of_user(event.user.key() if event.user else None)
    return Reading("unknown")


def _of_notice(envelope: _Envelope) -> Reading | None:
    """Notices of v1.1 about what was published before."""
    if envelope.delete is not None and envelope.delete.status is not None:
        return Reading("deletion", envelope.delete.status.key())
    if (withheld := envelope.status_withheld) is not None:
        return Reading("tweet_event", str(withheld.id).encode() if withheld.id else None)
    if (event := envelope.scrub_geo or envelope.user_withheld) is not None:
        user = event.user_id or event.id
        return _of_user(str(user).encode() if user else None)
    return None


def _of_user(user: bytes | None) -> Reading:
    """Events of one user stay in order by a key of their own, which is no tweet's id."""
    return Reading("user_event", b"user:" + user if user else None)


def _of_message(envelope: _Envelope) -> Reading:
    """What is told to the reader itself."""
    if envelope.limit is not None:
        return Reading("undelivered", undelivered=envelope.limit.track)
    problems = envelope.errors or []
    if envelope.connection_issue or envelope.title == "ConnectionException":
        problems.append(_Problem(envelope.title, envelope.detail, connection_issue=envelope.connection_issue))
    if problems:
        ends = any(
            problem.disconnect_type or problem.connection_issue or problem.title == "operational-disconnect"
            for problem in problems
        )
        said = "; ".join(f"{problem.title}: {problem.detail}" for problem in problems)
        return Reading("disconnect" if ends else "notice", detail=said[:500])
    if envelope.disconnect is not msgspec.UNSET:
        return Reading("disconnect", detail=bytes(envelope.disconnect).decode(errors="replace")[:500])
    if envelope.warning is not msgspec.UNSET:
        return Reading("notice", detail=bytes(envelope.warning).decode(errors="replace")[:500])
    key = envelope.id_str or envelope.id
    return Reading("tweet", str(key).encode()) if key else Reading("unknown")
