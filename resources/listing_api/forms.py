"""What is sent in one request, and what its answer says of each document in it.

Whether an answer is one, and when to ask again, is told in `sending`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

from resources.answers import meaning, said
from resources.connections import Answer, Request
from resources.listing_api.port import Document, Outcome, Receipt

_MOST: Final = 1_000
_MOST_BYTES: Final = 4_000_000
_OUTCOMES: Final[dict[str, Outcome]] = {"new": "posted", "known": "known", "refused": "refused"}


class _Reply(msgspec.Struct):
    container: str = ""


class _Problem(msgspec.Struct):
    detail: str = ""


class _Taken(msgspec.Struct, rename="camel"):
    state: str
    detail: str = ""


class Form(ABC):
    """A kind of request, of this media type."""

    media_type = "application/json"

    def address(self, url: str) -> str:
        """Where it is sent, below the API's own address."""
        return url

    @abstractmethod
    def bundles(self, documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
        """Documents by the request that they go in."""

    @abstractmethod
    def request(self, bundle: Sequence[Document]) -> Request:
        """What is sent of them."""

    @abstractmethod
    def receipts(self, answer: Answer, bundle: Sequence[Document], attempts: int) -> list[Receipt]:
        """What an answer that took or refused it says of each."""


class Single(Form):
    """A request for each document, as the original sends it."""

    def bundles(self, documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
        """Of one each."""
        return ([document] for document in documents)

    def request(self, bundle: Sequence[Document]) -> Request:
        """The document is the body, its hash the key."""
        (document,) = bundle
        return Request(document.text.encode(), {"Idempotency-Key": document.content_hash})

    def receipts(self, answer: Answer, bundle: Sequence[Document], attempts: int) -> list[Receipt]:
        """A success without a container, or that is no JSON, as the original's own, is one all the same."""
        (document,) = bundle
        if meaning(answer.status) == "refused":
            return [Receipt(document.content_hash, "refused", attempts, detail=refusal(answer))]
        is_known = answer.headers.get("x-document") == "known"
        return [
            Receipt(document.content_hash, "known" if is_known else "posted", attempts, _container(answer))
        ]


class Bulk(Form):
    """A request for up to 1,000 documents, a line each, as `services.listing_api` takes them at `/documents`."""

    media_type = "application/x-ndjson"

    def address(self, url: str) -> str:
        """Before a query, if there is one."""
        parts = urlsplit(url)
        return parts._replace(path=f"{parts.path.rstrip('/')}/documents").geturl()

    def bundles(self, documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
        """As many as a request may hold."""
        bundle, size = list[Document](), 0
        for document in documents:
            # A line in UTF-8 is at most so long.
            length = 4 * len(document.text) + 1
            if bundle and (len(bundle) == _MOST or size + length > _MOST_BYTES):
                yield bundle
                bundle, size = [], 0
            bundle.append(document)
            size += length
        if bundle:
            yield bundle

    def request(self, bundle: Sequence[Document]) -> Request:
        """Without a key: each document is known by its content."""
        return Request("\n".join(document.text for document in bundle).encode())

    def receipts(self, answer: Answer, bundle: Sequence[Document], attempts: int) -> list[Receipt]:
        """Of each in its place. What refuses the request as a whole says nothing of a document."""
        try:
            states = msgspec.json.decode(answer.body, type=list[_Taken])
        except (msgspec.DecodeError, UnicodeDecodeError):
            states = []
        if meaning(answer.status) == "refused" or len(states) != len(bundle):
            why = f"{refusal(answer)} It takes no documents in bulk."
            return [Receipt(document.content_hash, "failed", attempts, detail=why) for document in bundle]
        return [_of_many(document, each, attempts) for document, each in zip(bundle, states, strict=True)]


def _of_many(document: Document, taken: _Taken, attempts: int) -> Receipt:
    outcome = _OUTCOMES.get(taken.state, "failed")
    return Receipt(document.content_hash, outcome, attempts, detail=taken.detail)


def _container(answer: Answer) -> str:
    try:
        return msgspec.json.decode(answer.body, type=_Reply).container
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def refusal(answer: Answer) -> str:
    """The status, and the reason where the answer names it (RFC 9457)."""
    try:
        detail = msgspec.json.decode(answer.body, type=_Problem).detail
    except (msgspec.DecodeError, UnicodeDecodeError):
        detail = ""
    return f"{said(answer.status)} {detail}".strip()[:500]
