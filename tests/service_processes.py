"""Services as processes of their own, as tests start and kill them, and what they say in their journals.

Those that run in threads of the tests are in `http_services`.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

ROOT = Path(__file__).parents[1]


@contextmanager
def process(
    name: str, home: Path, *arguments: str, within: Sequence[str] = (), **environ: str
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A running service, and what it says on stderr; killed at the end, with all that it started, if still there.

    `within` is a command that becomes the one behind it.
    """
    given = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "QUADRANT_HOME": str(home)}
    ports = dict.fromkeys(
        ("PROMOTIONS_PORT", "REQUEST_LOG_PORT", "LISTING_API_PORT", "TWEET_STREAM_PORT"), "0"
    )
    command: list[str] = [*within, sys.executable, "-m", name, *arguments]
    # Away from the clone, whose .env is no part of the test.
    service = subprocess.Popen(
        command,
        env=given | ports | environ,
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    said: list[str] = []
    assert service.stderr is not None
    assert service.stdout is not None
    hearing = Thread(target=said.extend, args=(iter(service.stderr.readline, ""),))
    hearing.start()
    try:
        yield service, said
    finally:
        # One that outlived its parent would keep the pipe open, and the reading of it waiting.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(service.pid, signal.SIGKILL)
        service.wait(30)
        hearing.join(30)
        service.stderr.close()
        service.stdout.close()


def told(said: list[str], event: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, list(said)) if line["event"] == event]
