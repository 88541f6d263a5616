"""What is allowed for settings that several services have: numbers, and the file of keys.

Each service reads its own environment, in its `settings`.
"""

from collections.abc import Mapping
from pathlib import Path

from resources.settings import missing
from resources.unavailable import Unavailable


def number(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """A whole number; raises Unavailable for what is none, or out of its bounds."""
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
        raise Unavailable(f"{name} is {text!r}; allowed is a number from {least} to {most}.")
    return int(text)


def keys_file(given: Mapping[str, str], name: str, deployment: str) -> Path | None:
    """The file of keys; raises Unavailable when there is none outside `local`."""
    if name in given:
        return Path(given[name]).absolute()
    if deployment != "local":
        raise missing(deployment, name)
    return None
