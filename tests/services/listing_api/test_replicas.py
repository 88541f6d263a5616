"""Processes of the listing API over one store: each document is new exactly once, whichever is asked or killed."""

import hashlib
import json
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from resources.listing_store import ListingStore, MongoListingStore, SqliteListingStore
from servers.processes import free_ports
from tests.servers import mongo_server
from tests.service_processes import process
from tests.x_server import until

JSON = {"Content-Type": "application/json"}
NAME = "services.listing_api"


def documents(count: int) -> list[str]:
    return [f'{{"file":"/{number}"}}' for number in range(count)]


def hash_of(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


def is_listening(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def holds(store: ListingStore, count: int) -> bool:
    return store.count() >= count


def post(port: int, some: Sequence[str]) -> list[str]:
    """Post each alone over one connection, again and again until it is answered; what was told of each."""
    states, connection = [], HTTPConnection("127.0.0.1", port, timeout=30)
    for each in some:
        while True:
            try:
                connection.request("POST", "/", each, JSON)
                answer = connection.getresponse()
                answer.read()
            except (OSError, HTTPException):
                connection.close()
                until(lambda: is_listening(port), "the service to listen again")
                continue
            assert answer.status == 200
            states.append(answer.headers["X-Document"])
            break
    connection.close()
    return states


def post_many(port: int, some: Sequence[str]) -> list[str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/documents", f"[{','.join(some)}]", JSON)
    states = [each["state"] for each in json.loads(connection.getresponse().read())]
    connection.close()
    return states


@pytest.fixture(params=["sqlite", "mongodb"])
def shared(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[dict[str, str], Callable[[], ListingStore]]]:
    """The setting that names a store to several processes, and the store."""
    if request.param == "sqlite":
        yield {}, lambda: SqliteListingStore(tmp_path / "listings.sqlite")
        return
    with mongo_server() as address:
        url = f"{address.rstrip('/')}/lists"
        yield {"MONGO_URL": url}, lambda: MongoListingStore(url)


def test_two_replicas_that_get_the_same_thousand_documents_keep_each_once_and_one_says_new(
    tmp_path: Path, shared: tuple[dict[str, str], Callable[[], ListingStore]]
) -> None:
    environ, store = shared
    sent = documents(1_000)
    with ExitStack() as stack, ThreadPoolExecutor(16) as threads:
        ports = free_ports(2)
        for port in ports:
            stack.enter_context(process(NAME, tmp_path, **environ, LISTING_API_PORT=str(port)))
        until(lambda: all(map(is_listening, ports)), "the replicas to listen")
        calls = [
            threads.submit(by, port, sent[start : start + 50])
            for start in range(0, 1_000, 50)
            for port in ports
            for by in (post if start < 300 else post_many,)
        ]
        told_of_each = Counter(state for call in calls for state in call.result())
    assert told_of_each == {"new": 1_000, "known": 1_000}
    with store() as kept:
        assert kept.count() == 1_000
        assert {each.content_hash for each in kept.documents()} == set(map(hash_of, sent))


def test_what_a_killed_service_has_acknowledged_is_kept_exactly_once(tmp_path: Path) -> None:
    sent, workers = documents(600), 6
    (port,) = free_ports(1)
    with SqliteListingStore(tmp_path / "listings.sqlite") as store, ThreadPoolExecutor(workers) as threads:
        calls: list[Future[list[str]]] = []
        for kept_before_the_kill in (150, 300):
            with process(NAME, tmp_path, LISTING_API_PORT=str(port)):
                until(lambda: is_listening(port), "the service to listen")
                calls = calls or [
                    threads.submit(post, port, sent[worker::workers]) for worker in range(workers)
                ]
                until(partial(holds, store, kept_before_the_kill), "documents to be kept")
        assert not all(call.done() for call in calls)
        with process(NAME, tmp_path, LISTING_API_PORT=str(port)):
            states = [call.result() for call in calls]
        assert {each.content_hash for each in store.documents()} == set(map(hash_of, sent))
    # An answer that was lost with its process is told again as known.
    assert Counter(map(len, states)) == {100: 6}
    assert sum(states, []).count("new") <= 600
