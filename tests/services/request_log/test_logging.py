"""The request log over HTTP: entries as the original takes them, idempotency keys, and batches of an outbox."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from resources.connections import Connections, Request
from resources.request_log import MongoRequestLog
from tests.http_services import Running, log_service, logged
from tests.servers import mongo_server

ENTRY = {"requestId": "test", "api": "/getPromotions", "value": [15, 12, 23]}
JSON = {"Content-Type": "application/json"}

VALUES = {
    "15,12,23": [15, 12, 23],
    "text": "text",
    "15": 15,
    "1.5": 1.5,
    "a,2,-0.25": ["a", 2.0, -0.25],
    "": [],
}


def test_values_are_kept_as_the_text_that_the_original_made_of_them(tmp_path: Path) -> None:
    with log_service(tmp_path) as log:
        for value in VALUES.values():
            answer = log.post("/logging", {**ENTRY, "value": value})
            assert (answer.status_code, answer.text) == (200, "success")
    kept = [entry[1:4] for entry in logged(tmp_path)]
    assert sorted(kept) == sorted(("test", "/getPromotions", text) for text in VALUES)


def test_the_same_call_twice_is_two_entries_and_with_an_idempotency_key_one(tmp_path: Path) -> None:
    with log_service(tmp_path) as log:
        for _ in range(2):
            assert log.post("/logging", ENTRY).text == "success"
            assert log.post("/logging", ENTRY, {"Idempotency-Key": "k1"}).text == "success"
        assert log.post("/logging", {**ENTRY, "api": "/other"}, {"Idempotency-Key": "k1"}).text == "success"
        refused = log.post("/logging", {**ENTRY, "value": "1"}, {"Idempotency-Key": "k1"})
    assert (refused.status_code, refused.json()["field"]) == (422, "Idempotency-Key")
    assert len(logged(tmp_path)) == 4


def test_of_two_bodies_with_one_key_at_once_one_is_kept_and_the_other_refused(tmp_path: Path) -> None:
    def send(number: int) -> int:
        return log.post("/logging", {**ENTRY, "value": number % 2}, {"Idempotency-Key": "k"}).status_code

    with log_service(tmp_path) as log, ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(send, range(16)))
    (kept,) = logged(tmp_path)
    assert [status == 200 for status in statuses] == [str(number % 2) == kept.value for number in range(16)]


def test_a_batch_is_kept_once_however_often_it_comes(tmp_path: Path) -> None:
    batch = [
        {"deliveryId": f"d{n}", "requestId": "r", "api": "/a", "value": "1", "at": "2026-11-01T12:00:00Z"}
        for n in range(2_000)
    ]
    with log_service(tmp_path) as log:
        assert log.post("/logging/batch", batch).json() == {"entries": 2_000, "new": 2_000}
        assert log.post("/logging/batch", batch[:10]).json() == {"entries": 10, "new": 0}
        assert log.post("/logging/batch", []).json() == {"entries": 0, "new": 0}
        assert log.post("/logging/batch", [*batch, batch[0]]).status_code == 400
    assert len(logged(tmp_path)) == 2_000


def test_a_batch_that_is_too_large_is_told_so_to_who_still_sends_it(tmp_path: Path) -> None:
    async def send(url: str) -> list[int]:
        async with Connections(f"{url}/logging/batch", JSON, at_once=4, timeout_s=30) as connections:
            answers = await asyncio.gather(*(connections.post(Request(bytes(7_000_000))) for _ in range(8)))
            return [answer.status for answer in answers]

    with log_service(tmp_path) as log:
        assert asyncio.run(send(log.url)) == [413] * 8


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with log_service(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="module")
def shared_mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with (
        mongo_server() as address,
        log_service(tmp_path_factory.mktemp("home"), MongoRequestLog(address)) as running,
    ):
        yield running


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"requestId": 7}, "requestId"),
        ({"requestId": ""}, "requestId"),
        ({"api": None}, "api"),
        ({"value": None}, "value"),
        ({"value": {"a": 1}}, "value"),
        ({"value": [[1]]}, "value[0]"),
        ({"value": True}, "value"),
        ({"value": 10**400}, "value"),
    ],
)
def test_bad_input_is_a_problem_that_names_the_field(
    shared: Running, change: dict[str, object], field: str
) -> None:
    answer = shared.post("/logging", {**ENTRY, **change})
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("key", ["", "a b", "a" * 201])
def test_an_idempotency_key_that_is_none_is_a_problem(shared: Running, key: str) -> None:
    answer = shared.post("/logging", ENTRY, {"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")


@pytest.mark.parametrize("store", ["shared", "shared_mongodb"])
@pytest.mark.parametrize(
    "at", ["2026-11-01T12:00:00", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00"]
)
def test_a_time_that_is_none_in_utc_is_refused_by_its_place(
    request: pytest.FixtureRequest, store: str, at: str
) -> None:
    entries = [
        {"deliveryId": f"d{number}", "requestId": "r", "api": "/a", "value": "1", "at": each}
        for number, each in enumerate(("2026-11-01T12:00:00Z", at))
    ]
    answer = request.getfixturevalue(store).post("/logging/batch", entries)
    assert (answer.status_code, answer.json()["field"]) == (400, "[1].at")


@pytest.mark.parametrize("store", ["shared", "shared_mongodb"])
@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "0001-01-01T01:00:00+01:00"])
def test_the_first_and_the_last_times_of_the_calendar_are_kept(
    request: pytest.FixtureRequest, store: str, at: str
) -> None:
    entry = {
        "deliveryId": "kept" + at.replace("+", "."),
        "requestId": "r",
        "api": "/a",
        "value": "1",
        "at": at,
    }
    answer = request.getfixturevalue(store).post("/logging/batch", [entry])
    assert answer.json() == {"entries": 1, "new": 1}


@pytest.mark.parametrize("delivery_id", ["a b", "d\n", "d\0"])
def test_a_delivery_id_of_other_characters_is_refused(shared: Running, delivery_id: str) -> None:
    entry = {
        "deliveryId": delivery_id,
        "requestId": "r",
        "api": "/a",
        "value": "1",
        "at": "2026-11-01T12:00:00Z",
    }
    answer = shared.post("/logging/batch", [entry])
    assert (answer.status_code, answer.json()["field"]) == (400, "[0].deliveryId")
