"""Services as processes that may be killed at any time, on the same ports however often they are started.

What is asked of them is in `promotions` and in `replicas`.
"""

import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

import httpx

from resources.unavailable import Unavailable
from servers.processes import free_ports

STORE, LOG, PROMOTIONS = "store", "log", "promotions"
REPLICAS: Final = ("replica-1", "replica-2")
STALENESS_S = 2
"""So short that much is asked anew."""

_WAIT_S: Final = 120.0
_POLL_S: Final = 0.02


class Processes:
    """Some processes by name."""

    def __init__(self, home: Path, commands: Mapping[str, Sequence[str]], environ: Mapping[str, str]) -> None:
        """All state is in `home`, which must be a folder that may be filled."""
        self._home = home
        self._commands = commands
        self._environ = {
            "PATH": os.defpath,
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "QUADRANT_HOME": str(home),
            **environ,
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start one; it is ready some time later."""
        with (self._home / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                self._commands[name], cwd=self._home, env=self._environ, stdout=log, stderr=log
            )

    def kill(self, name: str) -> None:
        """Kill -9, and start again."""
        process = self._running[name]
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.start(name)

    def memory(self, name: str) -> int:
        """Resident bytes of one."""
        status = Path(f"/proc/{self._running[name].pid}/statm").read_text(encoding="ascii")
        return int(status.split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all of them."""
        for process in self._running.values():
            process.kill()
        for process in self._running.values():
            process.wait()


class PromotionProcesses(Processes):
    """The promotions service, the request log and their store, which commits each write to its disk."""

    def __init__(self, home: Path) -> None:
        """The store speaks MongoDB's protocol."""
        store, log, promotions = free_ports(3)
        self.mongo_url = f"mongodb://127.0.0.1:{store}/promo"
        self.url = f"http://127.0.0.1:{promotions}"
        program = Path(sysconfig.get_path("scripts")) / "secantusd-py"
        place = ["--host", "127.0.0.1", "--port", str(store), "--storage-path", str(home / "mongo")]
        commands = {
            STORE: [str(program), *place, "--sync-on-commit"],
            LOG: [sys.executable, "-m", "services.request_log"],
            PROMOTIONS: [sys.executable, "-m", "services.promotions"],
        }
        environ = {
            "MONGO_URL": self.mongo_url,
            "REQUEST_LOG_PORT": str(log),
            "PROMOTIONS_STALENESS_S": str(STALENESS_S),
            "PROMOTIONS_PORT": str(promotions),
            "LOG_URL": f"http://127.0.0.1:{log}",
        }
        super().__init__(home, commands, environ)


class ListingProcesses(Processes):
    """Replicas of the listing API over the store in `home`."""

    def __init__(self, home: Path) -> None:
        """Each has a port of its own, and its name is the container."""
        ports = dict(zip(REPLICAS, free_ports(len(REPLICAS)), strict=True))
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        program = [sys.executable, "-m", "services.listing_api"]
        commands = {
            name: ["env", f"LISTING_API_PORT={port}", f"HOSTNAME={name}", *program]
            for name, port in ports.items()
        }
        super().__init__(home, commands, {})


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for what is said to be waited for; raises Unavailable when it does not come."""
    deadline = time.monotonic() + _WAIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise Unavailable(f"Waited {_WAIT_S:g} s in vain for {what}; the processes' logs tell why.")
        time.sleep(_POLL_S)


def is_ready(url: str) -> bool:
    """Whether a service says so."""
    return asked(f"{url}/readyz").startswith('{"ready":true')


def asked(url: str) -> str:
    """What is answered to a GET; nothing when nobody does."""
    try:
        # Certificates, which none of them has, would take longer than the answer.
        return httpx.get(url, timeout=10, verify=False, trust_env=False).text
    except httpx.HTTPError:
        return ""
