"""One connection that asks and is answered over HTTP/1.1, again and again as long as the server keeps it.

Only what a POST of a small document needs: no redirects, no proxies, no cookies; when to ask again is told elsewhere.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Final, Self, cast
from urllib.parse import quote, urlsplit

import httptools

_MOST_BYTES: Final = 1_048_576
_SAFE: Final = "!#$%&'()*+,/:;=?@[]~"


class BrokenError(Exception):
    """The connection ended, or said what is no HTTP, before the answer was whole."""


@dataclass
class Answer:
    """A status, headers with names in lower case, and a body."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        """Whether it is one of 200 to 299."""
        return 200 <= self.status < 300


class Target:
    """An http or https address: where to connect, and the head of each request to it."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        """`headers` come with each request. Raises ValueError for an address without a host."""
        parts = urlsplit(url)
        if not parts.hostname:
            raise ValueError("An address needs a host.")
        self.host = parts.hostname
        self.tls = ssl.create_default_context() if parts.scheme == "https" else None
        self.port = parts.port or (443 if self.tls else 80)
        path = quote(parts.path or "/", _SAFE) + (f"?{quote(parts.query, _SAFE)}" if parts.query else "")
        place = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"Host": place if parts.port is None else f"{place}:{parts.port}", **headers}
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in usual.items()), ""]
        self._head = "\r\n".join(lines).encode()

    def request(self, body: bytes, key: str = "") -> bytes:
        """The bytes of a POST; `key` is its idempotency key."""
        named = f"Idempotency-Key: {key}\r\n" if key else ""
        return b"%b%bContent-Length: %d\r\n\r\n%b" % (self._head, named.encode(), len(body), body)


class Connection(asyncio.Protocol):
    """One question at a time."""

    @classmethod
    async def to(cls, target: Target) -> Self:
        """A new connection; raises OSError."""
        loop = asyncio.get_running_loop()
        name = target.host if target.tls else None
        _, made = await loop.create_connection(
            cls, target.host, target.port, ssl=target.tls, server_hostname=name
        )
        return made

    def __init__(self) -> None:
        """Made by the loop."""
        self.is_open = False
        self._answered: asyncio.Future[Answer] | None = None
        self._answer = Answer()
        self._body: list[bytes] = []
        self._size = 0
        self._is_headed = False

    def ask(self, request: bytes) -> "asyncio.Future[Answer]":
        """The answer to one request; raises BrokenError. After it the connection may be closed."""
        self._answered = asyncio.get_running_loop().create_future()
        self._answer, self._body, self._size, self._is_headed = Answer(), [], 0, False
        self._transport.write(request)
        return self._answered

    def close(self) -> None:
        """Leave at once, whatever is under way."""
        self.is_open = False
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio."""
        self._transport = cast(asyncio.Transport, transport)
        self._parser = httptools.HttpResponseParser(self)
        # The original's own server ends its lines without a carriage return.
        self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        """Of asyncio."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.close()
            self._fail(BrokenError(f"it answered no HTTP: {type(error).__name__}"))

    def connection_lost(self, error: Exception | None) -> None:
        """Of asyncio. An answer that names no length ends with its connection."""
        self.is_open = False
        names = self._answer.headers
        is_ended_so = not {"content-length", "transfer-encoding"} & names.keys()
        if error is None and self._is_headed and is_ended_so:
            self._end()
        self._fail(BrokenError("it ended before its answer was whole"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Of httptools."""
        self._answer.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Of httptools."""
        self._answer.status = self._parser.get_status_code()
        self._is_headed = self._answer.status >= 200
        self._is_kept = self._parser.should_keep_alive()

    def on_body(self, part: bytes) -> None:
        """Of httptools. Of an answer without an end the beginning is enough."""
        self._body.append(part)
        self._size += len(part)
        if self._size > _MOST_BYTES:
            self.close()
            self._end()

    def on_message_complete(self) -> None:
        """Of httptools."""
        if not self._is_headed:
            # 100 to 199 come before the answer.
            self._answer = Answer()
            return
        if not self._is_kept:
            self.is_open = False
            self._transport.close()
        self._end()

    def _end(self) -> None:
        self._answer.body = b"".join(self._body)
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(self._answer)

    def _fail(self, error: Exception) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(error)
