"""One contract for every listing API: the embedded one, and HTTP to the service, a document or many a request."""

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from resources.listing_api import Document, EmbeddedListingApi, HttpListingApi, Limits, ListingApi, Receipt
from resources.listing_store import SqliteListingStore
from resources.unavailable import Unavailable
from tests.http_services import listing_service
from tests.receivers import SLOW_S, answering, receiver
from tests.x_server import until

QUICK = Limits(at_once=4, timeout_s=SLOW_S / 2, patience_s=5.0, outage_s=1.0, probe_s=0.05)


@pytest.fixture(params=["embedded", "http", "http in bulk"])
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ListingApi]:
    """An API over the store of `tmp_path`."""
    if request.param == "embedded":
        with EmbeddedListingApi(SqliteListingStore(tmp_path / "listings.sqlite")) as embedded:
            yield embedded
        return
    with listing_service(tmp_path) as running:
        yield HttpListingApi(running.url, is_bulk=request.param != "http")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteListingStore]:
    with closing(SqliteListingStore(tmp_path / "listings.sqlite")) as opened:
        yield opened


def _document(text: str) -> Document:
    return Document(hashlib.sha256(text.encode()).hexdigest(), text)


def _documents(n: int) -> list[Document]:
    return [
        _document(f'{{"mod":"-rw-r--r--","file":"/naïve, \\"{number}\\" \U0001f3e0"}}') for number in range(n)
    ]


def _by_hash(receipts: Iterator[Receipt]) -> dict[str, Receipt]:
    found = list(receipts)
    assert len({receipt.content_hash for receipt in found}) == len(found)
    return {receipt.content_hash: receipt for receipt in found}


def test_documents_are_posted_and_known_when_they_come_again(
    api: ListingApi, store: SqliteListingStore
) -> None:
    sent = _documents(1_500)
    first = _by_hash(api.post(sent[:1_200]))
    assert set(first) == {document.content_hash for document in sent[:1_200]}
    assert {(r.outcome, r.attempts, r.detail) for r in first.values()} == {("posted", 1, "")}
    second = _by_hash(api.post(sent[1_100:]))
    assert Counter(receipt.outcome for receipt in second.values()) == {"known": 100, "posted": 300}
    assert {(kept.content_hash, kept.document) for kept in store.documents(limit=2_000)} == set(sent)
    assert list(api.post([])) == []


def test_the_receipt_names_who_answered_one_document(tmp_path: Path) -> None:
    with listing_service(tmp_path) as running:
        assert {r.container for r in HttpListingApi(running.url).post(_documents(3))} == {"pod-1"}


@pytest.mark.parametrize("is_bulk", [False, True])
def test_one_that_is_refused_has_a_reason_and_the_others_are_posted(tmp_path: Path, *, is_bulk: bool) -> None:
    bad = _document('{"mod":"-rw-r--r--"}')
    with listing_service(tmp_path) as running:
        found = _by_hash(HttpListingApi(running.url, is_bulk=is_bulk).post([*_documents(5), bad]))
    assert Counter(receipt.outcome for receipt in found.values()) == {"posted": 5, "refused": 1}
    assert "file: the document lacks this text." in found[bad.content_hash].detail


def test_a_store_that_is_away_fails_all_that_is_left_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with EmbeddedListingApi(SqliteListingStore(tmp_path / "file" / "l.sqlite")) as api:
        found = list(api.post(_documents(1_001)))
    assert Counter((receipt.outcome, receipt.attempts) for receipt in found) == {
        ("failed", 1): 1_000,
        ("failed", 0): 1,
    }
    assert "cannot be used" in found[0].detail


def test_an_endpoint_that_takes_no_bulk_refuses_no_document() -> None:
    with receiver("422") as it:
        (receipt,) = HttpListingApi(it.url, is_bulk=True, limits=QUICK).post(_documents(1))
    assert (receipt.outcome, receipt.attempts) == ("failed", 1)
    assert "takes no documents in bulk" in receipt.detail


@pytest.mark.parametrize("mood", ["drop", "yes, drop", "yes, late", "500", "503 1", "429 0", "409", "408"])
def test_an_api_that_is_away_for_a_moment_is_asked_again_with_the_same_key(mood: str) -> None:
    with receiver(mood, "yes") as it:
        (receipt,) = HttpListingApi(it.url, limits=QUICK).post([_document('{"file":"x"}')])
    assert (receipt.outcome, receipt.attempts) == ("posted", 2)
    assert it.asked == {receipt.content_hash: 2}
    assert it.taken == {receipt.content_hash: {"file": "x"}}


@pytest.mark.parametrize(("status", "outcome"), [("422", "refused"), ("400", "refused"), ("413", "refused"), ("401", "failed"), ("404", "failed"), ("302", "failed")])  # fmt: skip
def test_a_refusal_is_final_and_a_wrong_address_or_key_is_not_held_against_the_document(
    status: str, outcome: str
) -> None:
    with receiver(status) as it:
        (receipt,) = HttpListingApi(it.url, limits=QUICK).post(_documents(1))
    assert (receipt.outcome, receipt.attempts) == (outcome, 1)
    assert receipt.detail.startswith(f"The receiver answered {status}")


def test_an_api_that_asks_for_an_hour_is_not_waited_for() -> None:
    with receiver("429 3600", "yes") as it:
        (receipt,) = HttpListingApi(it.url, limits=QUICK).post(_documents(1))
    assert (receipt.outcome, receipt.attempts, sum(it.asked.values())) == ("failed", 1, 1)


