"""The settings of the listing API, and the only place where it reads the environment.

What is allowed for each is checked here, with a sentence; secrets are in no sentence and no repr.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from resources.listing_store import ListingStore, MongoListingStore, SqliteListingStore
from services.asgi import allowed


@dataclass(frozen=True)
class Settings:
    """What one process needs to know; `container` is what answers call it."""

    home: Path
    host: str = "127.0.0.1"
    port: int = 8081
    container: str = "localhost"
    mongo_url: str = field(default="", repr=False)
    keys: Path | None = None

    def listing_store(self) -> ListingStore:
        """MongoDB, or the embedded store; nothing is connected yet."""
        if self.mongo_url:
            return MongoListingStore(self.mongo_url)
        return SqliteListingStore(self.home / "listings.sqlite", wait_s=5)


def current() -> Settings:
    """The settings of this process."""
    return settings_from(os.environ)


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings that an environment describes; raises Unavailable for one that is missing or not allowed."""
    given = {name: value for name, value in environ.items() if value}
    container = given.get("HOSTNAME") or socket.gethostname()
    return Settings(**allowed.usual(given, "LISTING_API", 8081, "LISTING_API_KEYS"), container=container)
