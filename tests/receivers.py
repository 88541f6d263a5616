"""Receivers over real sockets that misbehave as told: a webhook and a mail server.

What they must be sent is the matter of the tests.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from itertools import chain, cycle
from socketserver import StreamRequestHandler
from typing import Any

from tests.servers import http_server, tcp_server

SLOW_S = 0.6
"""How long a receiver that is asked to be slow lets others wait."""

_DRIP_S = 0.05


@dataclass
class Receiver:
    """A webhook: `moods` says how it meets each request, the last of them for ever.

    `yes`, `drop` (the connection breaks before it is read), `yes, drop` (taken, but the answer is lost), `yes, late`
    (taken, but answered too late), `yes, drip` (taken, and the answer's body never ends), `drip` (not even its head
    ends), or a status and perhaps a Retry-After, such as `503` and `429 1`.
    """

    moods: tuple[str, ...] = ("yes",)
    poison: bytes = b""
    """A body that holds this is answered 500 in any mood."""
    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    taken: dict[str, Any] = field(default_factory=dict)
    """The first body of each key: a key that comes again is known and taken no second time."""
    headers: list[dict[str, str]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._next = chain(self.moods[:-1], cycle(self.moods[-1:]))

    def meet(self, key: str, body: bytes, headers: dict[str, str], client: tuple[str, int]) -> str:
        """The mood for a request; what is taken is kept."""
        with self._lock:
            mood = "500" if self.poison and self.poison in body else next(self._next)
            self.asked[key] += 1
            self.headers.append(headers)
            self.connections.add(client)
            if mood.startswith("yes"):
                self.taken.setdefault(key, json.loads(body))
            return mood


@contextmanager
def receiver(*moods: str, poison: bytes = b"") -> Iterator[Receiver]:
    """A running webhook with these moods."""
    it = Receiver(moods or ("yes",), poison)
    with http_server(type("Handler", (_Webhook,), {"it": it})) as url:
        it.url = f"{url}/inbox"
        yield it


class _Webhook(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    it: Receiver

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers["Idempotency-Key"]
        mood = self.it.meet(key, body, dict(self.headers.items()), self.client_address)
        if mood.endswith("drop"):
            self.close_connection = True
            return
        if mood.endswith("late"):
            time.sleep(SLOW_S)
        if mood.endswith("drip"):
            self._drip(mood)
            return
        status, _, after = mood.partition(" ")
        self.send_response_only(200 if status.startswith("yes") else int(status))
        if after.isdigit():
            self.send_header("Retry-After", after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _drip(self, mood: str) -> None:
        """A byte now and then, until the other side has gone."""
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        if mood.startswith("yes"):
            self.wfile.write(b"Content-Length: 9999\r\n\r\n")
        for _ in range(int(20 / _DRIP_S)):
            self.wfile.write(b"x")
            time.sleep(_DRIP_S)

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            # Who has waited for too long has gone.
            self.close_connection = True


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A server that says the same bytes to each request and hangs up, as `nc` in a loop does; its URL."""
    with tcp_server(type("Handler", (_SameBytes,), {"answer": answer})) as port:
        yield f"http://127.0.0.1:{port}/"


class _SameBytes(StreamRequestHandler):
    answer: bytes

    def handle(self) -> None:
        length = 0
        while line := self.rfile.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        self.rfile.read(length)
        self.wfile.write(self.answer)


@dataclass
class MailServer:
    """A mail server: refuses so many mails, then takes them."""

    refusals: int = 0
    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)


@contextmanager
def mail_server(refusals: int = 0) -> Iterator[MailServer]:
    """A running mail server (RFC 5321, as little of it as a sender needs)."""
    it = MailServer(refusals)
    with tcp_server(type("Handler", (_Smtp,), {"it": it})) as it.port:
        yield it


class _Smtp(StreamRequestHandler):
    it: MailServer

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(":")[0].split(" ")[0].upper()
            if verb == "RCPT":
                self.it.receivers.append(line.partition("<")[2].partition(">")[0])
            if verb == "DATA":
                self._say("354 go on")
                self._take(b"".join(iter(self.rfile.readline, b".\r\n")))
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _take(self, mail: bytes) -> None:
        if self.it.refusals:
            self.it.refusals -= 1
            self._say("451 not now")
        else:
            self.it.mails.append(mail)
            self._say("250 taken")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
