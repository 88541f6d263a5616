"""A document of the promotion store, as the original names its fields: read, written and brought to its form.

Hand-inserted documents are read leniently here; where documents lie, and how they are found, is told in the adapters.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from resources.promotion_store.port import MAX_USER_ID, Promotion, Unreadable, UseOutcome
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
)
UNUSED: Final = (False, "false", "False", "FALSE")
"""Each way to say that a promotion is unused; the original's data file says `"false"`."""
USED: Final = (True, "true", "True", "TRUE")
_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_INT64: Final = 2**63 - 1
_UTC_LENGTH: Final = len("2026-11-01T12:00:00Z")
_TIMES: Final = ("sys_insertDateTime", "usedAt")


class Refused(NamedTuple):
    """Why a document is no promotion: a code of REASONS, and a sentence."""

    reason: str
    detail: str


def document_of(promotion: Promotion) -> dict[str, Any]:
    """The document of a promotion; what it has not is not in it."""
    times = {
        field: moment and text_of(moment) for field, moment in zip(_TIMES, promotion[5:8:2], strict=True)
    }
    document = {**dict(zip(FIELDS, promotion, strict=True)), **times}
    return {field: value for field, value in document.items() if value is not None}


def promotion_of(formed: Mapping[str, Any]) -> Promotion:
    """The promotion of a document in its form."""
    get = formed.get
    inserted, used_at = get("sys_insertDateTime"), get("usedAt")
    return Promotion(
        str(formed["_id"]),
        formed["requestId"],
        formed["userId"],
        formed["promotionId"],
        formed["used"],
        datetime.fromisoformat(inserted) if inserted else None,
        get("campaignId"),
        datetime.fromisoformat(used_at) if used_at else None,
        get("usedRequestId"),
    )


def read(document: Mapping[str, Any]) -> Promotion | Refused:
    """The promotion of any document, or why it is none."""
    if quick := _unused_in_form(document):
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
    times = {field: _time(document.get(field)) for field in _TIMES}
    if bad := next((field for field, time in times.items() if time is None), None):
        return Refused("bad_time", f"{bad} is {_shown(document, bad)}, no time such as 2026-11-01T12:00:00Z.")
    rest = {field: _text(document.get(field)) for field in ("campaignId", "usedRequestId")}
    formed = {"_id": document["_id"], "requestId": request_id, "userId": user_id, "promotionId": promotion_id}
    return {**formed, "used": used, **{field: value for field, value in {**times, **rest}.items() if value}}


def _unused_in_form(document: Mapping[str, Any]) -> Promotion | None:
    """The promotion of an unused document that is in its form, as nearly all are that are asked for.

    To bring a document to its form, and then to read it, costs several times as much.
    """
    try:
        id_, request_id, user_id = document["_id"], document["requestId"], document["userId"]
        promotion_id, used, inserted = (
            document["promotionId"],
            document["used"],
            document["sys_insertDateTime"],
        )
    except KeyError:
        return None
    campaign_id = document.get("campaignId")
    if (
        used is not False
        # Nothing more, such as who has used it.
        or len(document) != (6 if campaign_id is None else 7)
        # A large number is of a subclass, which the driver has for it.
        or not isinstance(user_id, int)
        or type(user_id) is bool
        or not 0 <= user_id <= MAX_USER_ID
        or not (type(request_id) is type(promotion_id) is type(inserted) is str)
        or not promotion_id
        or not (campaign_id is None or (type(campaign_id) is str and campaign_id))
        or (inserted_at := _moment(inserted)) is None
    ):
        return None
    return Promotion(str(id_), request_id, int(user_id), promotion_id, False, inserted_at, campaign_id)


# A campaign gives a million promotions at one moment.
@lru_cache(maxsize=1_024)
def _moment(text: str) -> datetime | None:
    """The time of a text such as 2026-11-01T12:00:00Z, None of any other."""
    if len(text) != _UTC_LENGTH or text[-1] != "Z":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.microsecond else moment


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


def chosen(
    documents: Iterable[Mapping[str, Any]], request_id: str
) -> tuple[UseOutcome, Mapping[str, Any] | None]:
    """What a use finds among a shopper's documents of one promotion id, in order, and the document that it concerns.

    `used` with a document that is unused is one to be used now; with a used one, the request has used it before.
    """
    readable = [document for document in documents if isinstance(read(document), Promotion)]
    mine = next((document for document in readable if document.get("usedRequestId") == request_id), None)
    unused = next((document for document in readable if not _used(document["used"])), None)
    if mine or unused:
        return "used", mine or unused
    return ("already_used", readable[0]) if readable else ("not_found", None)


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
