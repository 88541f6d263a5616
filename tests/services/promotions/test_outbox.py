"""The outbox and its delivery: what was answered reaches the log once, whoever is away, full or killed meanwhile."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import msgspec
import pytest

from resources.unavailable import Unavailable
from services.promotions.outbox import DELIVERY_BYTES, Outbox
from tests.http_services import NOWHERE, log_service, logged, promotions_service
from tests.servers import http_server
from tests.small_disks import small_files
from tests.x_server import until

ASK = {"requestId": "test", "userIds": [15]}


def in_loop(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


def ask(running: Any, number: int) -> int:
    status: int = running.post("/getPromotions", {**ASK, "requestId": f"r{number}"}).status_code
    return status


def test_entries_outlive_the_outbox_and_leave_it_oldest_first_when_they_are_removed(tmp_path: Path) -> None:
    async def work() -> None:
        first = Outbox(tmp_path, 1_000_000)
        await asyncio.gather(*(first.add(f"r{number}", "/a", "1") for number in range(5)))
        await first.add("r5", "/a", "2")
        first.close()
        second = Outbox(tmp_path, 1_000_000)
        assert second.count == 6
        await second.add("r6", "/a", "3")
        waiting = second.waiting()
        entries = msgspec.json.decode(waiting.bodies[0])
        assert [entry["requestId"] for entry in entries] == [f"r{number}" for number in range(7)]
        assert len({entry["deliveryId"] for entry in entries}) == 7
        await second.remove(waiting)
        assert (second.count, second.bytes, second.waiting().entries) == (0, 0, 0)
        second.close()

    in_loop(work)


def test_a_second_process_is_refused_the_folder(tmp_path: Path) -> None:
    async def work() -> None:
        outbox = Outbox(tmp_path, 1_000_000)
        with pytest.raises(Unavailable, match="used by another process"):
            Outbox(tmp_path, 1_000_000)
        outbox.close()

    in_loop(work)


def test_a_folder_that_is_none_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="set PROMOTIONS_OUTBOX"):
        Outbox(tmp_path / "file", 1_000_000)


def test_what_waits_while_the_log_is_away_is_delivered_once_when_it_comes(tmp_path: Path) -> None:
    with log_service(tmp_path) as log:
        url = log.url
    with promotions_service(tmp_path, log_url=url) as promotions:
        assert {ask(promotions, number) for number in range(50)} == {200}
        until(lambda: promotions.metric("promotions_log_failures_total") > 0, "a delivery that failed")
        assert promotions.metric("promotions_log_reached") == 0
        assert promotions.get("/readyz").status_code == 200
        with log_service(tmp_path, port=int(url.rpartition(":")[2])):
            until(lambda: len(logged(tmp_path)) == 50, "all entries in the log")
            until(lambda: promotions.metric("promotions_outbox_entries") == 0, "an empty outbox")
    assert sorted(entry.request_id for entry in logged(tmp_path)) == sorted(f"r{n}" for n in range(50))


def test_a_delivery_whose_answer_is_lost_comes_again_and_is_in_the_log_once(tmp_path: Path) -> None:
    """The log has it, but the connection ends before it says so."""
    with log_service(tmp_path) as log:

        class Losing(BaseHTTPRequestHandler):
            left = 2

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = log.client.post(
                    f"{log.url}{self.path}", content=body, headers={"Content-Type": "application/json"}
                )
                if Losing.left:
                    Losing.left -= 1
                    return
                self.send_response(answer.status_code)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None: ...

        with http_server(Losing) as url, promotions_service(tmp_path, log_url=url) as promotions:
            assert {ask(promotions, number) for number in range(20)} == {200}
            until(lambda: promotions.metric("promotions_outbox_entries") == 0, "an empty outbox")
            assert promotions.metric("promotions_log_failures_total") == 2
    assert len(logged(tmp_path)) == 20


def test_a_full_outbox_refuses_with_retry_after_turns_unready_and_loses_nothing(tmp_path: Path) -> None:
    with log_service(tmp_path) as log:
        url = log.url
    with promotions_service(tmp_path, log_url=url, outbox_mb=1) as promotions:
        value = [10**15 + number for number in range(1_000)]
        statuses = []
        while 503 not in statuses:
            answer = promotions.post("/getPromotions", {"requestId": "r", "userIds": value})
            statuses.append(answer.status_code)
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["content-type"] == "application/problem+json"
        ready = promotions.get("/readyz")
        assert ready.status_code == 503
        assert "The outbox is full" in ready.json()["why"][0]
        with log_service(tmp_path, port=int(url.rpartition(":")[2])):
            until(lambda: promotions.get("/readyz").status_code == 200, "room in the outbox")
            until(lambda: promotions.metric("promotions_outbox_entries") == 0, "an empty outbox")
    assert len(logged(tmp_path)) == statuses.count(200)


def test_a_disk_that_cannot_be_written_is_503_and_unready_until_it_can(tmp_path: Path) -> None:
    with promotions_service(tmp_path, log_url=NOWHERE) as promotions:
        assert ask(promotions, 1) == 200
        # Another writer holds the file for longer than the service waits, as a disk that hangs would.
        blocker = sqlite3.connect(tmp_path / "outbox" / "outbox.sqlite", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        assert ask(promotions, 2) == 503
        ready = promotions.get("/readyz").json()
        assert "cannot be written" in ready["why"][0]
        blocker.close()
        until(lambda: ask(promotions, 3) == 200, "the disk again")
        assert promotions.get("/readyz").status_code == 200
        assert promotions.metric("promotions_outbox_entries") == 2


async def fill(outbox: Outbox) -> list[str]:
    """Entries until the disk takes no more, and the names of those that it took."""
    taken: list[str] = []
    with pytest.raises(Unavailable, match="cannot be written"):
        while True:
            await outbox.add(f"r{len(taken)}", "/a", "1" * 30_000)
            taken.append(f"r{len(taken)}")
    return taken


async def take(outbox: Outbox) -> list[str]:
    """What a log that is there again is sent in at most a hundred deliveries."""
    sent: list[str] = []
    for _ in range(100):
        waiting = outbox.waiting()
        sent += [entry["requestId"] for body in waiting.bodies for entry in msgspec.json.decode(body)]
        with contextlib.suppress(Unavailable):
            await outbox.remove(waiting)
    return sent


def test_files_that_cannot_grow_are_made_anew_when_all_is_delivered_and_nothing_is_sent_twice(
    tmp_path: Path,
) -> None:
    async def work() -> None:
        with small_files(6_000_000), closing(Outbox(tmp_path, 100_000_000)) as outbox:
            for _ in range(2):
                taken = await fill(outbox)
                assert outbox.bytes > DELIVERY_BYTES
                assert outbox.count == len(taken)
                assert await take(outbox) == taken
                assert (outbox.count, outbox.bytes, await outbox.trouble()) == (0, 0, "")
            await outbox.add("after", "/a", "1")
        with closing(Outbox(tmp_path, 100_000_000)) as outbox:
            assert await take(outbox) == ["after"]

    in_loop(work)


def test_a_stop_delivers_what_it_can_and_keeps_the_rest_for_the_next_start(tmp_path: Path) -> None:
    with promotions_service(tmp_path, log_url=NOWHERE) as promotions:
        assert {ask(promotions, number) for number in range(10)} == {200}
    assert promotions.error is None
    with log_service(tmp_path) as log, promotions_service(tmp_path, log_url=log.url) as promotions:
        assert {ask(promotions, number) for number in range(10, 12)} == {200}
    assert len(logged(tmp_path)) == 12
