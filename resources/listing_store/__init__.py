"""The listing store port: documents as the listing API keeps them, each once; its adapters are SQLite and MongoDB."""

from resources.listing_store.mongodb import MongoListingStore
from resources.listing_store.port import ListingStore, Stored
from resources.listing_store.sqlite import SqliteListingStore

__all__ = ["ListingStore", "MongoListingStore", "SqliteListingStore", "Stored"]
