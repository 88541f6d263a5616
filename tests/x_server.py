"""A stand-in for X's API v2 over HTTP: rules with X's limits, and streams that follow a script.

What a test wants to see is said in the test; here X only answers, step by step.
"""

import json
import math
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.servers import http_server

TOKEN = "AAAAtest-only%3Dtoken"
KEEP_ALIVE = b"\r\n"
_DEADLINE_S = 30.0


class Drop:
    """The connection is closed, in the middle of everything."""


class Hold:
    """The connection stays open, silent, until the server stops."""


@dataclass(frozen=True)
class Answer:
    """An answer that is no stream; a rate limit resets so many seconds later."""

    status: int
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    resets_in_s: int | None = None


Step = bytes | Drop | Hold | Callable[[], object]
"""Bytes to send, an end, or something to wait for."""


@dataclass
class XServer:
    """A running server. Each connection to a stream takes the next act of its path, then holds."""

    url: str = ""
    rules: list[dict[str, str]] = field(default_factory=list)
    changes: list[dict[str, object]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    acts: dict[str, list[Answer | Sequence[Step]]] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def plays(self, *acts: Answer | Sequence[Step], path: str = "/2/tweets/search/stream") -> None:
        """What the next connections to a stream get."""
        with self.lock:
            self.acts.setdefault(path, []).extend(acts)

    def connections(self, path: str = "/2/tweets/search/stream") -> list[dict[str, str]]:
        """The parameters of each connection so far."""
        return [parameters for asked, parameters in self.asked if asked == path]


@contextmanager
def x_server() -> Iterator[XServer]:
    """A server of this process; all its streams end with it."""
    server = XServer()
    handler = type("Handler", (_Handler,), {"x": server})
    with http_server(handler) as url:
        server.url = url
        try:
            yield server
        finally:
            server.stopping.set()


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition; raises AssertionError at the deadline."""
    deadline = time.monotonic() + _DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.005)


def tweet(number: int, text: str = "") -> bytes:
    """A tweet's line, with its end."""
    body = {"id": str(number), "text": text or f"tweet {number}", "author_id": "7"}
    return json.dumps({"data": body}, ensure_ascii=False).encode() + b"\r\n"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    x: XServer

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        path, parameters = self._asked()
        if self._is_refused():
            return
        if path.endswith("/rules"):
            self._answer(Answer(200, {"data": self.x.rules, "meta": {"result_count": len(self.x.rules)}}))
            return
        with self.x.lock:
            self.x.asked.append((path, parameters))
            acts = self.x.acts.get(path, [])
            act = acts.pop(0) if acts else [Hold()]
        if isinstance(act, Answer):
            self._answer(act)
        else:
            with suppress(ConnectionError):
                self._stream(act)

    def do_POST(self) -> None:
        _, parameters = self._asked()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._is_refused():
            return
        is_dry_run = parameters.get("dry_run") == "true"
        self.x.changes.append({"dry_run": is_dry_run, **body})
        errors = [error for rule in body.get("add", []) if (error := self._refused(rule))]
        if errors and len(errors) == len(body["add"]):
            self._answer(Answer(400, {"errors": errors}))
            return
        if not is_dry_run:
            refused = {error["value"] for error in errors}
            self.x.rules += [
                {**rule, "id": str(1000 + len(self.x.changes) * 100 + number)}
                for number, rule in enumerate(body.get("add", []))
                if rule["value"] not in refused
            ]
            gone = body.get("delete", {}).get("ids", [])
            self.x.rules[:] = [rule for rule in self.x.rules if rule["id"] not in gone]
        self._answer(Answer(201, {"meta": {"sent": "2026-11-01T00:00:00.000Z"}, "errors": errors}))

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}

    def _is_refused(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {TOKEN}":
            return False
        self._answer(Answer(401, {"title": "Unauthorized", "detail": "Unauthorized"}))
        return True

    def _refused(self, rule: dict[str, str]) -> dict[str, object] | None:
        """X's own limits: the length of a rule, a box's sides, a value that is there already."""
        value = rule["value"]
        invalid = {
            "value": value,
            "title": "Invalid Rule",
            "type": "https://api.x.com/2/problems/invalid-rules",
        }
        if any(value == there["value"] for there in self.x.rules):
            return {"value": value, "title": "DuplicateRule", "id": "1"}
        if len(value) > 1024:
            return {**invalid, "details": ["too long"]}
        for box in re.findall(r"bounding_box:\[([^]]*)\]", value):
            west, south, east, north = map(float, box.split())
            if (east - west) * math.cos(math.radians(south)) * 69.17 >= 25 or (north - south) * 69.06 >= 25:
                return {**invalid, "details": ["box too large"]}
        return {**invalid, "details": ["unknown language"]} if "lang:xx" in value else None

    def _answer(self, answer: Answer) -> None:
        content = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.resets_in_s is not None:
            self.send_header("x-rate-limit-reset", str(math.ceil(time.time()) + answer.resets_in_s))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, steps: Sequence[Step]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        for step in steps:
            if isinstance(step, bytes):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(step), step))
            elif isinstance(step, Hold):
                self.x.stopping.wait(_DEADLINE_S)
            elif isinstance(step, Drop):
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            else:
                step()
        self.wfile.write(b"0\r\n\r\n")
