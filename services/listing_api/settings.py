"""The settings of the listing API, and the only place where it reads the environment.

What is allowed for each is checked here, with a sentence; secrets are in no sentence and no repr.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from resources.listing_store import ListingStore, MongoListingStore, SqliteListingStore
from resources.settings import deployment_name, missing
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
    deployment = deployment_name(given)
    if deployment != "local" and "MONGO_URL" not in given:
        raise missing(deployment, "MONGO_URL")
    return Settings(
        home=Path(given.get("QUADRANT_HOME", ".quadrant")).absolute(),
        host=given.get("LISTING_API_HOST", "127.0.0.1"),
        port=allowed.number(given, "LISTING_API_PORT", 8081, 0, 65_535),
        container=given.get("HOSTNAME") or socket.gethostname(),
        mongo_url=given.get("MONGO_URL", ""),
        keys=allowed.keys_file(given, "LISTING_API_KEYS", deployment),
    )
