"""A gate before a server: while it is shut, connections are taken and wait; what is said is passed on as it is."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer

_DEADLINE_S = 120.0


class Gate(ThreadingTCPServer):
    """Passes connections on to a port of this machine."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        """Open, on a port of the system's choice."""
        super().__init__(("127.0.0.1", 0), _Passage)
        self.behind = port
        self.is_open = threading.Event()
        self.is_open.set()

    @property
    def port(self) -> int:
        """Where clients knock."""
        return int(self.server_address[1])

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Let nobody in until the block ends."""
        self.is_open.clear()
        try:
            yield
        finally:
            self.is_open.set()


class _Passage(BaseRequestHandler):
    """One connection."""

    server: Gate

    def handle(self) -> None:
        self.server.is_open.wait(_DEADLINE_S)
        with socket.create_connection(("127.0.0.1", self.server.behind)) as behind:
            answers = threading.Thread(target=_pass_on, args=(behind, self.request), daemon=True)
            answers.start()
            _pass_on(self.request, behind)
            answers.join(_DEADLINE_S)


@contextmanager
def gate_before(port: int) -> Iterator[Gate]:
    """A gate before a port, until the block ends."""
    with Gate(port) as gate:
        thread = threading.Thread(target=gate.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield gate
        finally:
            gate.shutdown()
            thread.join(_DEADLINE_S)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while said := source.recv(65_536):
            target.sendall(said)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        # One side went away; the other one hears of it by its own connection.
        target.close()
