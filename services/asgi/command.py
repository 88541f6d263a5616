"""The command of an HTTP service: run one process of it, or make a key for a client and the line that lets it in.

What keys are and what they allow is in `access`; what a service is, in its own package.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from dotenv import load_dotenv

from resources.unavailable import Unavailable
from services.asgi import journal, serving
from services.asgi.access import new_key


def run(name: str, about: str, rights: str, until_stopped: Callable[[], Coroutine[Any, Any, None]]) -> int:
    """Run until SIGTERM or SIGINT, then 0; 1 and a sentence when only a person can help.

    `name` is that of the package, `rights` are all that a key can give.
    """
    log = logging.getLogger(f"services.{name}")
    chosen = _chosen(name, about, rights)
    load_dotenv(".env")
    journal.begin(service=name)
    try:
        if chosen.command == "key":
            return _write_key(chosen, rights)
        serving.run(until_stopped())
    except Unavailable as error:
        log.error("failed", extra={"fields": {"error": str(error)}})
        return 1
    log.info("stopped")
    return 0


def _chosen(name: str, about: str, rights: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m services.{name}", description=about)
    commands: Any = parser.add_subparsers(dest="command")
    key = commands.add_parser("key", help="make a key for a client, and its line for the file of keys")
    key.add_argument("name", help="of the client: letters, digits, '.', '-' and '_'")
    key.add_argument("--per-second", type=int, default=100, help="requests a second (%(default)s)")
    key.add_argument("--rights", default=rights, help="separated by commas (%(default)s)")
    return parser.parse_args()


def _write_key(chosen: argparse.Namespace, rights: str) -> int:
    """The key on standard output, once: it is kept nowhere. Raises Unavailable for what no key can be given."""
    key, line = new_key(chosen.name, chosen.per_second, chosen.rights, rights)
    sys.stdout.write(f"Key for {chosen.name}, shown this once: {key}\nLine for the file of keys: {line}\n")
    return 0
