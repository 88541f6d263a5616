"""Documents are posted once each, whatever the API does and whoever is killed when."""

import hashlib
import threading
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from platform_assets.listings import posting as module
from platform_assets.listings.batch import JSON
from platform_assets.listings.posting import MOST_ATTEMPTS, TABLE, Posted, Posting
from resources.listing_api import Document, EmbeddedListingApi, HttpListingApi, Limits, ListingApi, Receipt
from resources.listing_store import SqliteListingStore
from resources.warehouse import Warehouse
from tests import killing
from tests.killing import BATCH, COMMIT, Killer, Place
from tests.models import put
from tests.receivers import SLOW_S, Receiver, receiver

LATER = "2026-11-01T02:01:00Z"
QUICK = Limits(at_once=4, timeout_s=SLOW_S / 2, patience_s=5.0, outage_s=0.5, probe_s=0.05, attempts=3)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _document(number: int) -> str:
    return f'{{"mod":"-rw-r--r--","file":"/srv/file {number}"}}'


HASHES = [_hash(_document(number)) for number in range(100)]


def _batch(warehouse: Warehouse, *numbers: int, batch: str = BATCH) -> None:
    """A batch with the documents of these numbers, a line each."""
    rows = [
        {"batch_id": batch, "source": "file:///srv", "line": line, "content_hash": HASHES[number], "document": _document(number)}
        for line, number in enumerate(numbers, 1)
    ]  # fmt: skip
    put(warehouse, {JSON: [dict(row) for row in rows]})


def _post(
    warehouse: Warehouse, api: ListingApi, batch: str = BATCH, *, again: bool = False, budget_s: float = 30
) -> Posted:
    posting = Posting(warehouse, page=50, settled=20)
    posting.enter(batch, again=again)
    return posting.post(api, budget_s)


def _ledger(warehouse: Warehouse, columns: str = "state") -> Counter[tuple[object, ...]]:
    with warehouse.session() as session:
        return Counter(tuple(row.values()) for row in session.rows(f"SELECT {columns} FROM {TABLE}"))


def _states(warehouse: Warehouse) -> dict[object, int]:
    return {state: count for (state,), count in _ledger(warehouse).items()}


def _to(it: Receiver, limits: Limits = QUICK) -> HttpListingApi:
    return HttpListingApi(it.url, limits=limits)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteListingStore]:
    with closing(SqliteListingStore(tmp_path / "listings.sqlite")) as opened:
        yield opened


def test_a_document_is_posted_once_whatever_batch_and_line_it_comes_from(
    warehouse: Warehouse, store: SqliteListingStore
) -> None:
    api = EmbeddedListingApi(store)
    _batch(warehouse, *range(60), 3, 4)
    first = _post(warehouse, api)
    assert (first.entered, first.known_before, first.receipts) == (60, 0, {"posted": 60, "pending": 0})
    _batch(warehouse, *range(50, 70), batch=LATER)
    second = _post(warehouse, api, LATER)
    assert (second.entered, second.known_before, second.receipts) == (10, 10, {"posted": 10, "pending": 0})
    assert _post(warehouse, api, LATER) == Posted(known_before=20)
    assert [found.document for found in store.documents(limit=1)] == [
        _document(HASHES.index(min(HASHES[:70])))
    ]
    assert store.count() == 70
    assert _ledger(warehouse, "batch_id, state, document, attempts, container, detail") == {
        (BATCH, "posted", None, 1, "embedded", None): 60,
        (LATER, "posted", None, 1, "embedded", None): 10,
    }


def test_a_whole_batch_is_posted_to_an_api_that_has_lost_it(warehouse: Warehouse, tmp_path: Path) -> None:
    _batch(warehouse, *range(5))
    _batch(warehouse, 3, 4, 5, batch=LATER)
    with closing(SqliteListingStore(tmp_path / "first.sqlite")) as first:
        _post(warehouse, EmbeddedListingApi(first))
    with closing(SqliteListingStore(tmp_path / "second.sqlite")) as second:
        posting = Posting(warehouse)
        posting.enter(LATER, whole=True)
        assert posting.post(EmbeddedListingApi(second), 30).receipts == {"posted": 3, "pending": 0}
        assert {kept.content_hash for kept in second.documents(limit=9)} == set(HASHES[3:6])
    assert _ledger(warehouse, "batch_id, state") == {(BATCH, "posted"): 3, (LATER, "posted"): 3}


