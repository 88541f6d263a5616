"""What the answer to a POST with an idempotency key means for what was posted, and how long until the next try.

Who posts what, and for how long in all, is told by the adapters that post.
"""

import random
from http import HTTPStatus
from typing import Final, Literal

Meaning = Literal["taken", "refused", "away", "astray"]
"""`refused` is the last word; `away` asks for patience; `astray` speaks of the address or the key that was sent."""

AGAIN: Final = frozenset({408, 409, 425, 429})
"""Answers below 500 that ask for patience: RFC 9110 and 6585; 409 while a request with the same key is worked on."""

ASTRAY: Final = frozenset({401, 403, 404, 405, 407, 410})
"""Answers that speak of the address or the token, not of what was posted: it waits until they are right."""

_FIRST_S: Final = 0.2
_MOST_S: Final = 5.0


def meaning(status: int) -> Meaning:
    """The meaning of a status; a redirect is not followed, and so leads astray."""
    if 200 <= status < 300:
        return "taken"
    if status >= 500 or status in AGAIN:
        return "away"
    return "refused" if 400 <= status < 500 and status not in ASTRAY else "astray"


def said(status: int) -> str:
    """A sentence with the status only: a receiver may repeat in its body what it was sent."""
    known = {each.value: each.phrase for each in HTTPStatus}
    return f"The receiver answered {status} {known.get(status, '')}".rstrip() + "."


def pause_s(failed: int, asked_s: float = 0.0) -> float:
    """Seconds before the next try after `failed` tries, 1 or more: what was asked for, and a growing part by chance.

    By chance, so that not all come back at once (full jitter).
    """
    return asked_s + random.uniform(0, min(_MOST_S, _FIRST_S * 2 ** min(failed - 1, 10)))
