"""What is sent in one request, and what its answer says of each document in it.

Whether an answer is one, and when to ask again, is told in `sending`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import msgspec

from resources.answers import meaning, said
from resources.listing_api.connection import Answer, Target
from resources.listing_api.port import Document, Receipt


class _Reply(msgspec.Struct):
    container: str = ""


class _Problem(msgspec.Struct):
    detail: str = ""


class Form(ABC):
    """A kind of request."""

    @abstractmethod
    def bundles(self, documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
        """Documents by the request that they go in."""

    @abstractmethod
    def request(self, target: Target, bundle: Sequence[Document]) -> bytes:
        """The bytes of a request."""

    @abstractmethod
    def receipts(self, answer: Answer, bundle: Sequence[Document], attempts: int) -> list[Receipt]:
        """What an answer that took or refused it says of each."""


class Single(Form):
    """A request for each document, as the original sends it."""

    def bundles(self, documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
        """Of one each."""
        return ([document] for document in documents)

    def request(self, target: Target, bundle: Sequence[Document]) -> bytes:
        """The document is the body, its hash the key."""
        (document,) = bundle
        return target.request(document.text.encode(), document.content_hash)

    def receipts(self, answer: Answer, bundle: Sequence[Document], attempts: int) -> list[Receipt]:
        """A success without a container, or that is no JSON, as the original's own, is one all the same."""
        (document,) = bundle
        if meaning(answer.status) == "refused":
            return [Receipt(document.content_hash, "refused", attempts, detail=refusal(answer))]
        is_known = answer.headers.get("x-document") == "known"
        return [
            Receipt(document.content_hash, "known" if is_known else "posted", attempts, _container(answer))
        ]


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
