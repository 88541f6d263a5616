"""A document of the promotion store, as the original names its fields: read, written and brought to its form.

Hand-inserted documents are read leniently here; where documents lie, and how they are found, is told in the adapters.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from resources.promotion_store.plain_document import unused_in_form
from resources.promotion_store.port import MAX_USER_ID, Promotion, Unreadable
from resources.stored_time import text_of, time_of

FIELDS: Final = (
    "_id",
    "requestId",
    "userId",
    "promotionId",
    "used",
    "sys_insertDateTime",
    "campaignId",
    "usedAt",
    "usedRequestId",
    "startsAt",
    "endsAt",
)
"""In the order of the fields of a Promotion."""
UNUSED: Final = (False, "false", "False", "FALSE")
"""Each way to say that a promotion is unused; the original's data file says `"false"`."""
USED: Final = (True, "true", "True", "TRUE")
_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_INT64: Final = 2**63 - 1
_TIMES: Final = ("sys_insertDateTime", "usedAt", "startsAt", "endsAt")


class Refused(NamedTuple):
    """Why a document is no promotion: a code of REASONS, and a sentence."""

    reason: str
    detail: str


def document_of(promotion: Promotion) -> dict[str, Any]:
    """The document of a promotion; what it has not is not in it."""
    return {
        field: text_of(value) if isinstance(value, datetime) else value
        for field, value in zip(FIELDS, promotion, strict=True)
        if value is not None
    }


def promotion_of(formed: Mapping[str, Any]) -> Promotion:
    """The promotion of a document in its form."""
    times = {field: datetime.fromisoformat(formed[field]) for field in _TIMES if field in formed}
    read = {**formed, "_id": str(formed["_id"]), **times}
    return Promotion._make(map(read.get, FIELDS))


def read(document: Mapping[str, Any]) -> Promotion | Refused:
    """The promotion of any document, or why it is none."""
    if quick := unused_in_form(document):
        return quick
    formed = form(document)
    return formed if isinstance(formed, Refused) else promotion_of(formed)


def promotions_of(documents: Iterable[Mapping[str, Any]]) -> Iterator[Promotion]:
    """The promotions among documents, in their order; those that are none are left out."""
    return (found for found in map(read, documents) if isinstance(found, Promotion))


def form(document: Mapping[str, Any]) -> dict[str, Any] | Refused:
    """The document in its form: `used` a boolean, ids and times of their types; fields that are empty are absent."""
    user_id = _user_id(document.get("userId"))
    if user_id is None:
        return Refused(
            "bad_user_id", f"userId is {_shown(document, 'userId')}; allowed is 0 to {MAX_USER_ID}."
        )
    promotion_id = _text(document.get("promotionId"))
    if not promotion_id:
        return Refused(
            "bad_promotion_id", f"promotionId is {_shown(document, 'promotionId')}, no text or number."
        )
    used = _used(document.get("used"))
    if used is None:
        return Refused("bad_used", f"used is {_shown(document, 'used')}; allowed are true and false.")
    request_id = _text(document.get("requestId"))
    if request_id is None:
        return Refused("bad_request_id", f"requestId is {_shown(document, 'requestId')}, no text or number.")
    times = _times(document)
    if isinstance(times, Refused):
        return times
    rest = {field: _text(document.get(field)) for field in ("campaignId", "usedRequestId")}
    formed = {"_id": document["_id"], "requestId": request_id, "userId": user_id, "promotionId": promotion_id}
    return {**formed, "used": used, **{field: value for field, value in {**times, **rest}.items() if value}}


def _times(document: Mapping[str, Any]) -> dict[str, str] | Refused:
    """The times as they are stored, empty where there is none."""
    times: dict[str, str] = {}
    for field in _TIMES:
        time = _time(document.get(field))
        if time is None:
            return Refused(
                "bad_time", f"{field} is {_shown(document, field)}, no time such as 2026-11-01T12:00:00Z."
            )
        times[field] = time
    if times["startsAt"] and "" < times["endsAt"] <= times["startsAt"]:
        return Refused(
            "bad_time", f"endsAt is {times['endsAt']}; allowed is a time after startsAt, {times['startsAt']}."
        )
    return times


def judged(
    documents: Iterable[Mapping[str, Any]], as_json: Callable[[Mapping[str, Any]], str]
) -> tuple[list[tuple[Mapping[str, Any], dict[str, Any]]], list[Unreadable]]:
    """The documents that are not in their form, with what is to be set, and those that are no promotions."""
    wrong, unreadable = [], []
    for document in documents:
        formed = form(document)
        if isinstance(formed, Refused):
            unreadable.append(Unreadable(str(document["_id"]), as_json(document), *formed))
        elif changes := _corrections(document, formed):
            wrong.append((document, changes))
    return wrong, unreadable


def _corrections(document: Mapping[str, Any], formed: Mapping[str, Any]) -> dict[str, Any]:
    """Fields whose value or type is not that of the form, with what they should be."""
    return {
        field: value
        for field, value in formed.items()
        if field != "_id" and not (isinstance(document.get(field), type(value)) and document[field] == value)
    }


def promotion_ids(ids: Iterable[str]) -> list[str | int]:
    """These promotion ids as they may be stored: as text, and those that are numbers as numbers too."""
    texts = list(ids)
    numbers = [int(text) for text in texts if re.fullmatch(r"0|-?[1-9][0-9]{0,18}", text)]
    return [*texts, *(number for number in numbers if abs(number) <= _INT64)]


def _user_id(value: object) -> int | None:
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    number = _whole(value)
    return number if number is not None and 0 <= number <= MAX_USER_ID else None


def _used(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return False if value in UNUSED else True if value in USED else None
    return None


def _text(value: object) -> str | None:
    """Of a text or a whole number; None of anything else."""
    if isinstance(value, str):
        return str(value)
    number = _whole(value)
    return None if number is None else str(number)


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return int(value)
    return int(value) if isinstance(value, float) and math.isfinite(value) and value.is_integer() else None


def _time(value: object) -> str | None:
    """As it is stored; empty where there is none, None where it cannot be read."""
    if value is None or value == "":
        return ""
    try:
        return text_of(time_of(value))
    except ValueError:
        return None


def _shown(document: Mapping[str, Any], field: str) -> str:
    return repr(document[field])[:80] if field in document else "absent"
