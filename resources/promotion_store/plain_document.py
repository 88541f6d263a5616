"""Unused documents that are in their form, as nearly all are that are asked for: read at once.

To bring a document to its form, and then to read it, costs several times as much; that is in `document`.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from resources.promotion_store.port import MAX_USER_ID, Promotion

_UTC_LENGTH: Final = len("2026-11-01T12:00:00Z")


def unused_in_form(document: Mapping[str, Any]) -> Promotion | None:
    """The promotion of an unused document that is in its form, None of any other."""
    get = document.get
    campaign_id, starts, ends = get("campaignId"), get("startsAt"), get("endsAt")
    try:
        id_, request_id, user_id = document["_id"], document["requestId"], document["userId"]
        promotion_id, used = document["promotionId"], document["used"]
        # What cannot be hashed is no text.
        inserted_at, starts_at, ends_at = _moments(document["sys_insertDateTime"], starts, ends)
    except (KeyError, TypeError, ValueError):
        return None
    if (
        used is not False
        # Nothing more, such as who has used it.
        or len(document) != 6 + (campaign_id is not None) + (starts is not None) + (ends is not None)
        # A large number is of a subclass, which the driver has for it.
        or not isinstance(user_id, int)
        or type(user_id) is bool
        or not 0 <= user_id <= MAX_USER_ID
        or not (type(request_id) is type(promotion_id) is str)
        or not promotion_id
        or not (campaign_id is None or (type(campaign_id) is str and campaign_id))
    ):
        return None
    return Promotion(
        str(id_), request_id, int(user_id), promotion_id, False, inserted_at, campaign_id,
        starts_at=starts_at, ends_at=ends_at,
    )  # fmt: skip


# A campaign gives a million promotions at one moment, for one time.
@lru_cache(maxsize=1_024)
def _moments(
    inserted: object, starts: object, ends: object
) -> tuple[datetime, datetime | None, datetime | None]:
    """These times of texts such as 2026-11-01T12:00:00Z, the last two if there are any; ValueError of any other."""
    starts_at = None if starts is None else _moment(starts)
    ends_at = None if ends is None else _moment(ends)
    if starts_at and ends_at and ends_at <= starts_at:
        raise ValueError("It ends before it starts")
    return _moment(inserted), starts_at, ends_at


def _moment(text: object) -> datetime:
    if type(text) is not str or len(text) != _UTC_LENGTH or text[-1] != "Z":
        raise ValueError(f"{text!r} is not in its form")
    moment = datetime.fromisoformat(text)
    if moment.microsecond:
        raise ValueError(f"{text!r} is not in its form")
    return moment
