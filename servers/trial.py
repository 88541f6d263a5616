"""`make test-real`: servers of its own on free ports, the tests that use them, and an end to what was started.

Nothing is shared with the servers of `make servers` but the downloads, so both may run at one time.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from servers.installation import ROOT, SERVERS, Installation, Say

TESTS = (
    "tests/resources/contracts",
    "tests/resources/test_warehouse_commit.py",
    "tests/real",
)
LIVE = ("tests/platform_assets",)
"""Tests of models, worth a live account; on the stand-in `make test` runs them."""


def run(say: Say, arguments: Sequence[str], *, is_live: bool) -> int:
    """Run the tests with `arguments` of pytest's own; its exit code."""
    with _servers(say) as (installation, skipped):
        tests = [argument for argument in arguments if argument.startswith("tests")]
        chosen = [] if tests else [*TESTS, *(LIVE if is_live else ())]
        command = [
            sys.executable,
            "-m",
            "pytest",
            "--real",
            f"--servers={installation.root}",
            *chosen,
            *arguments,
        ]
        code = subprocess.run(command, check=False).returncode
    for sentence in skipped:
        say(f"Not tested: {sentence}")
    if not is_live:
        say(
            "No live Snowflake account: its tests ran on fakesnow. Set SNOWFLAKE_ACCOUNT and its credentials."
        )
    return code


@contextmanager
def _servers(say: Say) -> Iterator[tuple[Installation, list[str]]]:
    tools = Installation.at().tools
    installation = Installation((ROOT / "trial").absolute(), tools)
    with installation.locked():
        # What a trial that was killed has left.
        _remove(installation)
        try:
            yield installation, installation.start(SERVERS, say, on_free_ports=True)
        finally:
            _remove(installation)


def _remove(installation: Installation) -> None:
    installation.stop(installation.running(), lambda sentence: None)
    for server in SERVERS:
        shutil.rmtree(installation.place(server).state, ignore_errors=True)
