"""The collections of the promotion store in MongoDB: indexes, the validator that warns, filters of queries.

What is done with the documents is told in the adapter.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from resources.promotion_store.document import UNUSED, USED, promotion_ids
from resources.promotion_store.port import MAX_USER_ID

if TYPE_CHECKING:
    from pymongo.database import Database

PROMOTIONS: Final = "promoAdobe"
CAMPAIGNS: Final = "campaigns"
IS_UNUSED: Final[Mapping[str, Any]] = {"used": {"$in": list(UNUSED)}}
IS_USED: Final[Mapping[str, Any]] = {"used": {"$in": list(USED)}}
BY_USER: Final = (("userId", 1), ("_id", 1))
BY_AGE: Final = (("reservedAt", 1), ("_id", 1))
_NOON: Final = "2026-11-01T12:00:00Z"
_VALIDATOR: Final = {
    "$jsonSchema": {
        "bsonType": "object",
        "required": ["requestId", "userId", "promotionId", "used"],
        "properties": {
            "requestId": {"bsonType": "string"},
            "userId": {"bsonType": ["int", "long"], "minimum": 0, "maximum": MAX_USER_ID},
            "promotionId": {"bsonType": "string", "minLength": 1},
            "used": {"bsonType": "bool"},
            "sys_insertDateTime": {"bsonType": "string"},
            "campaignId": {"bsonType": "string"},
            "usedAt": {"bsonType": "string"},
            "usedRequestId": {"bsonType": "string"},
            "startsAt": {"bsonType": "string"},
            "endsAt": {"bsonType": "string"},
        },
    }
}


def prepare(database: "Database[dict[str, Any]]") -> None:
    """Make what is not there yet. An index that is there is left alone, as is a validator that is the same."""
    from pymongo import IndexModel
    from pymongo.errors import CollectionInvalid

    found = next(iter(database.list_collections(filter={"name": PROMOTIONS})), None)
    if found is None:
        try:
            database.create_collection(PROMOTIONS, validator=_VALIDATOR, validationAction="warn")
        except CollectionInvalid:
            # Somebody else has made it since.
            found = {}
    elif found["options"].get("validator") != _VALIDATOR:
        # Documents inserted by hand are welcome, so it warns in the server's log only.
        database.command("collMod", PROMOTIONS, validator=_VALIDATOR, validationAction="warn")
    database[PROMOTIONS].create_indexes(
        [
            IndexModel([*BY_USER, ("used", 1)], name="by_user"),
            IndexModel([("userId", 1), ("promotionId", 1), ("_id", 1)], name="by_promotion"),
            IndexModel([("used", 1)], name="by_used"),
            IndexModel([("campaignId", 1)], name="by_campaign", sparse=True),
            # Of two uses by one request the second is refused.
            IndexModel(
                [("usedRequestId", 1), ("userId", 1), ("promotionId", 1)],
                name="one_use",
                unique=True,
                partialFilterExpression={"usedRequestId": {"$exists": True}},
            ),
        ]
    )
    database[CAMPAIGNS].create_indexes([IndexModel([("state", 1), *BY_AGE], name="by_state")])


def unused_of(user_ids: Iterable[int], ended: str) -> dict[str, Any]:
    """Unused promotions of shoppers, but those whose end is this text or a lesser one."""
    return {"userId": {"$in": sorted(set(user_ids))}, **IS_UNUSED, **_live(ended)}


def unused_behind(user_id: int, last_id: object, ended: str) -> dict[str, Any]:
    """The same of one shopper behind an id.

    A plain $gt compares with ids of the same type only; an expression compares as the index sorts.
    """
    behind = {"$expr": {"$gt": ["$_id", {"$literal": last_id}]}}
    return {"userId": user_id, **IS_UNUSED, **_live(ended), **behind}


def _live(ended: str) -> dict[str, Any]:
    # An end that is absent or no text compares with no text.
    return {"endsAt": {"$not": {"$gt": "", "$lte": ended}}}


def given(user_ids: Iterable[int], ids: Iterable[str]) -> dict[str, Any]:
    """Promotions of shoppers by promotion ids, as text or as number."""
    return {"userId": {"$in": list(user_ids)}, "promotionId": {"$in": promotion_ids(ids)}}


def plans(database: "Database[dict[str, Any]]") -> dict[str, str]:
    """The stages of each query from the top, with the index where there is one."""
    by_user, by_id = dict(BY_USER), {"_id": 1}
    asked: dict[str, tuple[str, Mapping[str, Any], Mapping[str, int] | None]] = {
        "unused_for": (PROMOTIONS, unused_of([1, 2, 3], _NOON), by_user),
        "unused_for_after": (PROMOTIONS, unused_behind(1, "x", _NOON), by_id),
        "withdraw": (PROMOTIONS, given([1], ["7"]), None),
        "withdraw_campaign": (PROMOTIONS, {"campaignId": "x"}, None),
        "use": (PROMOTIONS, of_one(1, "7"), by_id),
        "used": (PROMOTIONS, IS_USED, None),
        "normalize": (PROMOTIONS, {}, by_id),
        "reservation": (CAMPAIGNS, {"_id": "x"}, None),
        "reservations": (CAMPAIGNS, {"state": "reserved"}, dict(BY_AGE)),
    }
    return {name: _plan(database, *query) for name, query in asked.items()}


def of_one(user_id: int, promotion_id: str) -> dict[str, Any]:
    """A shopper's promotions of one promotion id."""
    return {"userId": user_id, "promotionId": {"$in": promotion_ids([promotion_id])}}


def _plan(
    database: "Database[dict[str, Any]]",
    name: str,
    filter_: Mapping[str, Any],
    sort: Mapping[str, int] | None,
) -> str:
    find = {"find": name, "filter": filter_, **({"sort": sort} if sort else {})}
    if not filter_:
        find["hint"] = "_id_"
    explained = database.command("explain", find, verbosity="queryPlanner")
    stage, told = explained["queryPlanner"]["winningPlan"], []
    # Newer servers put the plan of their other engine beside it.
    stage = stage.get("queryPlan", stage)
    while stage:
        told.append(" ".join(filter(None, (stage["stage"], stage.get("indexName")))))
        stage = stage.get("inputStage")
    return " < ".join(told)
