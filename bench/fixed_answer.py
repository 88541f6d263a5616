"""An HTTP server that answers everything with the same array: how fast the generator of a load can be at most.

It reads no more of a request than its end. `python -m bench.fixed_answer` prints its port.
"""

import asyncio
import sys
from typing import Any, Final

import uvloop

_BODY: Final = b"[" + b",".join([b'{"_id":"campaign-0/12","used":false}'] * 20) + b"]"
_ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_BODY) + _BODY
)


class _Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(_ANSWER)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
