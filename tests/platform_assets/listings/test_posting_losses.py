"""Where the original loses and doubles documents on their way to the API, and what stands here instead.

The API is the real service; what comes before posting is tested beside.
"""

import hashlib
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from platform_assets.listings.batch import JSON
from platform_assets.listings.posting import TABLE, Posting
from resources.listing_api import HttpListingApi, Limits
from resources.listing_store import SqliteListingStore
from resources.warehouse import Warehouse
from tests.http_services import listing_service
from tests.models import put
from tests.receivers import SLOW_S
from tests.troubled_way import TROUBLES, Way, troubled

TICKS = ("2026-11-01T02:00:00Z", "2026-11-01T02:01:00Z", "2026-11-01T02:02:00Z")
LIMITS = Limits(at_once=4, timeout_s=SLOW_S * 0.85, patience_s=3, attempts=3, outage_s=0.2, probe_s=0.05)
DOCUMENTS = [f'{{"mod":"-rw-r--r--","file":"/srv/file {number}"}}' for number in range(60)]
HASHES = [hashlib.sha256(document.encode()).hexdigest() for document in DOCUMENTS]


@pytest.fixture
def api_url(tmp_path: Path) -> Iterator[str]:
    with listing_service(tmp_path) as running:
        yield running.url


def _stored(tmp_path: Path) -> list[str]:
    with SqliteListingStore(tmp_path / "listings.sqlite") as store:
        return sorted(kept.document for kept in store.documents(limit=10_000))


def _listed(warehouse: Warehouse, tick: str) -> None:
    rows: list[dict[str, object]] = [
        {"batch_id": tick, "source": "file:///srv", "line": line, "content_hash": name, "document": document}
        for line, (name, document) in enumerate(zip(HASHES, DOCUMENTS, strict=True), 1)
    ]
    put(warehouse, {JSON: rows})


def _tick(warehouse: Warehouse, tick: str, url: str) -> None:
    _listed(warehouse, tick)
    posting = Posting(warehouse, settled=25)
    posting.enter(tick)
    posting.post(HttpListingApi(url, limits=LIMITS), 30)


def _states(warehouse: Warehouse) -> dict[str, str]:
    with warehouse.session() as session:
        rows = session.rows(f"SELECT content_hash, state FROM {TABLE}")
    assert len(rows) == len({row["content_hash"] for row in rows})
    return {str(row["content_hash"]): str(row["state"]) for row in rows}


def _original(folder: Path, url: str) -> None:
    """One turn of json-to-api: the file is copied and removed, each line is posted, no result is looked at."""
    source = folder / "listing.json"
    lines = source.read_text().splitlines()
    source.unlink()
    for line in lines:
        with suppress(URLError, ConnectionError), urlopen(url, line.encode(), timeout=SLOW_S / 2) as answer:
            answer.read()


def test_what_the_api_does_not_take_at_once_the_original_loses_and_here_it_waits(
    tmp_path: Path, api_url: str, duckdb_warehouse: Warehouse
) -> None:
    (tmp_path / "listing.json").write_text("\n".join(DOCUMENTS))
    with troubled(api_url, "503") as way:
        _original(tmp_path, way.url)
        _tick(duckdb_warehouse, TICKS[0], way.url)
    assert _stored(tmp_path) == []
    # The original has nothing left that it could post when the API is back.
    assert not (tmp_path / "listing.json").exists()
    assert set(_states(duckdb_warehouse).values()) == {"pending"}
    with troubled(api_url, "pass") as way:
        posting = Posting(duckdb_warehouse)
        posting.enter(TICKS[1])
        posting.post(HttpListingApi(way.url, limits=LIMITS), 30)
    assert _stored(tmp_path) == sorted(DOCUMENTS)
    assert set(_states(duckdb_warehouse).values()) == {"posted"}


def test_the_same_file_is_posted_by_the_original_each_minute_and_here_once(
    tmp_path: Path, api_url: str, duckdb_warehouse: Warehouse
) -> None:
    with troubled(api_url, "pass") as way:
        for _ in TICKS:
            (tmp_path / "listing.json").write_text("\n".join(DOCUMENTS))
            _original(tmp_path, way.url)
        assert way.delivered == 3 * len(DOCUMENTS)
    with troubled(api_url, "pass") as way:
        for tick in TICKS:
            _tick(duckdb_warehouse, tick, way.url)
        assert way.delivered == len(DOCUMENTS)
    # Our API knows what the original posted to it, however often it did.
    assert set(_states(duckdb_warehouse).values()) == {"known"}
    assert _stored(tmp_path) == sorted(DOCUMENTS)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_on_the_way_each_document_is_stored_once_and_each_receipt_is_right(
    tmp_path: Path, api_url: str, duckdb_warehouse: Warehouse, seed: int
) -> None:
    chance = random.Random(seed)
    moods = [chance.choice(TROUBLES) if chance.random() < 0.5 else "pass" for _ in range(80)]
    with troubled(api_url, *moods, "pass") as way:
        for tick in TICKS:
            _tick(duckdb_warehouse, tick, way.url)
        assert way.delivered > len(DOCUMENTS)
    assert _stored(tmp_path) == sorted(DOCUMENTS)
    assert _states(duckdb_warehouse) == {name: _state(way, name) for name in HASHES}


def _state(way: Way, name: str) -> str:
    """As the answer said that arrived: what was lost on the way back was stored by a delivery before it."""
    return {"new": "posted", "known": "known"}[way.answers[name]]
