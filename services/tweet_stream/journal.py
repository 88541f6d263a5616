"""The service's log: one JSON object per line on stderr.

Only its form; what is said belongs to who says it.
"""

import logging
import sys
from datetime import UTC, datetime

import msgspec


class _Line(logging.Formatter):
    def __init__(self, quadrant: str) -> None:
        super().__init__()
        self._quadrant = quadrant

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "quadrant": self._quadrant,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(said, enc_hook=str).decode()


def begin(quadrant: str) -> None:
    """Write what our own modules tell, and warnings of the libraries; httpx would tell every request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line(quadrant))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("services").setLevel(logging.INFO)
    # librdkafka tells of each attempt to connect; what an append came to is told by the publisher.
    logging.getLogger("resources.message_log").setLevel(logging.CRITICAL)
