"""A server of S3's ListObjectsV2 and HeadObject over a bucket of any size that it makes up.

It proves what a client asks for, not how fast a store is.
"""

import datetime as dt
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

_FOLDER = "geo/incoming/"
_WRITTEN = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
_ETAG = '"d41d8cd98f00b204e9800998ecf8427e"'


def key_of(number: int) -> str:
    """The key of an object; keys sort as numbers do."""
    return f"{_FOLDER}{number:08}.csv"


class ListServer:
    """The server, on a port of 127.0.0.1, until its end as a context."""

    def __init__(self, count: int) -> None:
        """`count` objects below `geo/incoming/`."""
        handler = type("Handler", (_Handler,), {"count": count})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    count = 0

    def do_GET(self) -> None:  # noqa: N802 - named by the library
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        after = asked.get("continuation-token") or asked.get("start-after") or ""
        first = _number(after) + 1 if after.startswith(_FOLDER) else 0
        last = min(first + int(asked.get("max-keys", "1000")), self.count)
        modified = _WRITTEN.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        contents = "".join(
            f"<Contents><Key>{key_of(number)}</Key><LastModified>{modified}</LastModified><ETag>{_ETAG}</ETag>"
            "<Size>22</Size></Contents>"
            for number in range(first, last)
        )
        more = (
            f"<NextContinuationToken>{key_of(last - 1)}</NextContinuationToken>" if last < self.count else ""
        )
        self._answer(
            f"<ListBucketResult><Name>bench</Name><IsTruncated>{str(bool(more)).lower()}</IsTruncated>{more}"
            f"{contents}</ListBucketResult>".encode()
        )

    def do_HEAD(self) -> None:  # noqa: N802 - named by the library
        self._answer(b"", {"ETag": _ETAG, "Last-Modified": format_datetime(_WRITTEN, usegmt=True)}, size=22)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the library
        """Say nothing."""

    def _answer(self, body: bytes, headers: dict[str, str] | None = None, size: int | None = None) -> None:
        self.send_response(200)
        for name, value in {"Content-Type": "application/xml", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if size is None else size))
        self.end_headers()
        self.wfile.write(body)


def _number(key: str) -> int:
    return int(key.removeprefix(_FOLDER).removesuffix(".csv"))
