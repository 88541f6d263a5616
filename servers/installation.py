"""The servers of one folder: which run, where, and what leads Quadrant to them.

The commands behind `make servers` belong here; what tests do with servers is in `trial` and in the tests.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from urllib.parse import urlsplit

from resources.unavailable import Unavailable
from servers import processes
from servers.kafka import Kafka
from servers.mongodb import MongoDb
from servers.postgresql import PostgreSql
from servers.s3 import S3
from servers.server import Place, Server, write_private
from servers.snowflake import Snowflake

ROOT = Path(".quadrant/servers")
SERVERS: tuple[Server, ...] = (Kafka(), S3(), PostgreSql(), MongoDb(), Snowflake())
_SECRETS = ("PASSWORD", "SECRET", "TOKEN", "API_KEY")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Installation:
    """Servers whose state lies below `root`; downloads are shared by all that have the same `tools`."""

    root: Path
    tools: Path

    @classmethod
    def at(cls, root: Path = ROOT) -> "Installation":
        """The installation for people."""
        return cls(root.absolute(), root.absolute())

    @property
    def settings_file(self) -> Path:
        """What leads Quadrant to the servers, passwords included; its owner alone reads it."""
        return self.root / "env"

    def place(self, server: Server) -> Place:
        """Where a server is, or would be."""
        state = self.root / server.name
        try:
            ports = tuple(json.loads((state / "ports").read_text(encoding="ascii")))
        except FileNotFoundError:
            ports = server.ports
        return Place(self.tools / server.name / "tools", state, ports)

    def running(self) -> list[Server]:
        """The servers that run."""
        return [server for server in SERVERS if processes.pid(self.place(server)) is not None]

    def settings(self) -> dict[str, str]:
        """Quadrant's settings that lead to the servers that run, secrets among them."""
        found = {"QUADRANT_DEPLOYMENT": "dev"}
        for server in self.running():
            found |= server.settings(self.place(server))
        return found

    def start(self, servers: Sequence[Server], say: Say, *, on_free_ports: bool = False) -> list[str]:
        """Start what does not run; what was skipped and why. Raises Unavailable when a server cannot start."""
        self.root.mkdir(parents=True, exist_ok=True)
        skipped = []
        for server in servers:
            if processes.pid(self.place(server)) is not None:
                say(f"{server.title} already runs at {server.url(self.place(server))}")
            elif lacking := server.missing():
                skipped.append(f"{server.title} is skipped: {lacking}.")
                say(skipped[-1])
            else:
                self._start(server, say, on_free_ports)
        lines = [f"{name}={value}\n" for name, value in self.settings().items()]
        write_private(self.settings_file, "".join(lines))
        return skipped

    def stop(self, servers: Sequence[Server], say: Say) -> None:
        """End what runs, what a command that was killed has left included; waits for each exit."""
        for server in servers:
            place = self.place(server)
            was_running = processes.pid(place) is not None and processes.stop(server.command(place), place)
            say(f"{server.title} {'stopped' if was_running else 'did not run'}")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One command at a time; raises Unavailable when another one is under way."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            try:
                flock(lock, LOCK_EX | LOCK_NB)
            except BlockingIOError as error:
                raise Unavailable(
                    f"Another command works on the servers of {self.root}: wait until it ends, or end it."
                ) from error
            yield

    def _start(self, server: Server, say: Say, on_free_ports: bool) -> None:
        place = self.place(server)
        say(f"{server.title}: getting what it needs, and starting")
        server.install(place.tools)
        ports = processes.free_ports(len(server.ports)) if on_free_ports else server.ports
        processes.refuse_taken(server.title, ports)
        place.state.mkdir(parents=True, exist_ok=True)
        (place.state / "ports").write_text(json.dumps(ports), encoding="ascii")
        place = self.place(server)
        server.prepare(place)
        processes.start(server.title, server.command(place), place, lambda: server.is_ready(place))
        server.furnish(place)
        say(f"{server.title} runs at {server.url(place)}")


def shown(settings: dict[str, str]) -> list[str]:
    """Settings as lines without their secrets."""
    return [f"{name}={'...' if _is_secret(name, value) else value}" for name, value in settings.items()]


def _is_secret(name: str, value: str) -> bool:
    """By its name, or because it is an address with a user in it."""
    return any(word in name for word in _SECRETS) or urlsplit(value).username is not None
