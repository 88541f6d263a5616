"""Loading the code location, as every code server and every run does, against one that is empty.

Each load is a whole process of Python: start, imports, definitions, repository.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.measuring import Bench, Claim, Result, within

_OURS = "from platform_assets.definitions import defs; defs.get_repository_def()"
_EMPTY = "import dagster as dg; defs = dg.Definitions(); defs.get_repository_def()"


def prepare(inputs: Path, is_small: bool) -> None:
    """Load both once, so that modules are compiled."""
    for program in (_OURS, _EMPTY):
        subprocess.run([sys.executable, "-c", program], check=True)


def load(program: str, inputs: Path, scratch: Path) -> Iterator[Result]:
    """One load."""
    yield {}
    subprocess.run([sys.executable, "-c", program], check=True)
    yield {}
    yield {}


SIDES: dict[str, Callable[[Path, Path], Iterator[Result]]] = {
    "ours": partial(load, _OURS),
    "empty": partial(load, _EMPTY),
}
BENCH = Bench(
    "code_location",
    prepare,
    SIDES,
    (Claim("load the code location: an empty one", "ours", "empty", *within(1.5)),),
)
