"""The request log in MongoDB, with the original's collection and field names.

How it is reached is in `resources.mongo`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from resources.batches import batches
from resources.mongo import Mongo, insert_new
from resources.request_log.port import Entry, RequestLog
from resources.stored_time import text_of, time_of

if TYPE_CHECKING:
    from pymongo.database import Database

_ENTRIES: Final = "promoLogging"
_AT_ONCE: Final = 2_000
# What the original logged itself has an ObjectId, which no comparison with a text finds.
_OURS: Final[Mapping[str, Any]] = {"_id": {"$gte": ""}}


class MongoRequestLog(RequestLog):
    """Entries of a database; `url` is MongoDB's own, with `promo` when it names no database.

    A server is waited for `timeout_s` seconds, an answer twice as long. Entries are on disk of the majority when
    `append` returns. Entries that the original wrote stay beside ours and are not told.
    """

    def __init__(self, url: str, timeout_s: float = 5.0) -> None:
        """Nothing is connected before the first call."""
        self._mongo = Mongo(url, _prepare, timeout_s)

    def append(self, entries: Sequence[Entry]) -> int:
        """Some thousands in a request."""
        with self._mongo.asking() as database:
            return sum(
                insert_new(database[_ENTRIES], list(map(_document, some)))
                for some in batches(entries, _AT_ONCE)
            )

    def entries(self, after: str = "", limit: int = 10_000) -> list[Entry]:
        """A range of the ids."""
        with self._mongo.asking() as database:
            found = database[_ENTRIES].find({"_id": {"$gt": after}}).sort("_id", 1).limit(limit)
            return list(map(_entry, found))

    def count(self) -> int:
        """Counted in the ids."""
        with self._mongo.asking() as database:
            return database[_ENTRIES].count_documents(_OURS)

    def check(self) -> None:
        """A ping."""
        self._mongo.check()

    def uri(self) -> str:
        """`mongodb://`, the servers, the database and the collection."""
        return self._mongo.uri(_ENTRIES)

    def close(self) -> None:
        """Leave the servers."""
        self._mongo.close()


def _prepare(database: "Database[dict[str, Any]]") -> None:
    """Entries are found by their ids, which MongoDB indexes itself."""


def _document(entry: Entry) -> dict[str, Any]:
    return {
        "_id": entry.delivery_id,
        "requestId": entry.request_id,
        "api": entry.api,
        "value": entry.value,
        "sys_insertDateTime": text_of(entry.at),
    }


def _entry(document: Mapping[str, Any]) -> Entry:
    return Entry(
        document["_id"],
        document["requestId"],
        document["api"],
        document["value"],
        time_of(document["sys_insertDateTime"]),
    )
