"""The settings of the request log, and the only place where it reads the environment.

What is allowed for each is checked here, with a sentence; secrets are in no sentence and no repr.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from resources.request_log import MongoRequestLog, RequestLog, SqliteRequestLog
from services.asgi import allowed


@dataclass(frozen=True)
class Settings:
    """What one process needs to know."""

    home: Path
    host: str = "127.0.0.1"
    port: int = 8000
    mongo_url: str = field(default="", repr=False)
    keys: Path | None = None

    def request_log(self) -> RequestLog:
        """MongoDB, or the embedded log; nothing is connected yet."""
        if self.mongo_url:
            return MongoRequestLog(self.mongo_url)
        return SqliteRequestLog(self.home / "request_log.sqlite", wait_s=5)


def current() -> Settings:
    """The settings of this process."""
    return settings_from(os.environ)


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings that an environment describes; raises Unavailable for one that is missing or not allowed."""
    given = {name: value for name, value in environ.items() if value}
    return Settings(**allowed.usual(given, "REQUEST_LOG", 8000, "REQUEST_LOG_API_KEYS"))
