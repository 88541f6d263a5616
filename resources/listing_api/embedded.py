"""The embedded listing API: documents go straight into a listing store, many at once.

How the store keeps them is told there.
"""

from collections.abc import Generator, Sequence
from datetime import UTC, datetime

from resources.batches import batches
from resources.listing_api.port import Document, ListingApi, Receipt
from resources.listing_store import ListingStore, Stored
from resources.unavailable import Unavailable

CONTAINER = "embedded"
"""Who answers, where no server does."""

_AT_ONCE = 1_000


class EmbeddedListingApi(ListingApi):
    """The API without a server between; `store` is where its documents are."""

    def __init__(self, store: ListingStore) -> None:
        """The store is closed with it."""
        self.store = store

    def post(self, documents: Sequence[Document]) -> Generator[Receipt, None, None]:
        """A transaction for each thousand; a store that is away has the rest fail at once."""
        left = list(batches(documents, _AT_ONCE))
        while left:
            now = datetime.now(UTC)
            try:
                added = self.store.add([Stored(each.content_hash, each.text, now) for each in left[0]])
            except Unavailable as error:
                yield from (
                    Receipt(each.content_hash, "failed", int(number == 0), detail=str(error))
                    for number, some in enumerate(left)
                    for each in some
                )
                return
            for document, is_new in zip(left.pop(0), added, strict=True):
                yield Receipt(document.content_hash, "posted" if is_new else "known", 1, CONTAINER)

    def count(self) -> int | None:
        """Those of the store."""
        return self.store.count()

    def uri(self) -> str:
        """The store's."""
        return self.store.uri()

    def close(self) -> None:
        """Close the store."""
        self.store.close()
