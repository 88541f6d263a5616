"""The listing API as a whole: the store and HTTP.

Its parts have their own modules; how it starts and ends is told in `asgi.store_service`.
"""

from typing import Final

from resources.listing_store import ListingStore
from services.asgi.store_service import StoreService
from services.listing_api.api import ListingApi
from services.listing_api.settings import Settings

TITLE: Final = "Listings"
ABOUT: Final = (
    "Listed files as documents: each is kept once, by its content, and durably, when it is answered."
)


class Service(StoreService):
    """The parts of one process."""

    def __init__(self, settings: Settings, store: ListingStore) -> None:
        """Raises Unavailable when the file of keys cannot be used; the store is not asked yet."""
        super().__init__(settings, store, "LISTING_API", "listing store")
        self._offer(
            TITLE, ABOUT, ListingApi(store, self._threads, settings.container, self._measures).operations()
        )
