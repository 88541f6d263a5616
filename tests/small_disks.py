"""Disks on which there is no room, for real and without root rights.

What must go on although nothing can be written is the matter of the tests.
"""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_MOUNT = 'mount -t tmpfs -o size="$1" none "$2" && shift 2 && exec "$@"'


def on_small_disk(folder: Path, size: int) -> list[str]:
    """The beginning of a command that finds a disk of so many bytes there; skips the test where nobody may mount one."""
    folder.mkdir()
    command = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        _MOUNT,
        "sh",
        str(size),
        str(folder),
    ]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("No disk can be mounted here: `unshare --user --mount` is not allowed.")
    return command


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """No file of this process can become larger than so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
