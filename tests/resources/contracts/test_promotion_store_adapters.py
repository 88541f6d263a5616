"""What only one store can show: MongoDB's own ids and types, what survives a kill, and what people are told."""

import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from resources.promotion_store import MongoPromotionStore, Normalized, Page, Promotion, SqlitePromotionStore
from resources.promotion_store.mongodb_place import id_of_text, text_of_id
from resources.request_log import Entry, MongoRequestLog, SqliteRequestLog
from resources.unavailable import Unavailable
from servers.mongodb import MongoDb
from servers.server import Place
from tests.documents import insert_by_hand

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
READY_S = 30.0
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from resources.promotion_store import MongoPromotionStore, Promotion, SqlitePromotionStore
from resources.request_log import Entry, MongoRequestLog, SqliteRequestLog

kind, where = sys.argv[1:]
store, log = (
    (MongoPromotionStore(where), MongoRequestLog(where))
    if kind == "mongodb"
    else (SqlitePromotionStore(Path(where, "p.sqlite")), SqliteRequestLog(Path(where, "r.sqlite")))
)
now = datetime(2026, 11, 1, tzinfo=UTC)
for number in range(1_000_000):
    store.add(Promotion(f"{number}/{part}", "R", number, "9", False, now) for part in range(3))
    log.append([Entry(f"{number}/{part}", "R", "/a", "", now) for part in range(3)])
    print(number, flush=True)
"""


def _acknowledged(kind: str, where: str, enough: int, kill: Callable[["subprocess.Popen[str]"], None]) -> int:
    """How many numbers a writer was told to be safe until it, or its server, was killed."""
    arguments = [sys.executable, "-c", WRITER, kind, where]
    told = -1
    with subprocess.Popen(
        arguments,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        stdin=subprocess.DEVNULL,
    ) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            told = int(line)
            if told == enough:
                kill(writer)
    return told + 1


def test_a_writer_that_is_killed_loses_nothing_that_sqlite_acknowledged(tmp_path: Path) -> None:
    count = _acknowledged("sqlite", str(tmp_path), 20, lambda writer: writer.send_signal(signal.SIGKILL))
    assert count > 20
    with SqlitePromotionStore(tmp_path / "p.sqlite") as store, SqliteRequestLog(tmp_path / "r.sqlite") as log:
        assert len(store.unused_for(range(count), NOON).promotions) == 3 * count
        assert 3 * count <= log.count() <= store.count() <= 3 * count + 3
        assert log.append([Entry("x", "R", "/a", "", NOON)]) == 1


@contextmanager
def _server(data: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A MongoDB on disk that answers."""
    arguments = [part for part in MongoDb().command(Place(data, data, (port,))).arguments if part != "--auth"]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with MongoRequestLog(f"mongodb://127.0.0.1:{port}", timeout_s=READY_S) as log:
                log.check()
            yield process
        finally:
            process.kill()


