"""POST requests to one address over a few connections that are kept.

aiohttp, which leaves nothing for the collector of cycles: a service may send large bodies for weeks. What is sent,
and when it is sent again, is told by who sends.
"""

import io
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, Self

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_MOST_BYTES: Final = 1_048_576


class AwayError(Exception):
    """No answer came, for this reason."""


class Request(NamedTuple):
    """A body, and headers of this request alone."""

    body: bytes
    headers: Mapping[str, str] = MappingProxyType({})


class Answer(NamedTuple):
    """A status, headers that are found by names in any case, and a body or its beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connections:
    """To be made, used and closed in one event loop."""

    def __init__(self, url: str, headers: Mapping[str, str], at_once: int, timeout_s: float) -> None:
        """At most `at_once` connections to an http or https address; `headers` come with each request."""
        from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

        self._url = url
        self._timeout_s = timeout_s
        self._session = ClientSession(
            connector=TCPConnector(limit=at_once),
            headers=headers,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            cookie_jar=DummyCookieJar(),
            timeout=ClientTimeout(total=timeout_s),
        )

    async def post(self, request: Request) -> Answer:
        """The answer; no redirect is followed. Raises AwayError."""
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

    async def close(self) -> None:
        """End all connections."""
        await self._session.close()

    async def __aenter__(self) -> Self:
        """Connections are made as they are needed."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.close()


async def _beginning(response: "ClientResponse") -> bytes:
    """The body; of one without an end a little more than `_MOST_BYTES`, after which its connection is closed."""
    parts, size = list[bytes](), 0
    while size <= _MOST_BYTES and not response.content.at_eof():
        part = await response.content.readany()
        parts.append(part)
        size += len(part)
    return b"".join(parts)
