"""Who may call a service: keys of clients, what each may do, and how often.

Keys are kept as SHA-256 only; where their file lies is a setting.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers

from resources.unavailable import Unavailable
from services.asgi.problem import Problem

_NAME: Final = r"[\w.-]{1,64}"
_LINE: Final = re.compile(rf"({_NAME})\s+([0-9a-f]{{64}})\s+([0-9]{{1,6}})\s+([a-z]+(?:,[a-z]+)*)")
_MOST_PER_SECOND: Final = 999_999
_LOOK_S: Final = 5.0


@dataclass
class Client:
    """Who has a key, how many requests a second it may make (as many at once), and its rights."""

    name: str
    per_second: int
    rights: frozenset[str]
    _left: float = field(default=1.0, repr=False)
    _seen: float = field(default=0.0, repr=False)

    def wait_s(self, now: float) -> float:
        """Take one request at a time in seconds; 0, or how long to wait for one (a token bucket)."""
        self._left = min(float(self.per_second), self._left + (now - self._seen) * self.per_second)
        self._seen = now
        if self._left < 1:
            return (1 - self._left) / self.per_second if self.per_second else 60.0
        self._left -= 1
        return 0.0


class Keys:
    """The keys of a file, read again within five seconds of a change; without a file everybody may do everything."""

    def __init__(self, path: Path | None, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises Unavailable when there is a file and it cannot be read."""
        self._path = path
        self._clock = clock
        self._changed = 0
        self._look_at = 0.0
        self._clients: dict[str, Client] = {}
        if path is not None:
            self._read(path)

    @property
    def are_needed(self) -> bool:
        """Whether a call needs a key."""
        return self._path is not None

    def admit(self, headers: Headers, right: str) -> str:
        """The name of the client who calls, empty where no key is needed; raises Problem 401, 403 or 429."""
        if self._path is None or not right:
            return ""
        now = self._clock()
        if now > self._look_at:
            self._look_again(self._path, now)
        client = self._clients.get(hashlib.sha256(_key(headers).encode()).hexdigest())
        if client is None:
            raise Problem(
                401,
                "Send a valid key, as Authorization: Bearer KEY or as X-API-Key.",
                "Authorization",
                {"WWW-Authenticate": "Bearer"},
            )
        if right not in client.rights:
            raise Problem(403, f"The key of {client.name} has no right {right!r}.", "Authorization")
        if wait_s := client.wait_s(now):
            after = {"Retry-After": str(int(wait_s) + 1)}
            raise Problem(
                429, f"{client.name} may make {client.per_second} requests a second.", headers=after
            )
        return client.name

    def _look_again(self, path: Path, now: float) -> None:
        self._look_at = now + _LOOK_S
        try:
            if path.stat().st_mtime_ns != self._changed:
                self._read(path)
        except (OSError, Unavailable):
            # Whoever edits the file is not done; the keys of before hold.
            return

    def _read(self, path: Path) -> None:
        try:
            changed, text = path.stat().st_mtime_ns, path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable(f"The file of keys {path} cannot be read ({error}).") from error
        found: dict[str, Client] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            match = _LINE.fullmatch(line.strip())
            if match is None:
                raise Unavailable(
                    f"Line {number} of the file of keys {path} is none; a line is: "
                    "name, SHA-256 of the key, requests a second, rights separated by commas."
                )
            name, digest, per_second, rights = match.groups()
            found[digest] = Client(name, int(per_second), frozenset(rights.split(",")), float(per_second))
        self._clients, self._changed = found, changed


def new_key(name: str, per_second: int, rights: str, known: str) -> tuple[str, str]:
    """A new key, and its line for the file. `rights` are some of those that are `known`, both separated by commas.

    Raises Unavailable for a name, a rate or a right that is not allowed.
    """
    if not re.fullmatch(_NAME, name):
        raise Unavailable(f"NAME is {name!r}; allowed are 1 to 64 letters, digits, '.', '-' and '_'.")
    if not 1 <= per_second <= _MOST_PER_SECOND:
        raise Unavailable(f"--per-second is {per_second}; allowed is a number from 1 to {_MOST_PER_SECOND}.")
    if wrong := [right for right in rights.split(",") if right not in known.split(",")]:
        raise Unavailable(f"--rights has {wrong[0]!r}; allowed are {known}, separated by commas.")
    key = secrets.token_urlsafe(32)
    return key, f"{name} {hashlib.sha256(key.encode()).hexdigest()} {per_second} {rights}"


def _key(headers: Headers) -> str:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
