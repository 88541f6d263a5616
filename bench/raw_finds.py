"""A driver that does next to nothing: finds encoded beforehand over many connections, answers read and thrown away.

It tells how fast the store alone can be, whatever asks it.
"""

import random
import socket
import time
from contextlib import ExitStack
from struct import Struct
from typing import Final

import bson

_CONNECTIONS: Final = 32
_DIFFERENT: Final = 512
_HEADER, _INT = Struct("<iiii"), Struct("<i")


def asked(port: int, shoppers: int, seconds: float) -> dict[str, float]:
    """How many finds were answered in about so many seconds, exactly how many these were, and this side's CPU."""
    messages = [_message(random.Random(number), shoppers) for number in range(_DIFFERENT)]
    with ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(_CONNECTIONS)
        ]
        began, cpu, count = time.perf_counter(), time.process_time(), 0
        while (wall_s := time.perf_counter() - began) < seconds:
            for place, connection in enumerate(connections):
                connection.sendall(messages[(count + place) % _DIFFERENT])
            for connection in connections:
                _read(connection)
            count += _CONNECTIONS
        return {"requests": count, "wall_s": wall_s, "generator_s": (time.process_time() - cpu) / count}


def _message(chance: random.Random, shoppers: int) -> bytes:
    user_ids = [chance.randrange(shoppers) for _ in range(5)]
    command = {"find": "promoAdobe", "filter": {"userId": {"$in": user_ids}, "used": False}, "$db": "promo"}
    body = b"\0\0\0\0\0" + bson.encode(command)
    return _HEADER.pack(len(body) + 16, 1, 0, 2013) + body


def _read(connection: socket.socket) -> None:
    data = connection.recv(65_536)
    left = _INT.unpack_from(data)[0] - len(data)
    while left > 0:
        left -= len(connection.recv(65_536))
