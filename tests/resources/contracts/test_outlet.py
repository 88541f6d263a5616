"""One contract for every outlet: a webhook over real sockets, and objects in a folder."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from resources.object_store import FolderObjectStore
from resources.outlet import ObjectOutlet, Outlet, Parcel, WebhookOutlet
from tests.receivers import SLOW_S, receiver


@pytest.fixture(params=["webhook", "objects"])
def outlet(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Outlet]:
    if request.param == "objects":
        yield ObjectOutlet(FolderObjectStore(tmp_path))
        return
    with receiver() as it:
        yield WebhookOutlet(it.url)


def _quick(url: str) -> WebhookOutlet:
    return WebhookOutlet(url, timeout_s=SLOW_S / 2, patience_s=5.0, budget_s=10.0)


def _parcels(n: int) -> list[Parcel]:
    return [Parcel(f"k{number}", "offer", {"pitch": f"offer {number}"}) for number in range(n)]


def test_parcels_are_delivered_and_a_repetition_is_too(outlet: Outlet) -> None:
    for _ in range(2):
        receipts = outlet.deliver(_parcels(20))
        assert [receipt.key for receipt in receipts] == [f"k{number}" for number in range(20)]
        assert {(r.outcome, r.attempts, r.detail) for r in receipts} == {("delivered", 1, "")}
    assert outlet.deliver([]) == []


def test_an_object_is_written_once_whatever_comes_later(tmp_path: Path) -> None:
    outlet = ObjectOutlet(FolderObjectStore(tmp_path))
    for pitch in ("first", "second"):
        assert outlet.deliver([Parcel("k", "offer", {"pitch": pitch})])[0].outcome == "delivered"
    assert (tmp_path / "deliveries/offer/k.json").read_text() == '{"pitch":"first"}'
    assert outlet.uri().endswith("/deliveries")


def test_an_object_store_that_is_away_is_a_failure_to_be_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    receipts = ObjectOutlet(FolderObjectStore(tmp_path / "file" / "folder")).deliver(_parcels(2))
    assert [receipt.outcome for receipt in receipts] == ["failed", "failed"]
    assert "cannot be used" in receipts[0].detail


@pytest.mark.parametrize("mood", ["drop", "yes, drop", "yes, late", "500", "503 1", "429 0", "409", "408"])
def test_a_receiver_that_is_away_for_a_moment_is_asked_again_with_the_same_key(mood: str) -> None:
    with receiver(mood, "yes") as it:
        (receipt,) = _quick(it.url).deliver(_parcels(1))
    assert (receipt.outcome, receipt.attempts) == ("delivered", 2)
    assert it.asked == {"k0": 2}
    assert it.taken == {"k0": {"pitch": "offer 0"}}


@pytest.mark.parametrize(("status", "outcome"), [("422", "refused"), ("400", "refused"), ("413", "refused"), ("401", "failed"), ("404", "failed"), ("302", "failed")])  # fmt: skip
def test_a_refusal_is_final_and_a_wrong_address_or_token_is_not_held_against_the_parcel(
    status: str, outcome: str
) -> None:
    with receiver(status) as it:
        (receipt,) = _quick(it.url).deliver(_parcels(1))
    assert (receipt.outcome, receipt.attempts) == (outcome, 1)
    assert receipt.detail.startswith(f"The receiver answered {status}")
    assert it.asked == {"k0": 1}


@pytest.mark.parametrize(
    ("mood", "told"), [("503", "answered 503"), ("drop", "broke"), ("yes, late", "did not answer within")]
)
def test_a_receiver_that_stays_away_is_left_alone_for_now(mood: str, told: str) -> None:
    with receiver(mood) as it:
        outlet = WebhookOutlet(it.url, timeout_s=SLOW_S / 2, patience_s=1.0)
        (receipt,) = outlet.deliver(_parcels(1))
    assert receipt.outcome == "failed"
    assert told in receipt.detail
    assert receipt.attempts == it.asked["k0"] >= 2


def test_a_receiver_that_asks_for_an_hour_is_not_waited_for() -> None:
    with receiver("429 3600", "yes") as it:
        (receipt,) = _quick(it.url).deliver(_parcels(1))
    assert (receipt.outcome, receipt.attempts) == ("failed", 1)
    assert it.asked == {"k0": 1}


def test_a_call_ends_by_its_budget_and_says_what_was_not_tried() -> None:
    with receiver("503") as it:
        outlet = WebhookOutlet(it.url, patience_s=0.4, budget_s=0.5, at_once=2)
        receipts = outlet.deliver(_parcels(1000))
    assert {receipt.outcome for receipt in receipts} == {"failed"}
    assert receipts[-1].attempts == 0
    assert set(it.asked) < {receipt.key for receipt in receipts}


def test_an_answer_without_an_end_holds_nobody_up() -> None:
    began = time.monotonic()
    with receiver("yes, drip") as it:
        (receipt,) = _quick(it.url).deliver(_parcels(1))
    assert (receipt.outcome, receipt.attempts) == ("delivered", 1)
    with receiver("drip") as it:
        outlet = WebhookOutlet(it.url, timeout_s=SLOW_S / 2, budget_s=0.5, at_once=2)
        receipts = outlet.deliver(_parcels(5))
    assert {receipt.outcome for receipt in receipts} == {"failed"}
    assert "did not end its answer" in receipts[0].detail
    assert time.monotonic() - began < 8


def test_connections_are_few_and_kept_and_the_token_is_sent() -> None:
    with receiver() as it:
        receipts = WebhookOutlet(it.url, "t0ken", at_once=3).deliver(_parcels(60))
    assert len(receipts) == 60
    assert len(it.connections) <= 3
    assert {headers["Authorization"] for headers in it.headers} == {"Bearer t0ken"}
    assert {headers["Content-Type"] for headers in it.headers} == {"application/json"}


def test_an_address_tells_no_secret_and_a_parcel_no_content() -> None:
    assert WebhookOutlet("https://u:p@crm.example:8443/in?secret=1#x").uri() == "https://crm.example:8443"
    assert WebhookOutlet("http://[::1]:80/in").uri() == "http://[::1]:80"
    assert "pitch" not in repr(_parcels(1)[0])
