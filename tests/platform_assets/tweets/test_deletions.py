"""What is to be forgotten leaves, and stays away however often it arrives."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from platform_assets.tweets import arrival, deletions
from platform_assets.tweets.arrival import Taken, take_in
from platform_assets.tweets.notices import Deletion, deletion_of
from platform_assets.tweets.raw_tweets import CHECKS
from resources.message_log import MessageLog, NewMessage, SqliteMessageLog
from resources.warehouse import Amend, Warehouse

PLACE: dict[str, Any] = {
    "place": {"full_name": "Hartford, CT"},
    "coordinates": {"coordinates": [-72.68, 41.76]},
}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[MessageLog]:
    with closing(SqliteMessageLog(tmp_path / "log.sqlite", partitions=2)) as log:
        yield log


def _tweet(tweet_id: str, author_id: str = "9", **fields: Any) -> bytes:
    user = {"id_str": author_id, "screen_name": "sam"}
    return json.dumps({"id_str": tweet_id, "text": f"text {tweet_id}", "user": user, **fields}).encode()


def _take(log: MessageLog, warehouse: Warehouse, *messages: tuple[bytes | None, Any]) -> list[Taken]:
    """Publish messages, bytes or a document each, and take them in."""
    log.append(
        "tweets",
        [
            NewMessage(key, json.dumps(value).encode() if isinstance(value, dict) else value)
            for key, value in messages
        ],
    )
    return [event for event in take_in("tweets", log, warehouse) if isinstance(event, Taken)]


def _ids(warehouse: Warehouse, table: str = "raw_tweets") -> list[str]:
    with warehouse.session() as session:
        rows = session.rows(f"SELECT tweet_id FROM tweets.{table} ORDER BY tweet_id")
        assert session.rows(CHECKS[0].offenders) == [{"n": 0}]
    return [str(row["tweet_id"]) for row in rows]


@pytest.mark.parametrize(
    ("key", "notice"),
    [
        (b"11", None),
        (None, {"delete": {"status": {"id": 11, "id_str": "11", "user_id": 3}, "timestamp_ms": "1"}}),
        (None, {"status_withheld": {"id": 11, "user_id": 3, "withheld_in_countries": ["DE"]}}),
        (
            None,
            {
                "data": {
                    "delete": {"tweet": {"id": "11", "author_id": "9"}, "event_at": "2026-11-01T00:00:00Z"}
                }
            },
        ),
        (None, {"data": {"tweet_delete": {"tweet": {"id": "11"}}}}),
    ],
    ids=["tombstone", "v1.1", "withheld", "v2", "v2, another name"],
)
def test_a_deleted_tweet_leaves_with_its_rejects_and_never_comes_back(
    log: MessageLog, warehouse: Warehouse, key: bytes | None, notice: Any
) -> None:
    broken = _tweet("11", created_at="yesterday")
    _take(log, warehouse, (b"11", _tweet("11")), (b"12", _tweet("12")), (b"11", broken), (None, broken))
    assert (_ids(warehouse), _ids(warehouse, "rejected_tweets")) == (["11", "12"], ["11", "11"])
    assert sum(taken.deleted for taken in _take(log, warehouse, (key, notice))) == 1
    again = [(key, value) for key in (b"11", b"a", b"b", b"c") for value in (_tweet("11"), broken, b"{cut")]
    taken = _take(log, warehouse, *again)
    assert sum(each.read for each in taken) == sum(each.loaded + each.rejected for each in taken) == 12
    assert _ids(warehouse) == ["12"]
    with warehouse.session() as session:
        rejects = session.rows("SELECT message_key FROM tweets.rejected_tweets ORDER BY message_key")
        assert [row["message_key"] for row in rejects] == ["a", "b", "c"]
        forgotten = session.rows("SELECT scope, tweet_id, author_id FROM tweets.deleted_tweets")
    assert forgotten == [{"scope": "tweet", "tweet_id": "11", "author_id": None}]


def test_a_notice_may_come_before_its_tweet_and_a_tombstone_means_the_key(
    log: MessageLog, warehouse: Warehouse
) -> None:
    original = json.dumps({"tweet": "no id", "screenName": "sam", "geo": None}).encode()
    _take(log, warehouse, (b"11", None), (b"21", None))
    _take(log, warehouse, (b"21", original), (b"22", _tweet("11")), (b"12", _tweet("12")))
    assert _ids(warehouse) == ["12"]


@pytest.mark.parametrize("notice", ["user_delete", "user_withheld", "user_protect", "user_suspend"])
@pytest.mark.parametrize("version", ["v1.1", "v2"])
def test_all_that_an_account_had_written_leaves_and_it_may_write_anew(
    log: MessageLog, duckdb_warehouse: Warehouse, notice: str, version: str
) -> None:
    about = {notice: {"id": 9}} if version == "v1.1" else {"data": {notice: {"user": {"id": "9"}}}}
    _take(
        log, duckdb_warehouse, (None, _tweet("11")), (None, _tweet("12", "8")), (None, _tweet("13", created_at="never"))
    )  # fmt: skip
    _take(log, duckdb_warehouse, (None, about))
    old = _tweet("14", created_at="Thu Feb 21 14:03:11 +0000 2019")
    new = _tweet("15", created_at="Thu Feb 21 14:03:11 +0000 2999")
    _take(log, duckdb_warehouse, (None, old), (None, new))
    assert _ids(duckdb_warehouse) == ["12", "15"]
    assert _ids(duckdb_warehouse, "rejected_tweets") == []


@pytest.mark.parametrize(
    "notice",
    [
        {"scrub_geo": {"user_id": 9, "user_id_str": "9", "up_to_status_id": 20, "up_to_status_id_str": "20"}},
        {"data": {"scrub_geo": {"user": {"id": "9"}, "up_to_tweet_id": "20"}}},
    ],
    ids=["v1.1", "v2"],
)
def test_a_place_is_forgotten_up_to_a_tweet_and_the_tweet_stays(
    log: MessageLog, warehouse: Warehouse, notice: dict[str, Any]
) -> None:
    _take(
        log, warehouse,
        *((None, _tweet(tweet_id, **PLACE)) for tweet_id in ("3", "20", "21", "100")), (None, _tweet("5", "8", **PLACE)),
    )  # fmt: skip
    _take(log, warehouse, (None, notice))
    _take(log, warehouse, (None, _tweet("19", **PLACE)))
    with warehouse.session() as session:
        rows = session.rows(
            "SELECT tweet_id, COUNT(lon) + COUNT(lat) + COUNT(place_name) + COUNT(place_region) AS places"
            " FROM tweets.raw_tweets GROUP BY tweet_id"
        )
    assert {row["tweet_id"]: row["places"] for row in rows} == {
        "3": 0, "19": 0, "20": 0, "5": 4, "21": 4, "100": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        {"delete": {"favorite": {"id": 1}}},
        {"user_undelete": {"id": 9}},
        {"user_delete": {}},
        {"scrub_geo": {"up_to_status_id": 5}},
        {"data": None},
        {"delete": "11"},
    ],
)
def test_what_names_nothing_to_forget_is_no_deletion(value: dict[str, Any]) -> None:
    assert deletion_of(json.dumps(value).encode()) is None


def test_the_id_is_the_exact_one_where_both_are_told() -> None:
    value = b'{"delete": {"status": {"id": 1098584561515958000, "id_str": "1098584561515958272"}}}'
    assert deletion_of(value) == Deletion("delete", "tweet", "1098584561515958272", None)


def test_a_run_passes_over_the_whole_ledger_once_and_each_batch_over_its_own_notices(
    log: MessageLog, duckdb_warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[list[Amend]] = []
    whole = deletions.forgotten

    def counted() -> list[Amend]:
        passes.append(whole())
        return passes[-1]

    monkeypatch.setattr(deletions, "forgotten", counted)
    monkeypatch.setattr(arrival, "BATCH", 2)
    _take(
        log, duckdb_warehouse, *((None, _tweet(str(number), str(number), **PLACE)) for number in range(1, 10))
    )
    assert passes == [], "nothing to forget, no pass"
    notices: list[tuple[bytes | None, Any]] = [
        (b"1", None),
        (None, {"user_delete": {"id": 2}}),
        (None, {"scrub_geo": {"user_id": 3}}),
        (None, _tweet("30", "3", **PLACE)),
        (None, {"delete": {"status": {"id": 4}}}),
    ]
    copies = [(None, _tweet(str(number), str(number), **PLACE)) for number in (1, 2, 3, 4, 5, 5)]
    taken = _take(log, duckdb_warehouse, *notices, *copies, *copies)
    assert {each.partition for each in taken} == {0, 1}
    assert len(taken) > 4
    assert len(passes) == 1
    assert set(_ids(duckdb_warehouse)) == {"3", "5", "6", "7", "8", "9", "30"}
    with duckdb_warehouse.session() as session:
        placed = session.rows("SELECT DISTINCT author_id FROM tweets.raw_tweets WHERE lon IS NOT NULL")
    assert {row["author_id"] for row in placed} == {"5", "6", "7", "8", "9"}
