"""The port itself: what is posted, and what the API made of it.

How it travels is in the adapters; what is remembered of it belongs to the domain `listings`.
"""

from abc import abstractmethod
from collections.abc import Generator, Sequence
from typing import Literal, NamedTuple

from resources.closable import Closable

Outcome = Literal["posted", "known", "refused", "failed"]
"""`known`: the API had it before. `refused` is its last word; what `failed` may be posted again under the same hash."""


class Document(NamedTuple):
    """One document to post: `content_hash`, its SHA-256 in hexadecimal, is its idempotency key; `text` is JSON."""

    content_hash: str
    text: str


class Receipt(NamedTuple):
    """What became of a document: who answered, after how many attempts, and why not where it was not taken."""

    content_hash: str
    outcome: Outcome
    attempts: int
    container: str = ""
    detail: str = ""


class ListingApi(Closable):
    """Where documents are posted. To post one again is harmless: the API knows it by its content."""

    @abstractmethod
    def post(self, documents: Sequence[Document]) -> Generator[Receipt, None, None]:
        """Post them, several at once; a receipt for each as soon as it is there, in any order. Raises nothing.

        Closing the iterator ends what is under way; a document without a receipt may have arrived.
        """

    def count(self) -> int | None:
        """How many documents it keeps; None where it does not tell."""
        return None

    @abstractmethod
    def uri(self) -> str:
        """Where they go, for people; never with a secret."""
