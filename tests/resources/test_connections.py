"""Connections that are kept: what a service sends for weeks leaves nothing behind, however large it is."""

import asyncio
import gc
from http.server import BaseHTTPRequestHandler

from resources.connections import Connections, Request
from tests.servers import http_server


class _Taking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_a_request_and_its_answer_are_gone_when_they_are_over_without_a_look_of_the_collector() -> None:
    def left(url: str, body: bytes, times: int) -> int:
        async def work() -> None:
            async with Connections(url, {}, at_once=1, timeout_s=10) as connections:
                for _ in range(times):
                    assert (await connections.post(Request(body))).body == b"ok"
                gc.collect()
                gc.disable()
                for _ in range(times):
                    await connections.post(Request(body))
                found.append(gc.collect())

        found: list[int] = []
        try:
            asyncio.run(work())
        finally:
            gc.enable()
        return found[0]

    with http_server(_Taking) as url:
        assert left(url, b"small", 50) < 50
        assert left(url, bytes(2_000_000), 10) < 10