def test_a_server_that_is_killed_loses_nothing_that_mongodb_acknowledged(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"mongodb://127.0.0.1:{port}"
    with _server(tmp_path, port) as server:
        count = _acknowledged("mongodb", url, 10, lambda _: server.kill())
    assert count > 10
    with _server(tmp_path, port), MongoPromotionStore(url) as store, MongoRequestLog(url) as log:
        assert len(store.unused_for(range(count), NOON).promotions) == 3 * count
        assert 3 * count <= log.count() <= 3 * count + 3


def test_an_object_id_and_a_text_of_its_digits_are_two_places(mongo: str) -> None:
    from bson import ObjectId

    digits = "0" * 24
    document = {"requestId": "R", "userId": 15, "promotionId": 1, "used": "false"}
    with MongoPromotionStore(mongo) as store:
        insert_by_hand(store, mongo, {**document, "_id": ObjectId(digits)}, {**document, "_id": digits})
        first = store.unused_for([15], NOON, limit=1)
        second = store.unused_for([15], NOON, first.next, limit=1)
        assert (first.next, second.next) == ((15, digits), None)
        assert store.use(15, "1", "R", NOON).outcome == store.use(15, "1", "S", NOON).outcome == "used"
        assert store.use(15, "1", "T", NOON).outcome == "already_used"


@pytest.mark.parametrize(
    "id_", ["", "a", "bson:", 'bson:{"$oid": "x"}', 7, 7.5, True, None, b"x", NOON, {"a": 1}]
)
def test_any_id_survives_as_the_text_of_a_place(id_: object) -> None:
    found = id_of_text(text_of_id(id_))
    assert (found, type(found)) == (id_, type(id_))


@pytest.mark.parametrize("text", ["bson:", "bson:{", "bson:[]]", 'bson:{"$oid": "x"}', 'bson:{"$date": "x"}'])
def test_a_text_that_looks_like_a_place_and_is_none_is_an_id(text: str) -> None:
    assert id_of_text(text) == text


def test_mongodb_s_own_types_are_read_or_told(mongo: str) -> None:
    from bson import Decimal128, Int64

    document = {"requestId": "R", "userId": 15, "promotionId": 1, "used": "false"}
    with MongoPromotionStore(mongo) as store:
        insert_by_hand(
            store,
            mongo,
            {**document, "_id": 1, "userId": Int64(15), "sys_insertDateTime": NOON, "__v": 0},
            {**document, "_id": 2, "promotionId": Decimal128("1")},
            {**document, "_id": 3, "used": ["false"]},
            {**document, "_id": 4, "sys_insertDateTime": {"at": NOON}},
        )
        (found,) = store.unused_for([15], NOON).promotions
        assert (found.id, found.inserted_at, type(found.user_id)) == ("1", NOON, int)
        seen, corrected, unreadable = store.normalize()
        assert (seen, corrected) == (4, 1)
        assert [(told.id, told.reason) for told in unreadable] == [
            ("2", "bad_promotion_id"),
            ("3", "bad_used"),
            ("4", "bad_time"),
        ]
        assert store.normalize().corrected == 0


def test_a_document_that_is_used_during_a_pass_stays_used(mongo: str) -> None:
    from pymongo import MongoClient

    from resources.promotion_store.document import judged
    from resources.promotion_store.mongodb import _corrected

    document = {"_id": "a", "requestId": "R", "userId": 15, "promotionId": 1, "used": "false"}
    with MongoPromotionStore(mongo) as store, MongoClient[dict[str, Any]](mongo) as client:
        insert_by_hand(store, mongo, document)
        wrong, _ = judged([document], str)
        assert store.use(15, "1", "R", NOON).outcome == "used"
        assert _corrected(client.get_default_database()["promoAdobe"], wrong) == 0
        assert len(list(store.used())) == 1


def test_the_validator_warns_and_refuses_nothing(mongo: str) -> None:
    from pymongo import MongoClient

    with MongoPromotionStore(mongo) as store, MongoClient[dict[str, Any]](mongo) as client:
        store.count()
        insert_by_hand(store, mongo, {"used": "perhaps"})
        (found,) = client.get_default_database().list_collections(filter={"name": "promoAdobe"})
        assert found["options"]["validationAction"] == "warn"
        assert "$jsonSchema" in found["options"]["validator"]


def test_a_row_inserted_by_hand_without_an_id_gets_one(tmp_path: Path) -> None:
    with SqlitePromotionStore(tmp_path / "p.sqlite") as store:
        insert_by_hand(store, "", {"requestId": "R", "userId": 15, "promotionId": 1, "used": "false"})
        (found,) = store.unused_for([15], NOON).promotions
        assert len(found.id) == 24
        assert store.normalize() == Normalized(1, 1, [])


def test_a_file_of_before_promotions_had_a_time_is_served_by_several_who_open_it_at_once(
    tmp_path: Path,
) -> None:
    kept = Promotion("a", "R", 15, "9", False, NOON, "spring")
    with SqlitePromotionStore(tmp_path / "p.sqlite") as store:
        store.add([kept])
    with closing(sqlite3.connect(tmp_path / "p.sqlite")) as older:
        older.execute("ALTER TABLE promoAdobe DROP COLUMN startsAt")
        older.execute("ALTER TABLE promoAdobe DROP COLUMN endsAt")
    ready = threading.Barrier(8)

    def asked(number: int) -> Page:
        with SqlitePromotionStore(tmp_path / "p.sqlite") as store:
            ready.wait(30)
            return store.unused_for([15], NOON)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(asked, range(8))) == [Page([kept], None)] * 8
    with SqlitePromotionStore(tmp_path / "p.sqlite") as store:
        timed = kept._replace(id="b", starts_at=NOON, ends_at=NOON + timedelta(days=1))
        store.add([timed])
        assert store.unused_for([15], NOON).promotions == [kept, timed]
        assert store.use(15, "9", "R", NOON - timedelta(days=1)).outcome == "used"


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    with SqlitePromotionStore(tmp_path / "p.sqlite", wait_s=0.1) as store:
        store.add([Promotion("a", "R", 15, "9", False, NOON)])
        with closing(sqlite3.connect(tmp_path / "p.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert len(store.unused_for([15], NOON).promotions) == 1
            with pytest.raises(Unavailable, match="locked.*let other writers finish"):
                store.use(15, "9", "R", NOON)
        assert store.use(15, "9", "R", NOON).outcome == "used"
