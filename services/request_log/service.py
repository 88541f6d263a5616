"""The request log as a whole: the log and HTTP.

Its parts have their own modules; how it starts and ends is told in `asgi.store_service`.
"""

from typing import Final

from resources.request_log import RequestLog
from services.asgi.store_service import StoreService
from services.request_log.api import RequestLogApi
from services.request_log.settings import Settings

TITLE: Final = "Request log"
ABOUT: Final = "Which calls were made of which API: each is kept once, and durably, when it is answered."


class Service(StoreService):
    """The parts of one process."""

    def __init__(self, settings: Settings, request_log: RequestLog) -> None:
        """Raises Unavailable when the file of keys cannot be used; the log is not asked yet."""
        super().__init__(settings, request_log, "REQUEST_LOG", "log")
        self._offer(TITLE, ABOUT, RequestLogApi(request_log, self._threads).operations())
