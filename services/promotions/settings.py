"""The settings of the promotions service, and the only place where it reads the environment.

What is allowed for each is checked here, with a sentence; secrets are in no sentence and no repr.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from resources.promotion_store import MongoPromotionStore, PromotionStore, SqlitePromotionStore
from resources.settings import deployment_name, port
from resources.unavailable import Unavailable
from services.asgi import allowed


@dataclass(frozen=True)
class Settings:
    """What one process needs to know."""

    home: Path
    outbox: Path
    outbox_mb: int = 256
    staleness_s: int = 10
    memory_mb: int = 64
    host: str = "127.0.0.1"
    port: int = 8080
    mongo_url: str = field(default="", repr=False)
    keys: Path | None = None
    log_url: str = "http://127.0.0.1:8000"
    log_key: str = field(default="", repr=False)
    dagster_url: str = "http://127.0.0.1:3000"

    def promotion_store(self) -> PromotionStore:
        """MongoDB, or the embedded store; nothing is connected yet."""
        if self.mongo_url:
            return MongoPromotionStore(self.mongo_url)
        return SqlitePromotionStore(self.home / "promotions.sqlite", wait_s=5)


def current() -> Settings:
    """The settings of this process."""
    return settings_from(os.environ)


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings that an environment describes; raises Unavailable for one that is missing or not allowed."""
    given = {name: value for name, value in environ.items() if value}
    usual = allowed.usual(given, "PROMOTIONS", 8080, "PROMOTIONS_API_KEYS")
    log_host = "127.0.0.1" if deployment_name(given) == "local" else "promo-logging"
    dagster_port = port(given, "DAGSTER_PORT", 3000)
    return Settings(
        **usual,
        outbox=Path(given.get("PROMOTIONS_OUTBOX", usual["home"] / "promotions-outbox")).absolute(),
        outbox_mb=allowed.number(given, "PROMOTIONS_OUTBOX_MB", 256, 1, 100_000),
        staleness_s=allowed.number(given, "PROMOTIONS_STALENESS_S", 10, 0, 3_600),
        memory_mb=allowed.number(given, "PROMOTIONS_MEMORY_MB", 64, 1, 100_000),
        log_url=_url(given, "LOG_URL", f"http://{log_host}:8000"),
        log_key=_key(given),
        dagster_url=_url(given, "DAGSTER_URL", f"http://127.0.0.1:{dagster_port}"),
    )


def _url(given: Mapping[str, str], name: str, default: str) -> str:
    text = given.get(name, default).rstrip("/")
    unusable = Unavailable(
        f"{name} is no address that can be used; allowed is http:// or https:// with a host."
    )
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise unusable from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise unusable
    return text


def _key(given: Mapping[str, str]) -> str:
    key = given.get("LOG_API_KEY", "")
    # An HTTP client would show what it refuses to send.
    if key and not re.fullmatch(r"[!-~]+", key):
        raise Unavailable("LOG_API_KEY holds a blank or a character that no key has: copy it again.")
    return key
