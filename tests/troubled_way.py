"""A way to an HTTP server on which requests are lost, delayed and doubled, as told; the server behind is a real one.

What must come of it is the matter of the tests.
"""

import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from itertools import chain, cycle
from urllib.parse import urlsplit

from tests.receivers import SLOW_S
from tests.servers import http_server

TROUBLES = ("503", "503 0", "lose", "reset", "late", "twice", "slow")


@dataclass
class Way:
    """`moods` says how each request fares, the last of them for ever.

    `pass`; `twice` (delivered twice, one answer after the other); `slow` (delivered after a while); `lose` (the
    connection is reset before it is delivered); `reset` (delivered, then the connection is reset); `late` (delivered,
    but answered too late); or a status that the server behind never sees, and perhaps a Retry-After.
    """

    upstream: str
    moods: Sequence[str]
    url: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    """By idempotency key, what the first answer that arrived said of the document."""
    asked: int = 0
    delivered: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._next = chain(self.moods[:-1], cycle(self.moods[-1:]))

    def mood(self) -> str:
        """How the next request fares."""
        with self._lock:
            self.asked += 1
            return next(self._next)

    def deliver(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
        """Over a connection of its own; the status, the answer, and what it says of the document."""
        with self._lock:
            self.delivered += 1
        connection = HTTPConnection(urlsplit(self.upstream).netloc, timeout=30)
        try:
            connection.request("POST", "/", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers.get("X-Document", "")
        finally:
            connection.close()


@contextmanager
def troubled(upstream: str, *moods: str) -> Iterator[Way]:
    """A way to the server at `upstream`."""
    way = Way(upstream, moods)
    with http_server(type("Handler", (_Handler,), {"way": way})) as way.url:
        yield way


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    way: Way

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        mood, _, after = self.way.mood().partition(" ")
        if mood == "lose":
            self._reset()
            return
        if mood.isdigit():
            self._answer(int(mood), b"", "", after)
            return
        if mood == "slow":
            time.sleep(SLOW_S / 4)
        headers = {"Content-Type": self.headers["Content-Type"]}
        status, content, said = self.way.deliver(body, headers)
        if mood == "twice":
            self.way.deliver(body, headers)
        if mood == "reset":
            self._reset()
            return
        if mood == "late":
            time.sleep(SLOW_S)
        else:
            self.way.answers.setdefault(self.headers.get("Idempotency-Key", ""), said)
        self._answer(status, content, said, "")

    def _answer(self, status: int, content: bytes, said: str, after: str) -> None:
        self.send_response_only(status)
        for name, value in (("X-Document", said), ("Retry-After", after)):
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _reset(self) -> None:
        """As a router does that has forgotten the connection: no end, a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            # Who has waited for too long has gone.
            self.close_connection = True
