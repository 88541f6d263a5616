"""MongoDB's wire protocol answered from memory: `python -m bench.memory_store <promotions>` prints its port.

As little work as Python allows, so that a store excuses no side: the documents of each shopper are encoded
beforehand, what is logged is counted and forgotten. Only what the two sides ask is understood.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from struct import Struct
from typing import Any, Final

import bson
import uvloop

PER_SHOPPER: Final = 2
"""Promotions for each shopper: with 100,000 promotions there are 50,000 shoppers."""
_USED_OF_100: Final = 47
"""As in the original's data file."""
_MESSAGE, _QUERY, _REPLY = 2013, 2004, 1
_HEADER, _INT = Struct("<iiii"), Struct("<i")
_QUERY_REPLY: Final = Struct("<iiiiiqii")
_HELLO: Final[dict[str, Any]] = {
    "helloOk": True,
    "ismaster": True,
    "isWritablePrimary": True,
    "maxBsonObjectSize": 16_777_216,
    "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 100_000,
    "logicalSessionTimeoutMinutes": 30,
    "minWireVersion": 0,
    "maxWireVersion": 25,
    "readOnly": False,
    "ok": 1.0,
}
_UNUSED: Final = (False, {"$in": [False, "false", "False", "FALSE"]})
_POSITIONS: Final = [f"{number}".encode() + b"\0" for number in range(20_000)]


def documents(count: int) -> Iterator[dict[str, Any]]:
    """Promotions as the original keeps them, two for each shopper."""
    for number in range(count):
        yield {
            "_id": f"campaign-{number % PER_SHOPPER}/{number // PER_SHOPPER}",
            "requestId": "campaign",
            "userId": number // PER_SHOPPER,
            "promotionId": str(number % 10),
            "used": number * 7_919 % 100 < _USED_OF_100,
            "sys_insertDateTime": "2026-11-01T12:00:00Z",
        }


class Store:
    """Unused promotions by shopper, encoded, and the number of log entries."""

    def __init__(self, promotions: int) -> None:
        """So many promotions, used ones among them."""
        self._unused: dict[int, list[bytes]] = {}
        self.logged = 0
        for document in documents(promotions):
            if not document["used"]:
                self._unused.setdefault(document["userId"], []).append(bson.encode(document))
        self._commands: dict[str, Callable[[dict[str, Any], int], bytes]] = {
            "find": self._find,
            "insert": self._insert,
            "update": self._update,
            "count": lambda command, _: bson.encode({"n": self.logged, "ok": 1.0}),
        }

    def answer(self, command: dict[str, Any], listed: int) -> bytes:
        """The encoded answer to a command; `listed` documents came in a section of their own."""
        name = next(iter(command))
        if name in self._commands:
            return self._commands[name](command, listed)
        if name.lower() in ("hello", "ismaster"):
            return bson.encode(_HELLO)
        if name in ("ping", "endSessions", "createIndexes", "create", "collMod"):
            return bson.encode({"ok": 1.0})
        if name == "listCollections":
            return _cursor(f"{command['$db']}.$cmd.listCollections", [])
        return _refused(f"{name} is not understood here")

    def _find(self, command: dict[str, Any], _listed: int) -> bytes:
        asked = command["filter"]
        # No promotion here ends, so that those which ended long ago are none.
        if asked.get("used") not in _UNUSED or asked.keys() - {"endsAt"} != {"userId", "used"}:
            return _refused(f"{asked} is not understood here")
        user_ids = set(asked["userId"]["$in"])
        unused, none = self._unused, ()
        found = [each for user_id in sorted(user_ids) for each in unused.get(user_id, none)]
        limit = command.get("limit") or len(found)
        return _cursor(f"{command['$db']}.{command['find']}", found[:limit])

    def _insert(self, command: dict[str, Any], listed: int) -> bytes:
        count = listed + len(command.get("documents", ()))
        self.logged += count
        return bson.encode({"n": count, "ok": 1.0})

    def _update(self, command: dict[str, Any], listed: int) -> bytes:
        count = listed + len(command.get("updates", ()))
        self.logged += count
        upserted = [{"index": number, "_id": number} for number in range(count)]
        return bson.encode({"n": count, "nModified": 0, "upserted": upserted, "ok": 1.0})


def _cursor(namespace: str, found: list[bytes]) -> bytes:
    """The document `{cursor: {firstBatch: found, id: 0, ns: namespace}, ok: 1}`, put together of encoded parts."""
    batch = b"".join([b"\x03" + place + each for place, each in zip(_POSITIONS, found, strict=False)])
    name = namespace.encode() + b"\0"
    cursor = b"".join(
        (b"\x04firstBatch\0", _INT.pack(len(batch) + 5), batch, b"\0\x12id\0", bytes(8), b"\x02ns\0")
        + (_INT.pack(len(name)), name, b"\0")
    )
    ok = b"\x10ok\0" + _INT.pack(1)
    size = len(cursor) + 4
    return b"".join(
        (_INT.pack(4 + 8 + size + len(ok) + 1), b"\x03cursor\0", _INT.pack(size), cursor, ok, b"\0")
    )


def _refused(why: str) -> bytes:
    return bson.encode({"ok": 0.0, "errmsg": why, "code": 59, "codeName": "CommandNotFound"})


class _Connection(asyncio.Protocol):
    """One connection of a driver."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        read = self._read + data if self._read else data
        start = 0
        while len(read) - start >= 16 and len(read) - start >= (size := _INT.unpack_from(read, start)[0]):
            self._transport.write(self._answered(read[start : start + size]))
            start += size
        self._read = read[start:]

    def _answered(self, message: bytes) -> bytes:
        _, request_id, _, kind = _HEADER.unpack_from(message)
        if kind == _MESSAGE:
            answer = self._store.answer(*_sections(message))
            return _HEADER.pack(len(answer) + 21, 0, request_id, kind) + b"\0\0\0\0\0" + answer
        # The first word of a driver is in the protocol of before.
        answer = self._store.answer(bson.decode(message[message.index(b"\0", 20) + 9 :]), 0)
        return _QUERY_REPLY.pack(len(answer) + 36, 0, request_id, _REPLY, 8, 0, 0, 1) + answer


def _sections(message: bytes) -> tuple[dict[str, Any], int]:
    """The command, and how many documents came besides it."""
    command: dict[str, Any] = {}
    listed, place = 0, 20
    while place < len(message):
        size = _INT.unpack_from(message, place + 1)[0]
        end = place + 1 + size
        if message[place] == 0:
            command = bson.decode(message[place + 1 : end])
        else:
            each = message.index(b"\0", place + 5) + 1
            while each < end:
                each += _INT.unpack_from(message, each)[0]
                listed += 1
        place = end
    return command, listed


async def _serve(promotions: int) -> None:
    store = Store(promotions)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(store), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
