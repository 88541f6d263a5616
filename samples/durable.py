"""How a file of a sample world is written: durably, and never seen by half.

What is in the files is made elsewhere.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path


def put(partial: Path, target: Path, blocks: Iterable[bytes]) -> None:
    """Write a file to `partial`, then move it to `target`; both are on one disk."""
    partial.parent.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("wb") as file:
        file.writelines(blocks)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(target)


def as_json(document: object) -> bytes:
    """A document as JSON, the same bytes for the same document."""
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()
