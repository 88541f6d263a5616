"""The listing store port: documents as the listing API keeps them, each once; its adapters are SQLite and MongoDB."""

from resources.listing_store.port import ListingStore, Stored

__all__ = ["ListingStore", "Stored"]
