"""Reads the body of a request: at most so many bytes, in time, of the right media type, and of one shape.

Nothing wrong in a body is the service's own error: all of it is a problem that names the field.
"""

import asyncio
import contextlib
import re
from typing import Final, Generic, TypeVar, cast

import msgspec
from starlette.requests import ClientDisconnect, Request

from services.asgi.problem import Problem

LIMIT: Final = 65_536
_PATIENCE_S: Final = 10.0
_READ_AWAY: Final = 8_000_000
"""Bytes of a body that is refused; who sends more, or more slowly, finds a broken connection instead of an answer."""
_PLACE: Final = re.compile(r" - at `\$\.?(.*)`$")
_FIELD: Final = re.compile(r"(?:missing required|unknown) field `(.*?)`")
_Kind = TypeVar("_Kind")

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for what is no JSON."""


class Body(Generic[_Kind]):
    """Bodies that are JSON of one type. Fields that the type does not know are ignored, unless it forbids them."""

    def __init__(self, kind: type[_Kind], limit: int = LIMIT, bounds: object = None) -> None:
        """`limit` is in bytes; `bounds` is the type with what its annotation allows, where it has one."""
        self.limit = limit
        self._decoder: msgspec.json.Decoder[_Kind] = msgspec.json.Decoder(cast(type[_Kind], bounds or kind))

    async def read(self, request: Request) -> _Kind:
        """The body; raises Problem 408, 413, 415 or 400."""
        media_type = header(request, b"content-type") or ""
        if media_type != "application/json" and not _is_json(media_type):
            raise Problem(415, "The body must be JSON: send Content-Type: application/json.", "Content-Type")
        return self._decoded(await self.received(request))

    async def received(self, request: Request) -> bytes:
        """The bytes, of whatever media type; raises Problem 408 or 413."""
        length = header(request, b"content-length") or ""
        if len(length) > 15 or (length.isdecimal() and int(length) > self.limit):
            # Who asks first whether to send it sends nothing now.
            if not header(request, b"expect"):
                await _read_away(request)
            raise self._too_large()
        message = await request.receive()
        body: bytes = message.get("body", b"")
        # What fits into one packet, which is nearly all of them, needs no clock.
        if message.get("more_body"):
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    body = await self._rest(request, body)
            except TimeoutError:
                raise Problem(408, f"The body did not arrive within {_PATIENCE_S:g} s.") from None
        elif message["type"] == "http.disconnect":
            raise ClientDisconnect
        if len(body) > self.limit:
            raise self._too_large()
        return body

    async def _rest(self, request: Request, first: bytes) -> bytes:
        parts, size, more = [first], len(first), True
        while more:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            more = message.get("more_body", False)
            if size > self.limit:
                if more:
                    await _read_away(request)
                raise self._too_large()
        return b"".join(parts)

    def _decoded(self, body: bytes) -> _Kind:
        try:
            try:
                return self._decoder.decode(body)
            except msgspec.ValidationError as error:
                if "got `float`" not in str(error):
                    raise
                # In JSON 15.0 is a whole number too, and some clients write it so.
                return msgspec.convert(_whole(msgspec.json.decode(body)), self._decoder.type)
        except msgspec.ValidationError as error:
            raise _invalid(str(error)) from None
        except UNREADABLE as error:
            raise unreadable("body", error) from None

    def _too_large(self) -> Problem:
        return Problem(413, f"The body is larger than {self.limit:,} bytes.", "body", {"Connection": "close"})


async def _read_away(request: Request) -> None:
    """Drop what still comes, for a while: who is sending when the connection ends does not read the answer."""
    left = _READ_AWAY
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            while left > 0:
                message = await request.receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body"):
                    return


def unreadable(what: str, error: Exception) -> Problem:
    """The problem of what is no JSON."""
    why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    return Problem(400, f"The {what} is no JSON that can be read: {why}.", what)


def header(request: Request, name: bytes) -> str | None:
    """The first of this name, None when there is none; making a mapping of all takes longer than a body."""
    for given, value in request.scope["headers"]:
        if given == name:
            return str(value, "latin-1")
    return None


def _whole(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return {name: _whole(each) for name, each in value.items()} if isinstance(value, dict) else value


def _is_json(media_type: str) -> bool:
    return media_type.partition(";")[0].strip().lower() == "application/json"


def _invalid(message: str) -> Problem:
    """Msgspec tells the place at the end of its sentence, and a field that is missing or unknown within it."""
    place, named = _PLACE.search(message), _FIELD.search(message)
    parts = [place[1] if place else "", named[1] if named else ""]
    field = ".".join(filter(None, parts)) or "body"
    return Problem(400, f"{field}: {_PLACE.sub('', message)}.", field)
