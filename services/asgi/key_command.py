"""The command that makes a key for a client of a service, and the line that lets it in.

What keys are and what they allow is in `access`.
"""

import argparse
import sys
from typing import Any

from services.asgi.access import new_key


def add(parser: argparse.ArgumentParser, rights: str) -> None:
    """`key NAME`, beside running the service; `rights` are all that there are."""
    commands: Any = parser.add_subparsers(dest="command")
    key = commands.add_parser("key", help="make a key for a client, and its line for the file of keys")
    key.add_argument("name", help="of the client: letters, digits, '.', '-' and '_'")
    key.add_argument("--per-second", type=int, default=100, help="requests a second (%(default)s)")
    key.add_argument("--rights", default=rights, help="separated by commas (%(default)s)")


def write_key(chosen: argparse.Namespace) -> int:
    """The key on standard output, once: it is kept nowhere. Raises Unavailable for a name that no line can hold."""
    key, line = new_key(chosen.name, chosen.per_second, chosen.rights)
    sys.stdout.write(f"Key for {chosen.name}, shown this once: {key}\nLine for the file of keys: {line}\n")
    return 0
