"""A Kafka broker of a test's own, which may be killed; its programs are those of the installation."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from servers import processes
from servers.installation import Installation
from servers.kafka import Kafka
from servers.server import Place
from tests.real_servers import RealServers

_DEADLINE_S = 30.0


@dataclass(frozen=True)
class Broker:
    """A broker that comes back with its data, on its port."""

    place: Place

    @property
    def address(self) -> str:
        """What clients are given."""
        return Kafka.address(self.place)

    def start(self) -> None:
        """Run, and be ready."""
        server = Kafka()
        processes.start(
            server.title, server.command(self.place), self.place, lambda: server.is_ready(self.place)
        )

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        number = processes.pid(self.place)
        assert number is not None
        os.kill(number, signal.SIGKILL)
        deadline = time.monotonic() + _DEADLINE_S
        while processes.pid(self.place) is not None:
            assert time.monotonic() < deadline
            time.sleep(0.01)


@contextmanager
def own_broker(real: RealServers, folder: Path) -> Iterator[Broker]:
    """A broker whose state lies in `folder`, until the block ends; skips the test where there is no Kafka."""
    server = Kafka()
    real.place(server)
    tools = Installation.at().place(server).tools
    place = Place(tools, folder / "kafka", processes.free_ports(len(server.ports)))
    place.state.mkdir(parents=True)
    server.prepare(place)
    broker = Broker(place)
    broker.start()
    try:
        yield broker
    finally:
        processes.stop(server.command(place), place)
