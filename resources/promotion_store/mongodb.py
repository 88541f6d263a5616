"""The promotion store in MongoDB, with the original's collection and field names.

How it is reached is in `resources.mongo`; indexes and filters are in `mongodb_queries`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from resources.batches import batches
from resources.mongo import Mongo, insert_new
from resources.promotion_store.choice import chosen, long_ended, valid_of
from resources.promotion_store.document import document_of, judged, promotions_of
from resources.promotion_store.mongodb_place import id_of_text, text_of_id
from resources.promotion_store.mongodb_queries import (
    BY_AGE,
    BY_USER,
    CAMPAIGNS,
    IS_UNUSED,
    IS_USED,
    PROMOTIONS,
    given,
    of_one,
    plans,
    prepare,
    unused_behind,
    unused_of,
)
from resources.promotion_store.port import (
    CampaignState,
    Normalized,
    Page,
    Place,
    Promotion,
    PromotionStore,
    Reservation,
    Use,
)
from resources.stored_time import text_of, time_of
from resources.unavailable import Unavailable

if TYPE_CHECKING:
    from pymongo.collection import Collection as Documents

_AT_ONCE: Final = 2_000
_CAMPAIGN_S: Final = 600.0
_ATTEMPTS: Final = 50


class MongoPromotionStore(PromotionStore):
    """Promotions and campaigns of a database; `url` is MongoDB's own, with `promo` when it names no database.

    A server is waited for `timeout_s` seconds, an answer twice as long. Writes are on disk of the majority.
    """

    def __init__(self, url: str, timeout_s: float = 5.0) -> None:
        """Nothing is connected before the first call."""
        self._mongo = Mongo(url, prepare, timeout_s)

    def unused_for(
        self, user_ids: Collection[int], at: datetime, after: Place | None = None, limit: int = 1_000
    ) -> Page:
        """One query in the order of an index; behind a place one more, for the rest of its shopper."""
        found, ended = list[dict[str, Any]](), long_ended(at)
        with self._mongo.asking() as database:
            documents = database[PROMOTIONS]
            if after and after.user_id in user_ids:
                behind = unused_behind(after.user_id, id_of_text(after.id), ended)
                found = _sorted(documents, behind, limit + 1)
            wanted = [user_id for user_id in user_ids if after is None or user_id > after.user_id]
            if wanted and len(found) <= limit:
                found += _sorted(documents, unused_of(wanted, ended), limit + 1 - len(found))
        last = found[limit - 1] if len(found) > limit else None
        place = Place(int(last["userId"]), text_of_id(last["_id"])) if last else None
        return Page(valid_of(found[:limit], at), place)

    def add(self, promotions: Iterable[Promotion]) -> int:
        """Some thousands in a request."""
        with self._mongo.asking() as database:
            return sum(
                insert_new(database[PROMOTIONS], list(map(document_of, batch)))
                for batch in batches(promotions, _AT_ONCE)
            )

    def withdraw(self, user_ids: Collection[int], promotion_ids: Collection[str]) -> int:
        """Some shoppers in a request."""
        with self._mongo.asking() as database:
            return sum(
                database[PROMOTIONS].delete_many({**given(some, promotion_ids), **IS_UNUSED}).deleted_count
                for some in batches(user_ids, 1_000)
            )

    def withdraw_campaign(self, campaign_id: str) -> int:
        """One request, which may take minutes where others take seconds."""
        import pymongo

        with self._mongo.asking() as database, pymongo.timeout(_CAMPAIGN_S):
            return database[PROMOTIONS].delete_many({"campaignId": campaign_id, **IS_UNUSED}).deleted_count

    def use(self, user_id: int, promotion_id: str, request_id: str, at: datetime) -> Use:
        """One findAndModify of the document that was chosen; when somebody was faster, another is chosen."""
        changes = {"used": True, "usedAt": text_of(at), "usedRequestId": request_id}
        with self._mongo.asking() as database:
            documents = database[PROMOTIONS]
            for _ in range(_ATTEMPTS):
                found = documents.find(of_one(user_id, promotion_id)).sort("_id", 1)
                outcome, document = chosen(found, request_id, at)
                if document is None:
                    return Use(outcome, None)
                if outcome == "used" and document.get("usedRequestId") != request_id:
                    document = _used(documents, document["_id"], {**changes, "promotionId": promotion_id})
                if document is not None:
                    return Use(outcome, next(promotions_of([document])))
        raise Unavailable(
            f"Promotion {promotion_id} of shopper {user_id} in {self.uri()} was used by others each time, or request "
            f"{request_id} has used one that cannot be read: look for it, and try again."
        )

    def used(self) -> Iterator[Promotion]:
        """By an index, in batches of the server."""
        with self._mongo.asking() as database:
            yield from promotions_of(database[PROMOTIONS].find(IS_USED))

    def count(self, campaign_id: str | None = None) -> int:
        """Of all what the server knows without counting; of a campaign counted in an index."""
        with self._mongo.asking() as database:
            if campaign_id is None:
                return database[PROMOTIONS].estimated_document_count()
            return database[PROMOTIONS].count_documents({"campaignId": campaign_id})

    def normalize(self) -> Normalized:
        """By id, some thousands at a time."""
        done = Normalized(0, 0, [])
        with self._mongo.asking() as database:
            documents = database[PROMOTIONS]
            for some in batches(documents.find().sort("_id", 1).hint("_id_"), _AT_ONCE):
                wrong, unreadable = judged(some, _json)
                corrected = _corrected(documents, wrong)
                done = Normalized(
                    done.seen + len(some), done.corrected + corrected, done.unreadable + unreadable
                )
        return done

    def reserve(
        self, campaign_id: str, inputs: str, at: datetime, instead_of: str | None = None
    ) -> Reservation:
        """The id lets one win."""
        taken = {"inputs": inputs, "state": "reserved", "runId": "", "reservedAt": text_of(at)}
        document = {"_id": campaign_id, **taken}
        with self._mongo.asking() as database:
            if not insert_new(database[CAMPAIGNS], [document]) and instead_of is not None:
                database[CAMPAIGNS].update_one({"_id": campaign_id, "inputs": instead_of}, {"$set": taken})
            return _reservation(database[CAMPAIGNS].find_one({"_id": campaign_id}) or document)

    def launched(self, campaign_id: str, run_id: str) -> None:
        """One update."""
        with self._mongo.asking() as database:
            database[CAMPAIGNS].update_one(
                {"_id": campaign_id}, {"$set": {"state": "launched", "runId": run_id}}
            )

    def reservation(self, campaign_id: str) -> Reservation | None:
        """By its id."""
        with self._mongo.asking() as database:
            document = database[CAMPAIGNS].find_one({"_id": campaign_id})
        return _reservation(document) if document else None

    def reservations(self, state: CampaignState) -> list[Reservation]:
        """In the order of an index."""
        with self._mongo.asking() as database:
            return list(map(_reservation, database[CAMPAIGNS].find({"state": state}).sort(BY_AGE)))

    def plans(self) -> Mapping[str, str]:
        """By the command explain."""
        with self._mongo.asking() as database:
            return plans(database)

    def check(self) -> None:
        """A ping."""
        self._mongo.check()

    def uri(self) -> str:
        """`mongodb://`, the servers, the database and the collection."""
        return self._mongo.uri(PROMOTIONS)

    def close(self) -> None:
        """Leave the servers."""
        self._mongo.close()


def _sorted(
    documents: "Documents[dict[str, Any]]", filter_: Mapping[str, Any], limit: int
) -> list[dict[str, Any]]:
    # All in the first batch, so that it is one request.
    return list(documents.find(filter_, sort=BY_USER, limit=limit, batch_size=limit))


def _used(
    documents: "Documents[dict[str, Any]]", id_: object, changes: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """The document as it is after its use; None when it was used before, or the request has used another one."""
    from pymongo import ReturnDocument
    from pymongo.errors import DuplicateKeyError

    try:
        return documents.find_one_and_update(
            {"_id": id_, **IS_UNUSED}, {"$set": changes}, return_document=ReturnDocument.AFTER
        )
    except DuplicateKeyError:
        return None


def _corrected(
    documents: "Documents[dict[str, Any]]", wrong: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> int:
    """Set fields unless somebody else has changed one of them since; how many documents."""
    from pymongo import UpdateOne

    updates = [
        UpdateOne(
            {"_id": document["_id"], **{field: document.get(field) for field in changes}}, {"$set": changes}
        )
        for document, changes in wrong
    ]
    return documents.bulk_write(updates, ordered=False).modified_count if updates else 0


def _json(document: Mapping[str, Any]) -> str:
    from bson.json_util import RELAXED_JSON_OPTIONS, dumps

    return dumps(document, ensure_ascii=False, json_options=RELAXED_JSON_OPTIONS)


def _reservation(document: Mapping[str, Any]) -> Reservation:
    return Reservation(
        document["_id"],
        document["inputs"],
        document["state"],
        document["runId"],
        time_of(document["reservedAt"]),
    )