def test_what_the_api_had_before_is_known(duckdb_warehouse: Warehouse, store: SqliteListingStore) -> None:
    list(EmbeddedListingApi(store).post([Document(HASHES[0], _document(0))]))
    _batch(duckdb_warehouse, 0, 1)
    done = _post(duckdb_warehouse, EmbeddedListingApi(store))
    assert (done.receipts["posted"], done.receipts["known"]) == (1, 1)
    assert _states(duckdb_warehouse) == {"posted": 1, "known": 1}


MOODS = ("yes", "drop", "yes, drop", "500", "yes", "429 0", "yes, late", "503 0", "yes", "yes, drop", "drop")


def test_an_api_that_drops_delays_and_fails_has_each_document_once(duckdb_warehouse: Warehouse) -> None:
    _batch(duckdb_warehouse, *range(100))
    with receiver(*MOODS * 6, "yes") as it:
        for _ in range(10):
            if not _post(duckdb_warehouse, _to(it)).receipts["pending"]:
                break
    assert _states(duckdb_warehouse) == {"posted": 100}
    assert {key: taken["file"] for key, taken in it.taken.items()} == {
        name: f"/srv/file {number}" for number, name in enumerate(HASHES)
    }
    assert sum(it.asked.values()) > 100


def test_an_outage_loses_nothing_and_is_held_against_no_document(duckdb_warehouse: Warehouse) -> None:
    _batch(duckdb_warehouse, *range(60))
    with receiver("503") as it:
        for _ in range(2):
            away = _to(it, Limits(at_once=4, patience_s=0.0, failures=5, outage_s=0.0))
            assert _post(duckdb_warehouse, away).receipts == {"pending": 50}
    assert _ledger(duckdb_warehouse, "state, attempts") == {("pending", 0): 60}
    with duckdb_warehouse.session() as session:
        (reason,) = session.rows(f"SELECT DISTINCT detail FROM {TABLE} WHERE detail IS NOT NULL")
    assert reason == {"detail": "The receiver answered 503 Service Unavailable."}
    _batch(duckdb_warehouse, 60, batch=LATER)
    with receiver() as it:
        assert _post(duckdb_warehouse, _to(it), LATER).receipts["posted"] == 61
    assert len(it.taken) == 61


def test_documents_that_the_api_fails_at_are_told_from_an_api_that_is_away_and_keep_nobody_up(
    duckdb_warehouse: Warehouse,
) -> None:
    limits = Limits(at_once=4, failures=4, outage_s=1.5, probe_s=0.01, attempts=2)
    _batch(duckdb_warehouse, 1, *range(10, 20))
    _batch(duckdb_warehouse, *range(20, 50), batch=LATER)
    Posting(duckdb_warehouse).enter(BATCH)
    with receiver(poison=b"file 1") as it:
        assert _post(duckdb_warehouse, _to(it, limits), LATER).receipts == {"posted": 30, "pending": 11}
    assert ("pending", 2) in _ledger(duckdb_warehouse, "state, attempts")


def test_a_refusal_is_dead_with_its_reason_and_posted_again_only_when_somebody_says_so(
    duckdb_warehouse: Warehouse,
) -> None:
    _batch(duckdb_warehouse, 0)
    with receiver("422", "yes") as it:
        assert _post(duckdb_warehouse, _to(it)).receipts["dead"] == 1
        assert _post(duckdb_warehouse, _to(it)) == Posted(known_before=1)
        assert _ledger(duckdb_warehouse, "state, document, attempts, detail") == {
            ("dead", _document(0), 1, "The receiver answered 422 Unprocessable Entity."): 1
        }
        assert _post(duckdb_warehouse, _to(it), again=True).receipts["posted"] == 1
    assert _ledger(duckdb_warehouse, "state, document, detail") == {("posted", None, None): 1}


@dataclass
class _Picky(ListingApi):
    """Takes all but some, which it never takes; says who was asked for how often."""

    bad: set[str]
    asked: Counter[str] = field(default_factory=Counter)

    def post(self, documents: Sequence[Document]) -> Generator[Receipt, None, None]:
        for each in documents:
            self.asked[each.content_hash] += 1
            is_bad = each.content_hash in self.bad
            yield Receipt(
                each.content_hash, "failed" if is_bad else "posted", 10, detail="No." if is_bad else ""
            )

    def uri(self) -> str:
        return "picky:"

    def close(self) -> None:
        pass


