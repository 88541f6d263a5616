"""Which of a shopper's promotions are valid at a time, and which one a use takes: the same in each store.

How a document is read is in `document`; how it is found and changed is in the adapters.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from resources.promotion_store.document import promotions_of, read
from resources.promotion_store.port import Promotion, UseOutcome
from resources.stored_time import text_of

_LONG: Final = timedelta(days=2)


def valid_of(documents: Iterable[Mapping[str, Any]], at: datetime) -> list[Promotion]:
    """The promotions among documents that are valid at a time, in their order."""
    return [found for found in promotions_of(documents) if found.is_valid_at(at)]


def long_ended(at: datetime) -> str:
    """What ended as this text says, or as a lesser one, ended before `at`, in whichever form and zone it was written.

    A shopper's promotions of the past become many, so that the store itself leaves these out; which of the others
    are valid, `valid_of` tells.
    """
    return text_of(at - _LONG)


def chosen(
    documents: Iterable[Mapping[str, Any]], request_id: str, at: datetime
) -> tuple[UseOutcome, Mapping[str, Any] | None]:
    """What a use finds among a shopper's documents of one promotion id, in order, and the document that it concerns.

    `used` with a document that is unused is one to be used now; with a used one, the request has used it before.
    """
    pairs = [(document, found) for document in documents if isinstance(found := read(document), Promotion)]
    unused = [(document, found) for document, found in pairs if not found.used]
    mine = next((document for document, _ in pairs if document.get("usedRequestId") == request_id), None)
    valid = next((document for document, found in unused if found.is_valid_at(at)), None)
    if mine or valid:
        return "used", mine or valid
    for document, found in unused:
        if found.starts_at and at < found.starts_at:
            return "not_started", document
    if unused:
        return "ended", unused[0][0]
    return ("already_used", pairs[0][0]) if pairs else ("not_found", None)
