"""One contract for every listing store: a SQLite file, and MongoDB through SecantusDB."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from resources.listing_store import ListingStore, MongoListingStore, SqliteListingStore, Stored
from resources.unavailable import Unavailable

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NASTY = '{"file":"/x/a b,c \\"\\u0000\\n naïve \U0001f3e0 $a.b"}'


@pytest.fixture(params=["sqlite", "mongodb"])
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], ListingStore]:
    """Makes stores of each kind, all over the same documents, as several processes would."""
    if request.param == "sqlite":
        return lambda: SqliteListingStore(tmp_path / "home" / "l.sqlite")
    url: str = request.getfixturevalue("mongo")
    return lambda: MongoListingStore(url)


@pytest.fixture
def store(another: Callable[[], ListingStore]) -> Iterator[ListingStore]:
    """A store, closed at the end."""
    with another() as store:
        yield store


def stored(document: str, at: datetime = NOON) -> Stored:
    return Stored(hashlib.sha256(document.encode()).hexdigest(), document, at)


def numbered(count: int) -> list[Stored]:
    return [stored(f'{{"file":"/{number}"}}') for number in range(count)]


def test_an_empty_store_has_no_documents(store: ListingStore) -> None:
    assert (store.add([]), store.count(), store.documents()) == ([], 0, [])


def test_documents_are_read_by_content_hash_as_they_were_added(store: ListingStore) -> None:
    sent = [stored(NASTY), *numbered(2)]
    assert store.add(sent) == [True] * 3
    first, second, third = sorted(sent)
    assert store.documents() == [first, second, third]
    assert store.documents(first.content_hash, 1) == [second]
    assert store.documents(third.content_hash) == []


def test_which_were_new_is_told_of_each_also_of_equal_ones_in_one_call(store: ListingStore) -> None:
    a, b, c = numbered(3)
    assert store.add([a, b, a]) == [True, True, False]
    assert store.add([c, b, a, c]) == [True, False, False, False]
    assert store.count() == 3


def test_a_document_that_arrives_again_keeps_the_time_of_its_first_arrival(store: ListingStore) -> None:
    later = NOON + timedelta(minutes=1)
    store.add([stored(NASTY)])
    assert store.add([stored(NASTY, later)]) == [False]
    assert [found.at for found in store.documents()] == [NOON]


def test_times_are_kept_in_utc_to_the_second(store: ListingStore) -> None:
    brussels = timezone(timedelta(hours=1))
    store.add([stored(NASTY, datetime(2026, 11, 21, 13, 0, 0, 999_999, tzinfo=brussels))])
    assert [found.at for found in store.documents()] == [NOON]


def test_many_documents_are_added_in_bulk_and_read_in_pages(store: ListingStore) -> None:
    sent = numbered(3_000)
    assert store.add([*sent[:1_000], *sent]) == [True] * 1_000 + [False] * 1_000 + [True] * 2_000
    first = store.documents(limit=1_700)
    assert {*first, *store.documents(first[-1].content_hash, 1_700)} == set(sent)
    assert store.count() == 3_000


def test_of_writers_at_one_time_exactly_one_is_told_that_a_document_is_new(
    another: Callable[[], ListingStore],
) -> None:
    sent = numbered(120)
    with another() as store, another() as other:

        def add(number: int) -> list[bool]:
            # Four threads send the same documents, to two stores.
            return (store, other)[number % 2].add(sent[number // 4 * 10 :][:10])

        with ThreadPoolExecutor(8) as threads:
            assert sum(sum(told) for told in threads.map(add, range(48))) == 120
        assert store.documents() == sorted(sent)


def test_a_closed_store_may_be_closed_and_used_again(another: Callable[[], ListingStore]) -> None:
    store = another()
    store.check()
    store.close()
    store.close()
    assert store.add(numbered(1)) == [True]
    store.close()


def test_a_store_that_cannot_be_used_is_told_without_a_secret(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="listing store .*l.sqlite cannot be used"):
        SqliteListingStore(tmp_path / "file" / "l.sqlite").check()
    with (
        MongoListingStore("mongodb://shop:hunter2@127.0.0.1:9/lists", timeout_s=0.2) as away,
        pytest.raises(Unavailable, match=r"MONGO_URL \(127.0.0.1:9\)") as raised,
    ):
        away.add(numbered(1))
    assert "hunter2" not in str(raised.value) + away.uri()