def test_what_fails_while_others_are_taken_is_dead_after_many_attempts_and_keeps_nobody_up(
    warehouse: Warehouse,
) -> None:
    api = _Picky({HASHES[0]})
    for number in range(1, 5):
        batch = f"2026-11-01T02:{number:02}:00Z"
        _batch(warehouse, 0, number, batch=batch)
        _post(warehouse, api, batch)
    assert api.asked[HASHES[0]] == MOST_ATTEMPTS // 10
    assert _ledger(warehouse, "state, attempts, detail") == {("posted", 10, None): 4, ("dead", 30, "No."): 1}


def test_what_failed_is_tried_once_in_a_run_and_the_others_all_the_same(duckdb_warehouse: Warehouse) -> None:
    _batch(duckdb_warehouse, *range(100))
    api = _Picky(set(sorted(HASHES)[:3]))
    assert _post(duckdb_warehouse, api).receipts == {"posted": 97, "pending": 3}
    assert set(api.asked.values()) == {1}


def test_when_the_time_is_over_the_rest_waits_for_the_next_batch(duckdb_warehouse: Warehouse) -> None:
    _batch(duckdb_warehouse, *range(100))
    api = _Picky(set())
    assert _post(duckdb_warehouse, api, budget_s=-1).receipts["posted"] == 1
    assert _states(duckdb_warehouse) == {"posted": 1, "pending": 99}
    _batch(duckdb_warehouse, 1, batch=LATER)
    assert _post(duckdb_warehouse, api, LATER).receipts["posted"] == 99
    assert set(api.asked.values()) == {1}


@dataclass
class _Meanwhile(_Picky):
    """Another run posts everything while this one is at its first document."""

    warehouse: Warehouse | None = None

    def post(self, documents: Sequence[Document]) -> Generator[Receipt, None, None]:
        if self.warehouse is not None:
            other, self.warehouse = self.warehouse, None
            _post(other, self)
        yield from super().post(documents)


def test_two_runs_at_the_same_time_settle_each_document_once(warehouse: Warehouse) -> None:
    _batch(warehouse, *range(30))
    assert _post(warehouse, _Meanwhile(set(), warehouse=warehouse)).receipts["posted"] == 30
    assert _ledger(warehouse, "content_hash, state") == {(name, "posted"): 1 for name in HASHES[:30]}


def test_when_a_receipt_cannot_be_kept_nothing_is_posted_behind_the_error(
    duckdb_warehouse: Warehouse,
) -> None:
    _batch(duckdb_warehouse, *range(100))
    commits: list[str] = []

    def reached(boundary: str) -> None:
        commits.extend([boundary] * (boundary == "committed"))
        if len(commits) == 2 and boundary == "staged":
            raise OSError("disk full")

    with receiver() as it:
        duckdb_warehouse.reached = reached
        with pytest.raises(OSError, match="disk full"):
            _post(duckdb_warehouse, _to(it))
        asked = sum(it.asked.values())
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("listing-api")]
    assert sum(it.asked.values()) == asked
    assert _states(duckdb_warehouse) == {"posted": 20, "pending": 80}


@pytest.mark.parametrize("killer", [Killer("reconciled"), Killer("committed"), *(Killer(boundary, 2) for boundary in COMMIT if boundary not in ("begun", "advanced", "deleted")), Killer("staged", 3)], ids=str)  # fmt: skip
def test_a_kill_at_any_boundary_posts_no_more_again_than_a_commit_has(killer: Killer, tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path / "warehouse.duckdb")
    _batch(place.warehouse(), *range(50))
    with receiver() as it:
        (tmp_path / "api").write_text(it.url)
        killing.die("post", place, killer)
        killing.run("post", place)
    assert _ledger(place.warehouse(), "content_hash, state") == {(name, "posted"): 1 for name in HASHES[:50]}
    assert set(it.taken) == set(HASHES[:50])
    again = [name for name, times in it.asked.items() if times > 1]
    # Twenty that were told and not yet kept, and what was under way behind them.
    assert len(again) <= 50 - 20 * (killer.times - (2 if killer.boundary != "committed" else 1))
    assert set(it.asked.values()) <= {1, 2}


def test_pages_and_commits_are_large_enough_to_cost_nothing() -> None:
    assert module.PAGE >= module.SETTLED >= 1_000
