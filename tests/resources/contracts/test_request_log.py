"""One contract for every request log: a SQLite file, and MongoDB through SecantusDB."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from resources.request_log import Entry, MongoRequestLog, RequestLog, SqliteRequestLog

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "mongodb"])
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], RequestLog]:
    """Makes logs of each kind, all over the same entries, as several processes would."""
    if request.param == "sqlite":
        return lambda: SqliteRequestLog(tmp_path / "home" / "r.sqlite")
    url: str = request.getfixturevalue("mongo")
    return lambda: MongoRequestLog(url)


@pytest.fixture
def log(another: Callable[[], RequestLog]) -> Iterator[RequestLog]:
    """A log, closed at the end."""
    with another() as log:
        yield log


def entry(delivery_id: str, value: str = "15,12,23") -> Entry:
    return Entry(delivery_id, "test", "/getPromotions", value, NOON)


def test_an_empty_log_has_no_entries(log: RequestLog) -> None:
    assert (log.append([]), log.count(), log.entries()) == (0, 0, [])


def test_entries_are_read_by_delivery_id_as_they_were_appended(log: RequestLog) -> None:
    sent = [entry("b"), entry("a", ""), entry("c", "naïve \U0001f3e0 '\"\n")]
    assert log.append(sent) == 3
    assert log.entries() == [sent[1], sent[0], sent[2]]
    assert log.entries("a", 1) == [sent[0]]
    assert log.entries("c") == []


def test_an_entry_that_arrives_again_is_there_once_as_it_was(log: RequestLog) -> None:
    assert log.append([entry("a"), entry("a", "other"), entry("b")]) == 2
    assert log.append([entry("b", "other"), entry("c")]) == 1
    assert [found.value for found in log.entries()] == ["15,12,23"] * 3


def test_times_are_kept_in_utc_to_the_second(log: RequestLog) -> None:
    brussels = timezone(timedelta(hours=1))
    log.append([entry("a")._replace(at=datetime(2026, 11, 1, 13, 0, 0, 999_999, tzinfo=brussels))])
    assert [found.at for found in log.entries()] == [NOON]


def test_many_entries_are_appended_in_bulk_and_read_in_pages(log: RequestLog) -> None:
    assert log.append([entry(f"{number:05}") for number in range(3_000)]) == 3_000
    first = log.entries(limit=1_700)
    assert len({*first, *log.entries(first[-1].delivery_id, 1_700)}) == log.count() == 3_000


def test_appends_at_one_time_lose_nothing(another: Callable[[], RequestLog]) -> None:
    with another() as log, another() as other:

        def append(number: int) -> int:
            # Two threads deliver the same entries.
            return (log, other)[number % 2].append([entry(f"{number // 2}/{part}") for part in range(10)])

        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(append, range(24))) == 120
        assert log.count() == 120


def test_a_closed_log_may_be_closed_and_used_again(another: Callable[[], RequestLog]) -> None:
    log = another()
    log.check()
    log.close()
    log.close()
    assert log.append([entry("a")]) == 1
    log.close()
