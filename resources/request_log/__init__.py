"""The request log port: calls of APIs, each once, and its two adapters, SQLite and MongoDB.

What is logged and when is told by the services that log.
"""

from resources.request_log.mongodb import MongoRequestLog
from resources.request_log.port import Entry, RequestLog
from resources.request_log.sqlite import SqliteRequestLog

__all__ = ["Entry", "MongoRequestLog", "RequestLog", "SqliteRequestLog"]
