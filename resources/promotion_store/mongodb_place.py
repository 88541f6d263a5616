"""Ids of documents as texts of a Place and back. Nothing else: what ids mean to people is the promotion's own id.

A store may hold ids of several types, and MongoDB sorts by type first; so a place must tell "7" from 7.
"""

from datetime import UTC
from typing import Any, Final

_MARK: Final = "bson:"


def text_of_id(id_: object) -> str:
    """A text as it is, unless it looks like one of these; another type as `bson:` and its extended JSON."""
    if isinstance(id_, str) and not id_.startswith(_MARK):
        return id_
    from bson.json_util import CANONICAL_JSON_OPTIONS, dumps

    return f"{_MARK}{dumps(id_, json_options=CANONICAL_JSON_OPTIONS)}"


def id_of_text(text: str) -> Any:  # noqa: ANN401 - whatever MongoDB allows as an id
    """What `text_of_id` was given; a text that it never makes, or that no document can hold, is an id as it is."""
    if not text.startswith(_MARK):
        return text
    from bson import encode
    from bson.errors import BSONError
    from bson.json_util import CANONICAL_JSON_OPTIONS, loads

    aware = CANONICAL_JSON_OPTIONS.with_options(tz_aware=True, tzinfo=UTC)
    try:
        id_ = loads(text.removeprefix(_MARK), json_options=aware)
        # A whole number may be too large, and a text or a name may hold what BSON has no form for.
        encode({"_id": id_})
    except (BSONError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError):
        return text
    return id_
