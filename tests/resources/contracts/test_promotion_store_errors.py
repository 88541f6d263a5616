"""What a person is told when a store of promotions or requests cannot be used: one sentence, in time, no secret."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resources.mongo_errors import sentence
from resources.promotion_store import MongoPromotionStore, SqlitePromotionStore
from resources.request_log import MongoRequestLog, SqliteRequestLog
from resources.unavailable import Unavailable

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closing() -> Iterator[int]:
    """The port of a server that closes each connection at once, as one that wants TLS may."""

    def close(server: socket.socket) -> None:
        while True:
            try:
                server.accept()[0].close()
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=close, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def _told(url: str, timeout_s: float = 0.5) -> str:
    started = time.monotonic()
    with MongoPromotionStore(url, timeout_s=timeout_s) as store, pytest.raises(Unavailable) as told:
        store.unused_for([15], NOON)
    with MongoRequestLog(url, timeout_s=timeout_s) as log, pytest.raises(Unavailable) as same:
        log.count()
    assert time.monotonic() - started < 10
    assert "hunter2" not in f"{told.value} {same.value} {store.uri()} {log.uri()}"
    assert told.value.__cause__ is None
    return str(told.value)


def test_a_server_that_is_down_or_silent_is_named_in_time(silent: int) -> None:
    told = _told("mongodb://app:hunter2@127.0.0.1:1/promo")
    assert told == (
        "The MongoDB of MONGO_URL (127.0.0.1:1) did not answer within 0.5 s: start it, or correct the address."
    )
    assert "did not answer within 0.5 s" in _told(f"mongodb://app:hunter2@127.0.0.1:{silent}")


def test_tls_that_is_refused_is_told(closing: int) -> None:
    assert "refused TLS" in _told(f"mongodb://app:hunter2@127.0.0.1:{closing}/?tls=true", 1)
    assert "check whether it wants tls=true" in _told(f"mongodb://app:hunter2@127.0.0.1:{closing}", 1)


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://app:hunter2@a:x/",
        "mongodb://app:hunter2/@a/",
        "mongodb://app:hunter2@",
        "mongodb://a:hunter2:@b",
    ],
)
def test_an_address_that_is_none_is_not_repeated(url: str) -> None:
    assert "MONGO_URL" in _told(url)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (18, "refused user or password"),
        (13, "role readWrite"),
        (10107, "no primary"),
        (50, "did not finish a request within 10 s"),
        (2, r"refused a request \(code 2, BadValue\)"),
    ],
)
def test_what_a_server_refuses_is_told_apart_and_its_own_words_are_not_repeated(
    code: int, words: str
) -> None:
    from pymongo.errors import OperationFailure

    error = OperationFailure("hunter2", code, {"codeName": "BadValue", "errmsg": "hunter2"})
    with pytest.raises(Unavailable, match=words) as told:
        raise Unavailable(sentence(error, "a:1", 5.0))
    assert "hunter2" not in str(told.value)


def test_a_wrong_password_is_told(mongo_address: str) -> None:
    hosts = mongo_address.partition("://")[2].rpartition("@")[2].partition("/")[0]
    assert "refused user or password" in _told(f"mongodb://app:hunter2@{hosts}/?authSource=admin")


def test_a_replica_set_without_a_primary_is_told(mongo_address: str) -> None:
    place = mongo_address.partition("?")[0]
    told = _told(f"{place}?replicaSet=other" if "@" not in place else f"{mongo_address}&replicaSet=other")
    assert "did not answer" in told or "no primary" in told


@pytest.mark.parametrize("fill", ["folder", "garbage"])
def test_a_file_that_is_no_store_is_named(tmp_path: Path, fill: str) -> None:
    path = tmp_path / "p.sqlite"
    if fill == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"this is no database at all, but a text" * 100)
    with SqlitePromotionStore(path) as store, pytest.raises(Unavailable, match=r"p\.sqlite cannot be used"):
        store.unused_for([15], NOON)
    with SqliteRequestLog(path) as log, pytest.raises(Unavailable, match="set QUADRANT_HOME"):
        log.check()


def test_uris_hold_no_credentials(tmp_path: Path) -> None:
    url = "mongodb://app:p%40ss@a:1,b:2/shop?replicaSet=rs0"
    assert MongoPromotionStore(url).uri() == "mongodb://a:1,b:2/shop.promoAdobe"
    assert MongoRequestLog("mongodb://app:pass@a").uri() == "mongodb://a/promo.promoLogging"
    assert SqlitePromotionStore(tmp_path / "p.sqlite").uri() == f"sqlite://{tmp_path}/p.sqlite"
