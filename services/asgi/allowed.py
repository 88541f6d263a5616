"""What is allowed for settings that several services have: numbers, the file of keys, and where a service lies.

Each service reads its own environment, in its `settings`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from resources.settings import deployment_name, missing, mongo_url
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


class Usual(TypedDict):
    """Settings of every service in front of a store."""

    home: Path
    host: str
    port: int
    mongo_url: str
    keys: Path | None


def usual(given: Mapping[str, str], prefix: str, default_port: int, keys: str) -> Usual:
    """Settings by their prefix, `keys` being the whole name of the file's; raises Unavailable as the others do."""
    deployment = deployment_name(given)
    if deployment != "local" and "MONGO_URL" not in given:
        raise missing(deployment, "MONGO_URL")
    return {
        "home": Path(given.get("QUADRANT_HOME", ".quadrant")).absolute(),
        "host": given.get(f"{prefix}_HOST", "127.0.0.1"),
        "port": number(given, f"{prefix}_PORT", default_port, 0, 65_535),
        "mongo_url": mongo_url(given),
        "keys": keys_file(given, keys, deployment),
    }
