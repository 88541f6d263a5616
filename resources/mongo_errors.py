"""What a person is told when MongoDB cannot be used, in one sentence without credentials.

How it is asked is in `mongo`.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pymongo.errors import PyMongoError

_WRONG_USER: Final = frozenset({11, 18})
_NOT_ALLOWED: Final = frozenset({13, 8000})
_NOT_PRIMARY: Final = frozenset({91, 189, 10058, 10107, 11602, 13435, 13436})
_TOO_LATE: Final = frozenset({50, 64, 100, 262})


def sentence(error: "PyMongoError", hosts: str, timeout_s: float) -> str:
    """The sentence about an error of a client of MONGO_URL, whose servers are `hosts`."""
    return f"The MongoDB of MONGO_URL ({hosts}) {_what(error, timeout_s)}."


def _what(error: "PyMongoError", timeout_s: float) -> str:
    from pymongo.errors import ConfigurationError, ConnectionFailure, NetworkTimeout

    # What the server said may hold what was asked, so it is not repeated: its code and its name for it are enough.
    code = getattr(error, "code", None)
    if isinstance(error, ConfigurationError):
        return "cannot be reached as the address says: check its hosts, its options, and %NN for special characters"
    if code in _WRONG_USER:
        return "refused user or password: check both, and authSource, the database in which the user was made"
    if code in _NOT_ALLOWED:
        return "refused the user this request: grant it the role readWrite on the database"
    if code in _NOT_PRIMARY:
        return (
            "has no primary that takes writes: name all members and replicaSet, and wait for their election"
        )
    if code in _TOO_LATE or isinstance(error, NetworkTimeout):
        return (
            f"did not finish a request within {2 * timeout_s:g} s: see its load, and whether a majority is up"
        )
    if isinstance(error, ConnectionFailure):
        return _unreached(str(error), timeout_s)
    details = getattr(error, "details", None) or {}
    name = details.get("codeName") or type(error).__name__
    return f"refused a request (code {code}, {name}): see its log"


def _unreached(told: str, timeout_s: float) -> str:
    lower = told.lower()
    if "ssl" in lower or "certificate" in lower or "tls" in lower.replace("tlsinsecure", ""):
        return "refused TLS, or its certificate is not trusted: check tls and tlsCAFile in the address"
    if (
        "no primary" in lower
        or "not primary" in lower
        or "noprimary" in lower
        or "no replica set members" in lower
    ):
        return (
            "has no primary that takes writes: name all members and replicaSet, and wait for their election"
        )
    if "connection closed" in lower or "reset by peer" in lower:
        return "closed the connection: try again, and if it stays so, check whether it wants tls=true"
    return f"did not answer within {timeout_s:g} s: start it, or correct the address"
