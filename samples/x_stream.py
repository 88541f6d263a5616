"""`python -m samples.x_stream`: a stand-in for X's filtered stream, which sends new tweets of the sample world.

It takes any token and any rules, and sends every tweet to whoever listens; how X really behaves is told in tests.
"""

import argparse
import datetime as dt
import json
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from resources.unavailable import Unavailable
from samples import casting, world
from samples.messages import encode
from samples.scenes import SCENES
from samples.tweets import tell
from samples.world import World

RULES = "/2/tweets/search/stream/rules"
STREAM = "/2/tweets/search/stream"
_EPOCH_MS = 1_288_834_974_657  # of ids at X, whose upper bits are the time


class StreamServer(ThreadingHTTPServer):
    """Serves tweets of a world on 127.0.0.1; port 0 takes any."""

    daemon_threads = True

    def __init__(self, of: World, per_second: float, port: int = 0) -> None:
        """Raises OSError when the port is taken."""
        self._world = of
        self.pause_s = 1 / per_second
        super().__init__(("127.0.0.1", port), _Handler)

    def lines(self) -> Iterator[bytes]:
        """Tweets without end, told now, others for each reader."""
        found = self._world
        stage = casting.stage(found.config.seed, found.dwellings, found.grid, found.people)
        stage = replace(stage, rng=Random())
        weights = [scene.weight for scene in SCENES]
        for number in count(time.time_ns() // 1_000_000):
            (scene,) = stage.rng.choices(SCENES, weights)
            now = dt.datetime.now(dt.UTC)
            told = tell(stage.rng, scene, scene.spot(stage), number, now, scene.phrase(stage.rng))
            snowflake = str((number - _EPOCH_MS) << 22)
            yield encode(replace(told, shape="v2", tweet_id=snowflake)) + b"\r\n"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StreamServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Nothing: the reader tells what it does."""

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        """The rules, none, or the stream."""
        path = urlsplit(self.path).path
        if path == STREAM:
            with suppress(ConnectionError):
                self._stream()
        else:
            self._answer(
                {"data": []} if path == RULES else {"title": "Not Found"}, 200 if path == RULES else 404
            )

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        """Any rules are as good."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer({"meta": {}}, 201)

    def _answer(self, body: object, status: int) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in self.server.lines():
            self.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))
            time.sleep(self.server.pause_s)


def main() -> int:
    """Serve until Ctrl-C; 1 and a sentence when that cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m samples.x_stream", description="A stand-in for X's stream."
    )
    parser.add_argument("--home", type=Path, default=Path(".quadrant"), help="the sample world (%(default)s)")
    parser.add_argument("--per-second", type=float, default=2.0, help="tweets (%(default)s)")
    parser.add_argument("--port", type=int, default=8765, help="0 for any (%(default)s)")
    chosen = parser.parse_args()
    try:
        server = StreamServer(world.read(chosen.home), chosen.per_second, chosen.port)
    except (Unavailable, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"X_API_URL=http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    with server, suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