def test_an_api_that_stays_away_is_probed_now_and_then_and_the_rest_fails_at_once() -> None:
    began = time.monotonic()
    limits = Limits(at_once=4, failures=4, outage_s=0.5, probe_s=0.1)
    with receiver("503") as it:
        found = list(HttpListingApi(it.url, limits=limits).post(_documents(5_000)))
    assert time.monotonic() - began < 5
    assert (len(found), {receipt.outcome for receipt in found}) == (5_000, {"failed"})
    # Four until the circuit opens, then one in 0.1, 0.2 and 0.4 seconds.
    assert sum(it.asked.values()) <= 10
    told = "It was not sent, because the API is away: The receiver answered 503 Service Unavailable."
    assert sum(receipt.detail == told and not receipt.attempts for receipt in found) > 4_900


def test_documents_that_the_api_fails_at_keep_nobody_from_being_posted() -> None:
    bad = [_document(f'{{"poison":{number}}}') for number in range(9)]
    limits = Limits(at_once=4, failures=4, outage_s=20, probe_s=0.01, attempts=2)
    with receiver(poison=b"poison") as it:
        found = _by_hash(HttpListingApi(it.url, limits=limits).post([*bad, *_documents(100)]))
    assert Counter(receipt.outcome for receipt in found.values()) == {"posted": 100, "failed": 9}
    assert {found[each.content_hash].attempts for each in bad} == {2}


def test_an_api_that_comes_back_while_it_is_probed_takes_everything() -> None:
    limits = Limits(at_once=4, failures=4, probe_s=0.05, outage_s=10)
    with receiver(*["503"] * 6, "yes") as it:
        found = list(HttpListingApi(it.url, limits=limits).post(_documents(200)))
    assert {receipt.outcome for receipt in found} == {"posted"}
    assert len(it.taken) == 200


def test_nobody_listens_and_it_is_said() -> None:
    with receiver() as it:
        pass
    (receipt,) = HttpListingApi(it.url, limits=Limits(attempts=2)).post(_documents(1))
    assert (receipt.outcome, receipt.detail) == (
        "failed",
        "The connection to the receiver broke (ConnectionRefusedError).",
    )


def test_an_answer_without_an_end_holds_nobody_up() -> None:
    limits = Limits(at_once=4, timeout_s=SLOW_S / 2, patience_s=3.0)
    with receiver("drip", "yes") as it:
        found = list(HttpListingApi(it.url, limits=limits).post(_documents(20)))
    assert {receipt.outcome for receipt in found} == {"posted"}
    assert len(it.taken) == 20


def test_connections_are_few_and_kept_and_the_key_is_sent() -> None:
    with receiver() as it:
        found = list(HttpListingApi(it.url, "k3y", limits=Limits(at_once=3)).post(_documents(60)))
    assert len(found) == 60
    assert len(it.connections) <= 3
    assert {headers["Authorization"] for headers in it.headers} == {"Bearer k3y"}
    assert {headers["Content-Type"] for headers in it.headers} == {"application/json"}


def test_who_leaves_in_the_middle_ends_what_is_under_way() -> None:
    threads = threading.active_count()
    with receiver() as it:
        receipts = HttpListingApi(it.url, limits=QUICK).post(_documents(5_000))
        next(receipts)
        receipts.close()
        asked = sum(it.asked.values())
        assert asked < 5_000
    until(lambda: threading.active_count() <= threads, "the threads to end")
    assert sum(it.asked.values()) <= asked + QUICK.at_once


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\n\n{ response: ok, container: api-1 }\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ],
)
def test_whatever_says_200_has_taken_it_as_the_originals_own_server_does(
    answer: bytes,
) -> None:
    with answering(answer) as url:
        found = list(HttpListingApi(url, limits=QUICK).post(_documents(3)))
    assert [(receipt.outcome, receipt.attempts, receipt.container) for receipt in found] == [
        ("posted", 1, "")
    ] * 3


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", "ServerDisconnectedError"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "ClientResponseError"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "ClientPayloadError"),
    ],
)
def test_what_is_no_whole_answer_has_not_taken_it(answer: bytes, error: str) -> None:
    with answering(answer) as url:
        (receipt,) = HttpListingApi(url, limits=Limits(attempts=2)).post(_documents(1))
    assert (receipt.outcome, receipt.attempts) == ("failed", 2)
    assert receipt.detail == f"The connection to the receiver broke ({error})."


def test_an_answer_larger_than_anybody_needs_is_left_unread() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"
    with answering(head + b"x" * 3_000_000) as url:
        (receipt,) = HttpListingApi(url, limits=QUICK).post(_documents(1))
    assert (receipt.outcome, receipt.attempts) == ("posted", 1)


def test_a_request_of_more_than_a_mebibyte_is_sent_whole(tmp_path: Path) -> None:
    sent = [_document(f'{{"mod":"{number}","file":"/{"é" * 30_000}"}}') for number in range(20)]
    with listing_service(tmp_path) as running:
        found = list(HttpListingApi(running.url, is_bulk=True).post(sent))
    assert [(receipt.outcome, receipt.attempts) for receipt in found] == [("posted", 1)] * 20


def test_the_user_of_an_address_is_not_sent() -> None:
    with receiver() as it:
        url = it.url.replace("://", "://somebody@")
        assert [r.outcome for r in HttpListingApi(url, "k3y").post(_documents(1))] == ["posted"]
    assert [headers["Authorization"] for headers in it.headers] == ["Bearer k3y"]


def test_a_key_that_would_end_its_header_is_refused() -> None:
    with pytest.raises(Unavailable, match="LISTING_API_KEY"):
        HttpListingApi("http://127.0.0.1:9/", "k3y\n")


def test_an_address_tells_no_secret() -> None:
    assert HttpListingApi("https://u:p@api.example:8443/in?secret=1#x").uri() == "https://api.example:8443"
