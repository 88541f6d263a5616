"""Documents that somebody inserts by hand, past the adapters, in either promotion store."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from resources.promotion_store import PromotionStore, SqlitePromotionStore
from resources.promotion_store.document import FIELDS


def insert_by_hand(store: PromotionStore, url: str, *documents: Mapping[str, Any]) -> None:
    """Insert documents as they are; `url` is MongoDB's, empty for SQLite."""
    # What is there must exist before a hand can reach it.
    store.count()
    if isinstance(store, SqlitePromotionStore):
        with closing(sqlite3.connect(store.uri().removeprefix("sqlite://"))) as connection, connection:
            for document in documents:
                fields = [field for field in FIELDS if field in document]
                connection.execute(
                    f"INSERT INTO promoAdobe ({', '.join(fields)}) VALUES ({', '.join('?' * len(fields))})",
                    [document[field] for field in fields],
                )
        return
    from pymongo import MongoClient

    with MongoClient[dict[str, Any]](url) as client:
        client.get_default_database()["promoAdobe"].insert_many([dict(document) for document in documents])
