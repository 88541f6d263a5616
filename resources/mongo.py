"""A MongoDB database by its address: one client, patient for seconds, whose writes are on disk of the majority.

Collections belong to the adapters that keep their documents in them; what a person is told is in `mongo_errors`.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from resources.mongo_errors import sentence
from resources.unavailable import Unavailable

if TYPE_CHECKING:
    from pymongo import MongoClient
    from pymongo.collection import Collection as Documents
    from pymongo.database import Database

_DUPLICATE: Final = 11000
_DEFAULT: Final = "promo"
"""The original's database."""


class Mongo:
    """The database that a MONGO_URL names, `promo` when it names none. Threads may share it.

    User, password, replicaSet, authSource, tls and the like are taken from the URL, as MongoDB defines it; time-outs
    and write concern are ours. A server is waited for `timeout_s` seconds, an answer twice as long. `prepare` is called
    with the database before its first use.
    """

    def __init__(
        self, url: str, prepare: Callable[["Database[dict[str, Any]]"], None], timeout_s: float
    ) -> None:
        """Nothing is connected before the first call."""
        self._url = url
        self._prepare = prepare
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._client: MongoClient[dict[str, Any]] | None = None
        self._is_prepared = False

    @contextmanager
    def asking(self) -> Iterator["Database[dict[str, Any]]"]:
        """The database; raises Unavailable when it cannot be used in time."""
        from pymongo.errors import PyMongoError

        try:
            database = self._opened().get_default_database(_DEFAULT)
            if not self._is_prepared:
                # Without a lock: twice is as good as once, and nobody waits for another's answer.
                self._prepare(database)
                self._is_prepared = True
            yield database
        except PyMongoError as error:
            raise Unavailable(sentence(error, self.hosts, self._timeout_s)) from None

    def check(self) -> None:
        """Ask the server for anything; raises Unavailable when it does not answer."""
        with self.asking() as database:
            database.command("ping")

    @property
    def hosts(self) -> str:
        """Host and port of each server of the URL, without credentials."""
        return self._place.partition("/")[0].partition("?")[0]

    def uri(self, collection: str) -> str:
        """`mongodb://`, the servers, the database and a collection."""
        name = self._place.partition("/")[2].partition("?")[0] or _DEFAULT
        return f"mongodb://{self.hosts}/{name}.{collection}"

    def close(self) -> None:
        """Leave the servers; a later call connects again."""
        with self._lock:
            client, self._client, self._is_prepared = self._client, None, False
        if client is not None:
            client.close()

    @property
    def _place(self) -> str:
        return self._url.partition("://")[2].rpartition("@")[2]

    def _opened(self) -> "MongoClient[dict[str, Any]]":
        from pymongo import MongoClient

        with self._lock:
            if self._client is None:
                milliseconds = round(self._timeout_s * 1000)
                try:
                    self._client = MongoClient(
                        self._url,
                        appname="quadrant",
                        # The lock is held: the first request connects.
                        connect=False,
                        serverSelectionTimeoutMS=milliseconds,
                        connectTimeoutMS=milliseconds,
                        socketTimeoutMS=2 * milliseconds,
                        retryWrites=True,
                        w="majority",
                        journal=True,
                        readPreference="primary",
                        tz_aware=True,
                        # A document that is broken must not hide the others.
                        unicode_decode_error_handler="replace",
                        datetime_conversion="DATETIME_AUTO",
                    )
                except (ValueError, TypeError, LookupError):
                    raise Unavailable(
                        "MONGO_URL is no address that can be used; allowed is mongodb://user:password@host/database, "
                        "special characters of user and password as %NN."
                    ) from None
            return self._client


def insert_new(documents: "Documents[dict[str, Any]]", given: list[dict[str, Any]]) -> int:
    """Insert documents in one request; those whose `_id` is there already stay. How many were new."""
    return sum(inserted(documents, given))


def inserted(documents: "Documents[dict[str, Any]]", given: list[dict[str, Any]]) -> list[bool]:
    """The same, telling of each whether it was new."""
    from pymongo.errors import BulkWriteError

    new = [True] * len(given)
    if not given:
        return new
    try:
        documents.insert_many(given, ordered=False)
    except BulkWriteError as error:
        refused = error.details["writeErrors"]
        if error.details["writeConcernErrors"] or any(one["code"] != _DUPLICATE for one in refused):
            raise
        for one in refused:
            new[one["index"]] = False
    return new
