"""The promotions service, the request log and their store as processes that may be killed at any time.

The store speaks MongoDB's protocol and commits each write to its disk; what is asked of them is in `promotions`.
"""

import os
import signal
import socket
import subprocess
import sys
import sysconfig
from contextlib import ExitStack
from pathlib import Path

STORE, LOG, PROMOTIONS = "store", "log", "promotions"
STALENESS_S = 2
"""So short that much is asked anew."""


class Processes:
    """The three processes, on the same ports however often they are started."""

    def __init__(self, home: Path) -> None:
        """All state is in `home`, which must be a folder that may be filled."""
        self._home = home
        store, log, promotions = _ports(3)
        self.mongo_url = f"mongodb://127.0.0.1:{store}/promo"
        self.url = f"http://127.0.0.1:{promotions}"
        program = Path(sysconfig.get_path("scripts")) / "secantusd-py"
        place = ["--host", "127.0.0.1", "--port", str(store), "--storage-path", str(home / "mongo")]
        self._commands = {
            STORE: [str(program), *place, "--sync-on-commit"],
            LOG: [sys.executable, "-m", "services.request_log"],
            PROMOTIONS: [sys.executable, "-m", "services.promotions"],
        }
        self._environ = {
            "PATH": os.defpath,
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "QUADRANT_HOME": str(home),
            "MONGO_URL": self.mongo_url,
            "REQUEST_LOG_PORT": str(log),
            "PROMOTIONS_STALENESS_S": str(STALENESS_S),
            "PROMOTIONS_PORT": str(promotions),
            "LOG_URL": f"http://127.0.0.1:{log}",
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

    def close(self) -> None:
        """End all of them."""
        for process in self._running.values():
            process.kill()
        for process in self._running.values():
            process.wait()


def _ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]
