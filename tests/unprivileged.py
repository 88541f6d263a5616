"""A place that everybody may use, and the rights of nobody for a while: pytest's own folders are closed to others."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def open_place() -> Iterator[Path]:
    """A temporary folder in which what is made is everybody's."""
    mask = os.umask(0)
    try:
        with tempfile.TemporaryDirectory() as name:
            Path(name).chmod(0o777)
            yield Path(name)
    finally:
        os.umask(mask)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Whoever is root is nobody for a while, all threads of the process; modules must have been loaded before."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
