"""`make run` on the default sample, into an empty home, with the environment there.

The usual way has no such command, so the time stands alone.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.measuring import Bench, Claim, Result, below

_REPOSITORY = Path(__file__).parents[1]


def prepare(inputs: Path, is_small: bool) -> None:
    """Nothing: the sample world is part of what is measured."""


def run(inputs: Path, scratch: Path) -> Iterator[Result]:
    """One run, its storage in the scratch folder too."""
    shutil.copy(_REPOSITORY / "dagster.yaml", scratch)
    yield {}
    subprocess.run(
        [sys.executable, "-m", "platform_assets", "run"],
        check=True,
        stdout=subprocess.DEVNULL,
        env=_environment(scratch),
    )
    yield {}
    yield {}


def _environment(home: Path) -> dict[str, str]:
    own = {
        "QUADRANT_HOME": str(home / ".quadrant"),
        "DAGSTER_HOME": str(home),
        "QUADRANT_DEPLOYMENT": "local",
    }
    return {**os.environ, **own}


BENCH = Bench(
    "first_run", prepare, {"ours": run}, (Claim("make run, default sample", "ours", "ours", *below(60)),)
)
