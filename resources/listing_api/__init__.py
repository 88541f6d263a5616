"""The listing API port: documents are posted, receipts come back; over HTTP, or straight into the embedded store."""

from resources.listing_api.port import Document, ListingApi, Outcome, Receipt

__all__ = ["Document", "ListingApi", "Outcome", "Receipt"]
