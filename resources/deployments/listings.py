"""The Dagster resources of the listing API: straight into its store, or over HTTP.

Which one a deployment has is decided beside; those of the other ports are in `adapters`.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from resources.listing_api import EmbeddedListingApi, HttpListingApi, ListingApi
from resources.listing_store import MongoListingStore, SqliteListingStore


class SqliteListingsResource(dg.ConfigurableResource[ListingApi]):
    """Documents straight into the embedded listing store."""

    path: str = Field(description="The SQLite file; made when absent.")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[ListingApi, None, None]:
        """The plain port, closed afterwards."""
        with EmbeddedListingApi(SqliteListingStore(Path(self.path))) as api:
            yield api


class MongoListingsResource(dg.ConfigurableResource[ListingApi]):
    """Documents straight into the listing store in MongoDB."""

    url: str = Field(description="MongoDB's URL; it may hold a password.")

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[ListingApi, None, None]:
        """The plain port, closed afterwards."""
        with EmbeddedListingApi(MongoListingStore(self.url)) as api:
            yield api


class HttpListingsResource(dg.ConfigurableResource[ListingApi]):
    """Documents to an HTTP endpoint."""

    url: str = Field(description="Address to which each document is posted.")
    key: str = Field(default="", description="Key sent as Bearer.")
    is_bulk: bool = Field(default=False, description="Post many at once to /documents below the address.")

    def create_resource(self, context: dg.InitResourceContext) -> ListingApi:
        """The plain port."""
        return HttpListingApi(self.url, self.key, is_bulk=self.is_bulk)
