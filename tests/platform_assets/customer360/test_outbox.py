"""Cases and offers leave once each, whatever the receiver does and whoever is killed when."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from platform_assets.customer360.outbox import BATCH, TABLE, Drained, Outbox
from resources.object_store import FolderObjectStore
from resources.outlet import ObjectOutlet, Outlet, Parcel, Receipt, WebhookOutlet
from resources.sql import statement
from resources.warehouse import OvertakenError, Warehouse
from tests import killing
from tests.killing import Killer, Place
from tests.models import put
from tests.receivers import SLOW_S, Receiver, receiver

MANY = BATCH + 10
"""Offers that need two batches."""


def _world(warehouse: Warehouse, offers: int = 2, cases: int = 1) -> None:
    """Customers who each have an offer, and some who have an open case; one case is closed."""
    people = range(max(offers, cases) + 1)
    case = {"topic": "service", "priority": "high", "complaints": 1}
    put(
        warehouse,
        {
            "crm.customers": [
                {"customer_id": f"C{n}", "first_name": "Ann", "last_name": f"Lee{n}", "email": f"{n}@x.example", "has_marketing_consent": True}
                for n in people
            ],
            "customer360.offers": [{"offer_id": f"o{n}", "customer_id": f"C{n}", "pitch": "Hello"} for n in range(offers)],
            "customer360.support_cases": [
                *({"case_id": f"k{n}", "customer_id": f"C{n}", "state": "open", **case} for n in range(cases)),
                {"case_id": "old", "customer_id": "C0", "state": "closed", **case},
            ],
        },
    )  # fmt: skip


def _drain(warehouse: Warehouse, outlet: Outlet, holder: str = "run-1", **settings: bool) -> Drained:
    return Outbox(warehouse, holder).drain(outlet, lambda run: False, **settings)


def _to(it: Receiver) -> WebhookOutlet:
    return WebhookOutlet(it.url, timeout_s=SLOW_S / 2, patience_s=1.5)


def _states(warehouse: Warehouse) -> dict[str, int]:
    with warehouse.session() as session:
        rows = session.rows(f"SELECT state, COUNT(*) AS n FROM {TABLE} GROUP BY state")
    return {str(row["state"]): int(str(row["n"])) for row in rows}


def _execute(warehouse: Warehouse, text: str) -> None:
    with warehouse.session() as session:
        session.execute(statement(text), {})


def test_what_is_open_leaves_once_and_says_who_what_and_why(warehouse: Warehouse) -> None:
    _world(warehouse)
    with receiver() as it:
        first = _drain(warehouse, _to(it))
        second = _drain(warehouse, _to(it), "run-2")
    assert (first.queued, first.delivered, first.failed) == (3, 3, 0)
    assert second == Drained()
    assert set(it.asked.values()) == {1}
    assert _states(warehouse) == {"delivered": 3}
    kinds = sorted((said["kind"], said["customer_id"], said["last_name"]) for said in it.taken.values())
    assert kinds == [("case", "C0", "Lee0"), ("offer", "C0", "Lee0"), ("offer", "C1", "Lee1")]
    case = next(said for said in it.taken.values() if said["kind"] == "case")
    assert case["opened_at"].endswith("+00:00")
    assert case["case_id"] == "k0"


def test_what_comes_later_leaves_alone(duckdb_warehouse: Warehouse) -> None:
    _world(duckdb_warehouse)
    with receiver() as it:
        _drain(duckdb_warehouse, _to(it))
        put(
            duckdb_warehouse,
            {"customer360.offers": [{"offer_id": "new", "customer_id": "C2", "pitch": "Hi"}]},
        )
        assert _drain(duckdb_warehouse, _to(it)).delivered == 1
    assert len(it.taken) == 4
    assert set(it.asked.values()) == {1}


def test_nothing_of_a_person_is_kept_of_a_delivery(duckdb_warehouse: Warehouse) -> None:
    _world(duckdb_warehouse)
    with receiver("422") as it:
        _drain(duckdb_warehouse, _to(it))
    with duckdb_warehouse.session() as session:
        kept = str(session.rows(f"SELECT * FROM {TABLE}"))
    assert not [word for word in ("Ann", "Lee", "x.example", "Hello") if word in kept]


def test_an_offer_that_a_late_tweet_has_changed_is_the_month_s_second_and_stays(
    duckdb_warehouse: Warehouse,
) -> None:
    _world(duckdb_warehouse, offers=1, cases=0)
    with receiver() as it:
        _drain(duckdb_warehouse, _to(it))
        _execute(duckdb_warehouse, "DELETE FROM customer360.offers")
        later = [
            {"offer_id": "same", "customer_id": "C0", "offered_at": dt.datetime(1970, 1, 31)},
            {"offer_id": "next", "customer_id": "C0", "offered_at": dt.datetime(1970, 2, 1)},
            {"offer_id": "other", "customer_id": "C1", "offered_at": dt.datetime(1970, 1, 31)},
        ]
        put(duckdb_warehouse, {"customer360.offers": later})
        assert _drain(duckdb_warehouse, _to(it), "run-2").delivered == 2
        put(
            duckdb_warehouse,
            {"customer360.offers": [{**later[1], "offer_id": "o9", "offered_at": dt.datetime(1970, 3, 9)}]},
        )
        assert _drain(duckdb_warehouse, _to(it), "run-3").delivered == 1
    offers = [said["offer_id"] for said in it.taken.values()]
    assert sorted(offers) == ["next", "o0", "o9", "other"]


def test_a_case_whose_first_complaint_changes_is_the_same_case_and_a_later_one_is_another(
    duckdb_warehouse: Warehouse,
) -> None:
    def case(name: str, opened: int, last: int) -> dict[str, object]:
        days = {"opened_at": dt.datetime(1970, 1, opened), "last_complaint_at": dt.datetime(1970, 1, last)}
        return {"case_id": name, "customer_id": "C0", "state": "open", **days}

    _world(duckdb_warehouse, offers=0, cases=0)
    with receiver() as it:
        for number, (name, opened, last) in enumerate(
            [
                ("first", 10, 10),
                ("earlier", 3, 10),
                ("deleted", 9, 12),
                ("grown", 12, 20),
                ("another", 28, 28),
            ]
        ):
            _execute(duckdb_warehouse, "DELETE FROM customer360.support_cases")
            put(duckdb_warehouse, {"customer360.support_cases": [case(name, opened, last)]})
            _drain(duckdb_warehouse, _to(it), f"run-{number}")
    assert [said["case_id"] for said in it.taken.values()] == ["first", "another"]


MOODS = ("yes", "drop", "yes, drop", "500", "yes", "429 0", "yes, late", "503 0", "yes", "yes, drop", "drop")


def test_a_receiver_that_drops_delays_and_fails_gets_each_once(duckdb_warehouse: Warehouse) -> None:
    _world(duckdb_warehouse, offers=MANY)
    with receiver(*MOODS * 6, "yes") as it:
        for attempt in range(10):
            done = _drain(duckdb_warehouse, _to(it), f"run-{attempt}")
            if not done.failed:
                break
    assert _states(duckdb_warehouse) == {"delivered": MANY + 1}
    # `taken` has each key once; the ledger knows no other.
    assert len(it.taken) == MANY + 1
    assert sum(it.asked.values()) > MANY + 1


@pytest.mark.parametrize(
    "killer",
    [
        Killer("committed"), Killer("staged", 2), Killer("committed", 2), Killer("staged", 3),
    ],
    ids=str,
)  # fmt: skip
def test_a_kill_at_any_boundary_sends_no_more_again_than_a_batch(killer: Killer, tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path / "warehouse.duckdb")
    _world(place.warehouse(), offers=MANY)
    with receiver() as it:
        (tmp_path / "webhook").write_text(it.url)
        killing.die("send", place, killer)
        asked = set(it.asked)
        killing.run("send", place)
    assert _states(place.warehouse()) == {"delivered": MANY + 1}
    assert len(it.taken) == MANY + 1
    again = {key for key, times in it.asked.items() if times > 1}
    assert again <= asked
    assert len(again) <= BATCH
    assert set(it.asked.values()) <= {1, 2}


def test_a_receiver_that_is_away_is_left_after_one_batch_and_asked_by_the_next_run(
    duckdb_warehouse: Warehouse,
) -> None:
    _world(duckdb_warehouse, offers=MANY)
    with receiver("401") as it:
        done = _drain(duckdb_warehouse, _to(it))
        assert (done.delivered, done.failed, len(it.asked)) == (0, BATCH, BATCH)
    assert _states(duckdb_warehouse) == {"pending": MANY + 1}
    with receiver() as it:
        assert _drain(duckdb_warehouse, _to(it)).delivered == MANY + 1


@dataclass
class _Picky(Outlet):
    """Takes all but some, which it never takes."""

    bad: set[str]
    asked: Counter[str] = field(default_factory=Counter)

    def deliver(self, parcels: Sequence[Parcel]) -> list[Receipt]:
        self.asked.update(parcel.key for parcel in parcels)
        return [Receipt(p.key, "failed" if p.key in self.bad else "delivered", 2) for p in parcels]

    def uri(self) -> str:
        return "picky:"


def test_a_batch_that_nobody_takes_does_not_keep_the_others(warehouse: Warehouse) -> None:
    _world(warehouse, offers=MANY)
    with receiver("401") as away:
        _drain(warehouse, _to(away))
    bad = set(away.asked)
    outlet = _Picky(bad)
    done = _drain(warehouse, outlet, "run-2")
    assert (done.delivered, done.failed) == (MANY + 1 - BATCH, BATCH)
    assert _states(warehouse) == {"delivered": MANY + 1 - BATCH, "pending": BATCH}
    assert _drain(warehouse, outlet, "run-3").failed == BATCH


def test_what_failed_is_not_tried_again_by_the_same_run(duckdb_warehouse: Warehouse) -> None:
    _world(duckdb_warehouse, offers=2 * BATCH)
    every = _Picky(set())
    with duckdb_warehouse.session() as session:
        ids = session.rows("SELECT MD5('offer|' || offer_id) AS x FROM customer360.offers ORDER BY x")
    every.bad = {str(row["x"]) for row in ids[:3]} | {str(row["x"]) for row in ids[-3:]}
    assert _drain(duckdb_warehouse, every).failed == len(every.bad)
    assert set(every.asked.values()) == {1}


def test_a_refusal_is_kept_with_its_reason_and_sent_again_only_when_somebody_says_so(
    duckdb_warehouse: Warehouse,
) -> None:
    _world(duckdb_warehouse, offers=1, cases=0)
    with receiver("422", "yes") as it:
        assert _drain(duckdb_warehouse, _to(it)).refused == 1
        assert _drain(duckdb_warehouse, _to(it)) == Drained()
        with duckdb_warehouse.session() as session:
            (row,) = session.rows(f"SELECT attempts, last_error FROM {TABLE}")
        assert row["attempts"] == 1
        assert "422" in str(row["last_error"])
        assert _drain(duckdb_warehouse, _to(it), again_refused=True).delivered == 1
    assert _states(duckdb_warehouse) == {"delivered": 1}


def test_what_vanished_before_it_was_sent_is_withdrawn_and_leaves_when_it_returns(
    duckdb_warehouse: Warehouse,
) -> None:
    _world(duckdb_warehouse, offers=2, cases=1)
    with receiver("503") as it:
        _drain(duckdb_warehouse, _to(it))
    _execute(duckdb_warehouse, "DELETE FROM customer360.offers WHERE offer_id = 'o1'")
    _execute(
        duckdb_warehouse, "UPDATE crm.customers SET has_marketing_consent = FALSE WHERE customer_id = 'C0'"
    )
    with receiver() as it:
        done = _drain(duckdb_warehouse, _to(it))
        assert (done.withdrawn, done.delivered) == (2, 1)
        assert [said["kind"] for said in it.taken.values()] == ["case"]
        _execute(
            duckdb_warehouse, "UPDATE crm.customers SET has_marketing_consent = TRUE WHERE customer_id = 'C0'"
        )
        assert _drain(duckdb_warehouse, _to(it)).delivered == 1
    assert _states(duckdb_warehouse) == {"delivered": 2, "withdrawn": 1}


@dataclass
class _Meanwhile(Outlet):
    """Something happens while the first batch is on its way."""

    outlet: Outlet
    happens: Callable[[], None]

    def deliver(self, parcels: Sequence[Parcel]) -> list[Receipt]:
        receipts = self.outlet.deliver(parcels)
        self.happens()
        return receipts

    def uri(self) -> str:
        return self.outlet.uri()


@pytest.fixture
def it() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


def test_while_one_run_sends_another_does_not(duckdb_warehouse: Warehouse, it: Receiver) -> None:
    _world(duckdb_warehouse)
    others: list[Drained] = []
    outlet = _Meanwhile(_to(it), lambda: others.append(_drain(duckdb_warehouse, _to(it), "run-2")))
    assert _drain(duckdb_warehouse, outlet).delivered == 3
    assert others == [Drained(held_by="run-1")]
    assert set(it.asked.values()) == {1}


def test_a_run_whose_turn_was_taken_writes_nothing_and_the_receiver_has_each_once(
    warehouse: Warehouse, it: Receiver
) -> None:
    _world(warehouse)
    outlet = _Meanwhile(_to(it), lambda: _take_over(warehouse, it))
    with pytest.raises(OvertakenError):
        _drain(warehouse, outlet)
    assert _states(warehouse) == {"delivered": 3}
    assert len(it.taken) == 3


def _take_over(warehouse: Warehouse, it: Receiver) -> None:
    Outbox(warehouse, "run-2").drain(_to(it), lambda run: True)


def test_without_a_webhook_they_are_objects_that_are_written_once(
    duckdb_warehouse: Warehouse, tmp_path: Path
) -> None:
    _world(duckdb_warehouse)
    outlet = ObjectOutlet(FolderObjectStore(tmp_path / "objects"))
    assert _drain(duckdb_warehouse, outlet).delivered == 3
    found = sorted(path.parent.name for path in (tmp_path / "objects").rglob("*.json"))
    assert found == ["case", "offer", "offer"]
