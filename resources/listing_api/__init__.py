"""The listing API port: documents are posted, receipts come back; over HTTP, or straight into the embedded store."""

from resources.listing_api.embedded import EmbeddedListingApi
from resources.listing_api.http import HttpListingApi
from resources.listing_api.port import Document, ListingApi, Outcome, Receipt
from resources.listing_api.sending import Limits

__all__ = ["Document", "EmbeddedListingApi", "HttpListingApi", "Limits", "ListingApi", "Outcome", "Receipt"]
