"""Deliveries to the request log: none is larger than the log takes, and the journal tells why one was not taken."""

import asyncio
import sqlite3
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import msgspec
import pytest

from resources.promotion_store import MAX_USER_ID
from services.asgi.measures import Measures
from services.promotions.delivery import Courier
from services.promotions.memory import Memory
from services.promotions.outbox import DELIVERY_BYTES, Outbox
from services.promotions.tallies import Tallies
from services.request_log.messages import BATCH, BATCH_BYTES
from tests.http_services import NOWHERE, both, log_service, logged, promotions_service
from tests.servers import http_server
from tests.x_server import until

LARGE = "\N{EURO SIGN}" * 15_000
LARGEST = {
    "requestId": "\x01" * 200,
    "userIds": [MAX_USER_ID] * 1_000,
    "promotionIds": ["\N{SHOPPING BAGS}" * 100] * 50,
    "action": "withdraw",
}
"""No valid request makes a larger entry: of a request id a character is six bytes of JSON, of a promotion id four."""


async def delivered(outbox: Outbox, url: str) -> int:
    """How many entries stay when the log was there for half a minute."""
    courier = Courier(outbox, url, "", Tallies(Measures("test_"), outbox, Memory(10, 1_000)))
    try:
        return await courier.drain(30)
    finally:
        await courier.close()


def test_a_burst_of_large_entries_is_delivered_in_parts_that_the_log_takes(tmp_path: Path) -> None:
    async def work(url: str) -> None:
        with closing(Outbox(tmp_path / "outbox", 100_000_000)) as outbox:
            await asyncio.gather(*(outbox.add(f"r{number}", "/a", LARGE) for number in range(200)))
            assert outbox.bytes > 2 * BATCH_BYTES
            assert await delivered(outbox, url) == 0

    with log_service(tmp_path) as log:
        asyncio.run(work(log.url))
    assert {entry.request_id for entry in logged(tmp_path)} == {f"r{number}" for number in range(200)}


def test_what_an_older_service_kept_in_one_row_that_is_too_large_is_delivered_in_parts(
    tmp_path: Path,
) -> None:
    entry = {"requestId": "r", "api": "/a", "value": LARGE, "at": "2026-11-01T12:00:00Z"}
    entries = [msgspec.json.encode({"deliveryId": f"d{number}", **entry}) for number in range(200)]

    async def work(url: str) -> None:
        Outbox(tmp_path / "outbox", 1_000_000).close()
        with closing(sqlite3.connect(tmp_path / "outbox" / "outbox.sqlite")) as older, older:
            row = (len(entries), sum(map(len, entries)), b",".join(entries))
            older.execute("INSERT INTO written (entries, size, joined) VALUES (?, ?, ?)", row)
        with closing(Outbox(tmp_path / "outbox", 1_000_000)) as outbox:
            await delivered(outbox, url)
            assert (outbox.count, outbox.bytes) == (0, 0)

    with log_service(tmp_path) as log:
        asyncio.run(work(log.url))
    assert {entry.delivery_id for entry in logged(tmp_path)} == {f"d{number}" for number in range(200)}


def test_the_largest_request_makes_an_entry_that_a_delivery_has_room_for_and_the_log_takes(
    tmp_path: Path,
) -> None:
    with promotions_service(tmp_path, log_url=NOWHERE) as promotions:
        assert promotions.post("/setPromotions", LARGEST).status_code == 200
        assert promotions.metric("promotions_outbox_bytes") < DELIVERY_BYTES
    # Behind each entry comes a comma, and around them all are brackets.
    assert DELIVERY_BYTES + BATCH + 2 <= BATCH_BYTES
    with both(tmp_path) as (promotions, _):
        until(lambda: promotions.metric("promotions_outbox_entries") == 0, "an empty outbox")
    assert len(logged(tmp_path)) == 1


def test_the_journal_tells_what_a_log_answered_that_did_not_take_a_delivery(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(413)
            self.end_headers()
            self.wfile.write(b"too much")

        def log_message(self, format: str, *args: object) -> None: ...

    with http_server(Refusing) as url, promotions_service(tmp_path, log_url=url) as promotions:
        assert promotions.post("/setPromotions", LARGEST).status_code == 200
        until(lambda: promotions.metric("promotions_log_failures_total") > 0, "a delivery that failed")
        assert promotions.metric("promotions_log_reached") == 0
    told = [vars(record)["fields"] for record in caplog.records if "took no entries" in record.message]
    assert told[0]["error"] == "It answered 413: too much"
    assert told[0]["entries"] == 1
