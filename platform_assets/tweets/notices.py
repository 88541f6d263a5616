"""Notices of the platform that something is to be forgotten.

Their shapes and what each asks for belong here; who carries it out is in `deletions`.
"""

import re
from typing import Final, Literal, NamedTuple

import msgspec

Scope = Literal["tweet", "author", "place"]


class Deletion(NamedTuple):
    """What is to be forgotten: columns of `tweets.deleted_tweets`.

    With scope `place`, `tweet_id` is the last tweet of the author whose place goes; empty, all of them.
    """

    notice: str
    scope: Scope
    tweet_id: str | None
    author_id: str | None


class Subject(msgspec.Struct, gc=False):
    """Whom or what a notice is about, in the words of v1.1 and v2 at once."""

    id_str: str | None = None
    id: int | str | None = None
    user_id_str: str | None = None
    user_id: int | str | None = None
    up_to_status_id_str: str | None = None
    up_to_status_id: int | str | None = None
    up_to_tweet_id: int | str | None = None
    status: "Subject | None" = None
    tweet: "Subject | None" = None
    user: "Subject | None" = None


class Notices(msgspec.Struct, gc=False):
    """Every notice that asks to forget. v1.1 has them at the top, v2 in `data`.

    Source: X, Compliance data objects (compliance streams v2; v1.1 streaming message types). What is withheld in
    some country is forgotten everywhere.
    """

    delete: Subject | None = None
    tweet_delete: Subject | None = None
    drop: Subject | None = None
    withheld: Subject | None = None
    status_withheld: Subject | None = None
    user_delete: Subject | None = None
    user_protect: Subject | None = None
    user_suspend: Subject | None = None
    user_withheld: Subject | None = None
    scrub_geo: Subject | None = None
    data: "Notices | None" = None


_TWEETS: Final = ("delete", "tweet_delete", "drop", "withheld", "status_withheld")
_AUTHORS: Final = ("user_delete", "user_protect", "user_suspend", "user_withheld")
_decode: Final = msgspec.json.Decoder(Notices).decode
_ID: Final = re.compile(rb'"id(?:_str)?"\s*:\s*"?(\d+)')
_AUTHOR: Final = re.compile(rb'"author_id"\s*:\s*"?(\d+)')
_USER: Final = re.compile(rb'"user"\s*:\s*\{[^{}]*?"id(?:_str)?"\s*:\s*"?(\d+)')


def deletion_of(value: bytes) -> Deletion | None:
    """What a message asks to forget; None when it asks for nothing, or does not say whom it means."""
    try:
        found = _decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    notices = found.data or found
    for name in _TWEETS:
        subject: Subject | None = getattr(notices, name)
        if subject and (tweet_id := _id(subject.tweet or subject.status or subject)):
            # A like that is taken back is a `delete` without a tweet.
            return Deletion(name, "tweet", tweet_id, None)
    for name in _AUTHORS:
        subject = getattr(notices, name)
        if subject and (author_id := _id(subject.user or subject)):
            return Deletion(name, "author", None, author_id)
    return _scrub(notices.scrub_geo) if notices.scrub_geo else None


def ids_in(raw: bytes) -> tuple[str | None, str | None]:
    """Ids of tweet and author in a message that cannot be read, as far as they can be seen in it."""
    user = _USER.search(raw)
    # What stands in the user's braces is the user's.
    rest = raw[: user.start()] + raw[user.end() :] if user else raw
    tweet, author = _ID.search(rest), user or _AUTHOR.search(raw)
    return tweet[1].decode() if tweet else None, author[1].decode() if author else None


def _scrub(subject: Subject) -> Deletion | None:
    author_id = _id(subject.user) if subject.user else _text(subject.user_id_str) or _text(subject.user_id)
    upto = (
        _text(subject.up_to_tweet_id) or _text(subject.up_to_status_id_str) or _text(subject.up_to_status_id)
    )
    return Deletion("scrub_geo", "place", upto, author_id) if author_id else None


def _id(subject: Subject) -> str | None:
    return _text(subject.id_str) or _text(subject.id)


def _text(given: int | str | None) -> str | None:
    return str(given) if given else None
