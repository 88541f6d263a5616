"""Requests to one address over a few connections that are kept: aiohttp, as a POST of a document needs it.

What is sent is in `forms`, when to ask again in `sending`.
"""

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

_MOST_BYTES: Final = 1_048_576


class AwayError(Exception):
    """No answer came, for this reason."""


class Request(NamedTuple):
    """A body, and headers of this request alone."""

    body: bytes
    headers: Mapping[str, str]


class Answer(NamedTuple):
    """A status, headers that are found by names in any case, and a body or its beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connections:
    """To be used in the event loop in which they are opened."""

    @classmethod
    @asynccontextmanager
    async def to(
        cls, url: str, headers: Mapping[str, str], at_once: int, timeout_s: float
    ) -> "AsyncIterator[Connections]":
        """At most `at_once` connections to an http or https address; `headers` come with each request."""
        from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

        async with ClientSession(
            connector=TCPConnector(limit=at_once),
            headers=headers,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=timeout_s),
        ) as session:
            yield cls(session, url, timeout_s)

    def __init__(self, session: "ClientSession", url: str, timeout_s: float) -> None:
        """Made by `to`."""
        self._session = session
        self._url = url
        self._timeout_s = timeout_s

    async def ask(self, request: Request) -> Answer:
        """The answer to a POST; no redirect is followed. Raises AwayError."""
        from aiohttp import ClientConnectorError, ClientError

        # aiohttp warns of bytes that are larger.
        body = request.body if len(request.body) <= _MOST_BYTES else io.BytesIO(request.body)
        try:
            async with self._session.post(
                self._url, data=body, headers=request.headers, allow_redirects=False
            ) as response:
                return Answer(response.status, response.headers, await _beginning(response))
        except TimeoutError:
            raise AwayError(f"The receiver did not answer within {self._timeout_s:g} s.") from None
        except (OSError, ClientError) as error:
            why = error.os_error if isinstance(error, ClientConnectorError) else error
            raise AwayError(f"The connection to the receiver broke ({type(why).__name__}).") from error


async def _beginning(response: "ClientResponse") -> bytes:
    """The body; of one without an end a little more than `_MOST_BYTES`, after which its connection is closed."""
    parts, size = list[bytes](), 0
    while size <= _MOST_BYTES and not response.content.at_eof():
        part = await response.content.readany()
        parts.append(part)
        size += len(part)
    return b"".join(parts)
