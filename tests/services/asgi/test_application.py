"""An application of operations: errors nobody expected, and more requests at once than it takes."""

import asyncio
import logging

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.asgi.access import Keys
from services.asgi.application import application
from services.asgi.measures import Measures
from services.asgi.operation import Handler, Operation


def client(run: Handler, most_at_once: int = 10) -> httpx.AsyncClient:
    operation = Operation("GET", "/it", run, "It.", {200: "It."})
    app = application([operation], Measures("test_"), Keys(None), most_at_once)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://it")


def test_an_error_that_nobody_expected_is_a_problem_and_its_cause_is_in_the_journal_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(request: Request) -> Response:
        raise KeyError("a secret")

    async def ask() -> httpx.Response:
        async with client(broken) as asked:
            return await asked.get("/it", headers={"X-Request-ID": "r-1"})

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert vars(record)["fields"]["request_id"] == "r-1"
    assert "a secret" in caplog.text


def test_more_requests_at_once_than_are_taken_are_told_to_come_again() -> None:
    gate = asyncio.Event()

    async def waiting(request: Request) -> Response:
        await gate.wait()
        return PlainTextResponse("it")

    async def ask() -> list[int]:
        async with client(waiting, most_at_once=2) as asked:
            held = [asyncio.create_task(asked.get("/it")) for _ in range(2)]
            await asyncio.sleep(0)
            refused = await asked.get("/it")
            assert refused.headers["retry-after"] == "5"
            gate.set()
            answered = await asyncio.gather(*held)
            return [answer.status_code for answer in (refused, *answered, await asked.get("/it"))]

    assert asyncio.run(ask()) == [503, 200, 200, 200]


def test_the_operations_of_one_path_are_told_apart_by_method_and_told_together_to_others() -> None:
    async def got(request: Request) -> Response:
        return PlainTextResponse("got")

    async def posted(request: Request) -> Response:
        return PlainTextResponse("posted")

    operations = [
        Operation("POST", "/it", posted, "It.", {200: "It."}),
        Operation("GET", "/it", got, "It.", {200: "It."}),
    ]
    app = application(operations, Measures("test_"), Keys(None))

    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://it") as asked:
            return [await asked.request(method, "/it") for method in ("GET", "POST", "HEAD", "PUT")]

    *answered, refused = asyncio.run(ask())
    assert [answer.text for answer in answered] == ["got", "posted", ""]
    assert refused.status_code == 405
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
