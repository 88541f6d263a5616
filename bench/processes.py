"""Servers of a bench as processes: started, known by the address that they print, stopped; what CPU each has used.

What they serve and what is asked of them is told by the benches.
"""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PORT: Final = re.compile(r'^(\d+)$|"url":"http://127\.0\.0\.1:(\d+)"')
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_STEP_S: Final = 0.02


class NotStartedError(Exception):
    """A server ended before it said where it listens."""


class Server:
    """A process that listens on `port` of 127.0.0.1."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        """Of one that listens already."""
        self._process = process
        self.port = port

    def cpu_s(self) -> float:
        """CPU seconds so far, its own and those of its children that have ended."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS


@contextmanager
def served(command: Sequence[str], journal: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """A server, whose output goes to `journal`; raises NotStartedError with its end."""
    with journal.open("w") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, text=True, env={**os.environ, **environment}
        )
    try:
        yield Server(process, _port(process, journal))
    finally:
        process.terminate()
        process.wait()


def until(is_so: Callable[[], bool], within_s: float) -> bool:
    """Whether it became so in time."""
    deadline = time.monotonic() + within_s
    while not (found := is_so()) and time.monotonic() < deadline:
        time.sleep(_STEP_S)
    return found


def _port(process: "subprocess.Popen[str]", journal: Path) -> int:
    found: list[re.Match[str]] = []

    def is_told() -> bool:
        lines = journal.read_text().splitlines()
        found.extend(match for line in lines if (match := _PORT.search(line)))
        return bool(found) or process.poll() is not None

    until(is_told, 30)
    if not found:
        raise NotStartedError(f"{journal.stem} did not start: {journal.read_text()[-500:]}")
    return int(found[0][1] or found[0][2])
