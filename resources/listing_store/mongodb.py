"""The listing store in MongoDB: a collection whose ids are the content hashes, so that each document is there once.

How it is reached is in `resources.mongo`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from resources.batches import batches
from resources.listing_store.port import ListingStore, Stored
from resources.mongo import Mongo, inserted
from resources.stored_time import text_of, time_of

if TYPE_CHECKING:
    from pymongo.database import Database

_LISTINGS: Final = "listings"
_AT_ONCE: Final = 2_000


class MongoListingStore(ListingStore):
    """Documents of a database; `url` is MongoDB's own, with `promo` when it names no database.

    A server is waited for `timeout_s` seconds, an answer twice as long. Documents are on disk of the majority when
    `add` returns.
    """

    def __init__(self, url: str, timeout_s: float = 5.0) -> None:
        """Nothing is connected before the first call."""
        self._mongo = Mongo(url, _prepare, timeout_s)

    def add(self, documents: Sequence[Stored]) -> list[bool]:
        """Some thousands in a request. A failure between two of them leaves the first ones, as a retry wants it."""
        places: dict[str, int] = {}
        for place, each in enumerate(documents):
            places.setdefault(each.content_hash, place)
        new = [False] * len(documents)
        with self._mongo.asking() as database:
            for some in batches(places.values(), _AT_ONCE):
                told = inserted(database[_LISTINGS], [_kept(documents[place]) for place in some])
                for place, is_new in zip(some, told, strict=True):
                    new[place] = is_new
        return new

    def documents(self, after: str = "", limit: int = 1_000) -> list[Stored]:
        """A range of the ids."""
        with self._mongo.asking() as database:
            found = database[_LISTINGS].find({"_id": {"$gt": after}}).sort("_id", 1).limit(limit)
            return list(map(_stored, found))

    def count(self) -> int:
        """Counted in the ids."""
        with self._mongo.asking() as database:
            return database[_LISTINGS].count_documents({})

    def check(self) -> None:
        """A ping."""
        self._mongo.check()

    def uri(self) -> str:
        """`mongodb://`, the servers, the database and the collection."""
        return self._mongo.uri(_LISTINGS)

    def close(self) -> None:
        """Leave the servers."""
        self._mongo.close()


def _prepare(database: "Database[dict[str, Any]]") -> None:
    """Documents are found by their ids, which MongoDB indexes itself."""


def _kept(document: Stored) -> dict[str, Any]:
    """The text as it is: its bytes are what the hash is of."""
    return {"_id": document.content_hash, "document": document.document, "arrivedAt": text_of(document.at)}


def _stored(found: Mapping[str, Any]) -> Stored:
    return Stored(found["_id"], found["document"], time_of(found["arrivedAt"]))
