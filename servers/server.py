"""What a server is to the commands: how it is got, prepared, started, asked and reached; and where it lives.

Each real server is a module of its own; how processes start and end is in `processes`.
"""

import os
import secrets
import signal
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

HOST = "127.0.0.1"
USER = "quadrant"


@dataclass(frozen=True)
class Place:
    """Where one server lives: `tools` holds what was downloaded, `state` its data, log, pid, ports and password."""

    tools: Path
    state: Path
    ports: tuple[int, ...]

    @property
    def port(self) -> int:
        """Where clients connect."""
        return self.ports[0]

    @property
    def data(self) -> Path:
        """What the server keeps."""
        return self.state / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.state / "log"

    @property
    def password_file(self) -> Path:
        """Read by its owner alone."""
        return self.state / "password"

    @property
    def pid_file(self) -> Path:
        """Written by the process itself before it becomes the server."""
        return self.state / "pid"

    def password(self) -> str:
        """The password of this installation, made when first asked for."""
        if not self.password_file.exists():
            write_private(self.password_file, secrets.token_urlsafe(24))
        return self.password_file.read_text(encoding="ascii")


@dataclass(frozen=True)
class Command:
    """A process to run: `user` when it must not be root, `ending` is the signal that asks it to stop."""

    arguments: Sequence[str]
    user: str | None = None
    ending: signal.Signals = signal.SIGTERM


class Server(ABC):
    """One kind of server. What it raises is `Unavailable` with a sentence."""

    name: ClassVar[str]
    title: ClassVar[str]
    ports: ClassVar[tuple[int, ...]]
    """The ports for people; tests take free ones."""

    @abstractmethod
    def missing(self) -> str:
        """What this machine lacks to run it and how to get that; empty when nothing is."""

    def install(self, tools: Path) -> None:  # noqa: B027 - most have nothing to download
        """Download what is not in `tools` yet, by an ordinary package client."""

    @abstractmethod
    def prepare(self, place: Place) -> None:
        """Before each start: configuration, and at the first one the data."""

    @abstractmethod
    def command(self, place: Place) -> Command:
        """What to run."""

    @abstractmethod
    def is_ready(self, place: Place) -> bool:
        """Whether it answers a question of its own protocol."""

    def furnish(self, place: Place) -> None:  # noqa: B027 - most are ready as they are
        """When it is ready: make what Quadrant expects to find there."""

    @abstractmethod
    def url(self, place: Place) -> str:
        """Where it is, without user and password."""

    def settings(self, place: Place) -> dict[str, str]:
        """Quadrant's settings that lead to it, secrets among them."""
        return {}


def write_private(path: Path, text: str) -> None:
    """Write a file that is never readable by others, not for a moment."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)
