"""Which calls were made of an API, each once: MongoDB, or a SQLite file."""

from resources.request_log.port import Entry, RequestLog

__all__ = ["Entry", "RequestLog"]
