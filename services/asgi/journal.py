"""A service's log: one JSON object per line on stderr.

Only its form; what is said belongs to who says it.
"""

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec


class Line(logging.Formatter):
    """One record as one JSON object; `about` is in each."""

    def __init__(self, about: Mapping[str, str]) -> None:
        super().__init__()
        self._about = about

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            **self._about,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(said, enc_hook=str).decode()


def begin(**about: str) -> None:
    """Write what our own modules tell, and warnings of the libraries; `about` is in each line.

    httpx would tell every request.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line(about))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("services").setLevel(logging.INFO)
    # librdkafka tells of each attempt to connect; what an append came to is told by the publisher.
    logging.getLogger("resources.message_log").setLevel(logging.CRITICAL)
