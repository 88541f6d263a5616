"""One contract for every promotion store: a SQLite file, and MongoDB through SecantusDB."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resources.promotion_store import (
    MAX_USER_ID,
    MongoPromotionStore,
    Normalized,
    Page,
    Place,
    Promotion,
    PromotionStore,
    SqlitePromotionStore,
    Use,
)
from tests.documents import insert_by_hand

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LATER = NOON + timedelta(days=28)
# SecantusDB plans two conditions on different fields as a scan, and an order of several fields as a sort.
NOT_PLANNED = {"unused_for", "unused_for_after", "withdraw"}


@pytest.fixture(params=["sqlite", "mongodb"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of a MongoDB database, empty for SQLite."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("mongo"))


@pytest.fixture
def another(url: str, tmp_path: Path) -> Callable[[], PromotionStore]:
    """Makes stores of each kind, all over the same promotions, as several processes would."""
    return lambda: MongoPromotionStore(url) if url else SqlitePromotionStore(tmp_path / "home" / "p.sqlite")


@pytest.fixture
def store(another: Callable[[], PromotionStore]) -> Iterator[PromotionStore]:
    """A store, closed at the end."""
    with another() as store:
        yield store


@pytest.fixture
def by_hand(store: PromotionStore, url: str) -> Callable[..., None]:
    """Inserts documents past the store."""
    return lambda *documents: insert_by_hand(store, url, *documents)


def promotion(id_: str, user_id: int = 15, promotion_id: str = "9", **rest: Any) -> Promotion:
    return Promotion(id_, "NVW71", user_id, promotion_id, rest.pop("used", False), NOON)._replace(**rest)


def document(
    user_id: object = 15, promotion_id: object = 9, used: object = "false", **rest: object
) -> dict[str, Any]:
    return {"requestId": "NVW71", "userId": user_id, "promotionId": promotion_id, "used": used, **rest}


def ids(page: Page) -> list[str]:
    return [found.id for found in page.promotions]


def test_an_empty_store_has_nothing_of_anything(store: PromotionStore) -> None:
    assert store.unused_for([15], NOON) == Page([], None)
    assert store.use(15, "9", "R", NOON) == Use("not_found", None)
    assert (store.count(), store.count("c"), list(store.used())) == (0, 0, [])
    assert (store.add([]), store.withdraw([], []), store.withdraw_campaign("c")) == (0, 0, 0)
    assert store.normalize() == Normalized(0, 0, [])


def test_what_was_added_is_found_as_it_was(store: PromotionStore) -> None:
    full = promotion("a", campaign_id="spring", used_at=NOON, used_request_id="R", used=True, starts_at=NOON)
    bare, timed = promotion("b", inserted_at=None), promotion("c", starts_at=NOON, ends_at=LATER)
    assert store.add(iter([full, bare, timed])) == 3
    assert store.unused_for([15], NOON).promotions == [bare, timed]
    assert list(store.used()) == [full]


def test_times_are_kept_in_utc_to_the_second(store: PromotionStore) -> None:
    brussels = datetime(2026, 11, 1, 13, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
    store.add([promotion("a", inserted_at=brussels)])
    (found,) = store.unused_for([15], NOON).promotions
    assert found.inserted_at == NOON
    assert found.inserted_at.tzinfo is UTC


def test_promotions_come_by_shopper_and_then_by_id_and_used_ones_do_not(store: PromotionStore) -> None:
    store.add([promotion(f"p{n}", user_id=n % 3, used=n == 4) for n in range(9)])
    assert ids(store.unused_for([2, 1, 0, 1, 77], NOON)) == ["p0", "p3", "p6", "p1", "p7", "p2", "p5", "p8"]
    assert ids(store.unused_for([1], NOON)) == ["p1", "p7"]
    assert ids(store.unused_for([], NOON)) == []


def test_pages_go_on_where_the_last_one_ended(store: PromotionStore) -> None:
    store.add([promotion(f"p{n}", user_id=n // 3) for n in range(9)])
    page = store.unused_for([0, 1, 2], NOON, limit=4)
    assert (ids(page), page.next, page.has_more) == (["p0", "p1", "p2", "p3"], Place(1, "p3"), True)
    assert ids(store.unused_for([0, 1, 2], NOON, page.next, limit=4)) == ["p4", "p5", "p6", "p7"]
    assert store.unused_for([0, 1, 2], NOON, Place(1, "p4"), limit=4) == store.unused_for(
        [1, 2], NOON, Place(1, "p4")
    )
    # Any place will do, also one of a shopper who was not asked for.
    assert ids(store.unused_for([0, 2], NOON, Place(1, "x"))) == ["p6", "p7", "p8"]
    assert ids(store.unused_for([2], NOON, Place(2, "bson:{"))) == ["p6", "p7", "p8"]
    assert store.unused_for([2], NOON, Place(3, "")) == Page([], None)


@pytest.mark.parametrize(
    "id_",
    ["99999999999999999999", '{"$numberLong": "99999999999999999999"}', r'"\ud800"', r'{"a\u0000": 1}', "\0"],
)
def test_a_place_whose_id_no_store_could_hold_is_a_place_too(store: PromotionStore, id_: str) -> None:
    store.add([promotion("a", user_id=15), promotion("c", user_id=15)])
    assert ids(store.unused_for([15], NOON, Place(15, f"bson:{id_}"))) == ["c"]


def test_a_page_that_is_just_full_is_the_last(store: PromotionStore) -> None:
    store.add([promotion(f"p{n}") for n in range(4)])
    assert store.unused_for([15], NOON, limit=4).next is None


def test_adding_again_adds_nothing_and_changes_nothing(store: PromotionStore) -> None:
    assert store.add([promotion("a"), promotion("b")]) == 2
    store.use(15, "9", "R", NOON)
    assert store.add([promotion("a"), promotion("b"), promotion("c"), promotion("c")]) == 1
    assert ids(store.unused_for([15], NOON)) == ["b", "c"]


def test_many_are_added_in_bulk(store: PromotionStore, url: str) -> None:
    # More than go into one request or transaction.
    many = 2_100 if url else 10_100
    assert store.add(promotion(f"p{n}", user_id=n, campaign_id="c") for n in range(many)) == many
    assert store.add(promotion(f"p{n}", user_id=n) for n in range(many - 10, many + 10)) == 10
    assert (store.count(), store.count("c")) == (many + 10, many)
    assert store.withdraw_campaign("c") == many


def test_the_largest_shopper_is_a_shopper(store: PromotionStore) -> None:
    store.add([promotion("a", user_id=MAX_USER_ID), promotion("b", user_id=0)])
    assert [found.user_id for found in store.unused_for([MAX_USER_ID, 0], NOON).promotions] == [
        0,
        MAX_USER_ID,
    ]
    assert store.normalize() == Normalized(2, 0, [])


def test_unused_promotions_are_withdrawn_and_used_ones_stay(store: PromotionStore) -> None:
    store.add([promotion(f"p{n}", user_id=n % 2, promotion_id=str(n % 4), campaign_id="c") for n in range(8)])
    store.use(1, "1", "R", NOON)
    assert store.withdraw([1], ["1", "2"]) == 1
    assert store.withdraw([1], ["1"]) == 0
    assert store.withdraw_campaign("other") == 0
    assert store.withdraw_campaign("c") == 6
    assert [found.id for found in store.used()] == ["p1"]


def test_a_use_takes_the_first_by_id_and_tells_when_and_by_whom(store: PromotionStore) -> None:
    store.add([promotion("b"), promotion("a"), promotion("c", promotion_id="10")])
    outcome, used = store.use(15, "9", "R", NOON)
    assert (outcome, used) == ("used", promotion("a", used=True, used_at=NOON, used_request_id="R"))
    assert list(store.used()) == [used]
    assert ids(store.unused_for([15], NOON)) == ["b", "c"]


def test_the_same_request_is_the_same_use(store: PromotionStore) -> None:
    store.add([promotion("a"), promotion("b"), promotion("c", promotion_id="10")])
    first = store.use(15, "9", "R", NOON)
    assert store.use(15, "9", "R", NOON + timedelta(days=1)) == first
    assert store.use(15, "10", "R", NOON).outcome == "used"
    assert store.use(15, "9", "S", NOON).outcome == "used"
    assert store.use(15, "9", "T", NOON).outcome == "already_used"
    assert store.use(15, "9", "R", NOON) == first
    assert store.use(16, "9", "R", NOON) == Use("not_found", None)


@pytest.mark.parametrize("promotions", [1, 2])
def test_of_two_uses_at_one_time_one_wins(another: Callable[[], PromotionStore], promotions: int) -> None:
    with another() as store, another() as other:
        store.add([promotion(f"p{n}") for n in range(promotions)])
        ready = threading.Barrier(8)

        def use(number: int) -> Use:
            ready.wait(30)
            # Two threads send the same request.
            return (store, other)[number % 2].use(15, "9", f"R{number // 2}", NOON)

        with ThreadPoolExecutor(8) as shoppers:
            uses = list(shoppers.map(use, range(8)))
        found = list(store.used())
    winners = {used.promotion.used_request_id for used in uses if used.outcome == "used" and used.promotion}
    assert len(found) == len(winners) == promotions
    assert {used.used_request_id for used in found} == winners
    assert {used.outcome for used in uses} == {"used", "already_used"}


@pytest.mark.parametrize("used", ["false", "False", "FALSE", False])
@pytest.mark.parametrize("user_id", [15, 15.0])
def test_documents_inserted_by_hand_are_served_from_the_first_request(
    store: PromotionStore, by_hand: Callable[..., None], used: object, user_id: object
) -> None:
    by_hand(document(user_id, 9, used), document(16, "10", "true"), document(17, 1.0, "true"))
    (found,) = store.unused_for([15, 16], NOON).promotions
    assert found == Promotion(found.id, "NVW71", 15, "9", False, None)
    assert type(found.user_id) is int
    assert len(list(store.used())) == 2
    assert store.use(17, "1", "R", NOON).outcome == "already_used"
    outcome, now = store.use(15, "9", "R", NOON)
    assert (outcome, now and now.promotion_id) == ("used", "9")
    assert store.unused_for([15], NOON).promotions == []
    assert store.use(15, "9", "R", NOON).outcome == "used"


def test_a_pass_puts_right_what_was_inserted_by_hand_and_a_second_finds_nothing(
    store: PromotionStore, by_hand: Callable[..., None]
) -> None:
    local = {"sys_insertDateTime": "2026-07-01 14:00:00"}
    by_hand(
        document(_id="a"), document(15.0, "9", False, _id="b"), document("15", "9", "True", _id="c", **local)
    )
    store.add([promotion("d")])
    assert store.normalize() == Normalized(4, 3, [])
    assert store.normalize() == Normalized(4, 0, [])
    assert ids(store.unused_for([15], NOON)) == ["a", "b", "d"]
    (used,) = store.used()
    assert used.inserted_at == datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("userId", -1, "bad_user_id"),
        ("userId", 1.5, "bad_user_id"),
        ("userId", "015", "bad_user_id"),
        ("userId", MAX_USER_ID + 1, "bad_user_id"),
        ("promotionId", None, "bad_promotion_id"),
        ("promotionId", "", "bad_promotion_id"),
        ("promotionId", 1.5, "bad_promotion_id"),
        ("used", "no", "bad_used"),
        ("used", None, "bad_used"),
        ("requestId", None, "bad_request_id"),
        ("requestId", 0.5, "bad_request_id"),
        ("sys_insertDateTime", "yesterday", "bad_time"),
        ("sys_insertDateTime", "2026-11-01", "bad_time"),
        ("sys_insertDateTime", 7, "bad_time"),
        ("startsAt", "tomorrow", "bad_time"),
        ("endsAt", "tomorrow", "bad_time"),
        ("endsAt", 7, "bad_time"),
    ],
)
def test_what_cannot_be_read_is_left_out_and_told_with_its_reason(
    store: PromotionStore, by_hand: Callable[..., None], field: str, value: object, reason: str
) -> None:
    by_hand({**document(_id="x"), field: value})
    store.add([promotion("y")])
    assert ids(store.unused_for([15], NOON)) == ["y"]
    assert list(store.used()) == []
    seen, corrected, (told,) = store.normalize()
    assert (seen, corrected, told.id, told.reason) == (2, 0, "x", reason)
    assert field in told.detail
    assert '"NVW71"' in told.raw or field == "requestId"
    # By its promotion id it is no other one either.
    assert store.use(15, "9", "R", NOON).promotion == promotion(
        "y", used=True, used_at=NOON, used_request_id="R"
    )


def test_a_page_of_unreadable_ones_is_not_the_last(
    store: PromotionStore, by_hand: Callable[..., None]
) -> None:
    by_hand(document(promotion_id="", _id="a"), document(promotion_id="", _id="b"))
    store.add([promotion("c")])
    page = store.unused_for([15], NOON, limit=2)
    assert (page.promotions, page.has_more) == ([], True)
    assert ids(store.unused_for([15], NOON, page.next, limit=2)) == ["c"]


def test_a_promotion_is_given_out_from_its_start_on_and_before_its_end(store: PromotionStore) -> None:
    store.add(
        [
            promotion("always"),
            promotion("from", starts_at=NOON),
            promotion("until", ends_at=LATER),
            promotion("within", starts_at=NOON, ends_at=LATER),
        ]
    )
    assert ids(store.unused_for([15], NOON - SECOND)) == ["always", "until"]
    assert ids(store.unused_for([15], NOON)) == ["always", "from", "until", "within"]
    assert ids(store.unused_for([15], LATER - SECOND)) == ["always", "from", "until", "within"]
    assert ids(store.unused_for([15], LATER)) == ["always", "from"]
    assert ids(store.unused_for([15], LATER + timedelta(days=400))) == ["always", "from"]


def test_a_use_outside_the_time_of_a_promotion_is_refused_and_changes_nothing(store: PromotionStore) -> None:
    given = promotion("a", starts_at=NOON, ends_at=LATER)
    store.add([given])
    assert store.use(15, "9", "early", NOON - SECOND) == Use("not_started", given)
    assert store.use(15, "9", "late", LATER) == Use("ended", given)
    assert list(store.used()) == []
    first = store.use(15, "9", "R", NOON)
    assert first.outcome == "used"
    # Its answer was lost; it was used all the same.
    assert store.use(15, "9", "R", LATER) == first
    assert store.use(15, "9", "late", LATER).outcome == "already_used"


def test_a_use_takes_the_one_that_is_valid_and_tells_of_the_one_to_come(store: PromotionStore) -> None:
    store.add(
        [
            promotion("a", ends_at=NOON),
            promotion("b", starts_at=LATER),
            promotion("c", starts_at=NOON, ends_at=LATER),
        ]
    )
    outcome, used = store.use(15, "9", "R", NOON)
    assert (outcome, used and used.id) == ("used", "c")
    outcome, coming = store.use(15, "9", "S", NOON)
    assert (outcome, coming and coming.id) == ("not_started", "b")


def test_pages_of_promotions_that_begin_and_end_hold_each_valid_one_once(store: PromotionStore) -> None:
    times: list[dict[str, Any]] = [
        {},
        {"starts_at": LATER},
        {"ends_at": NOON},
        {"ends_at": NOON - timedelta(days=99)},
    ]
    store.add(promotion(f"p{n:02}", user_id=n // 10, **times[n % 4]) for n in range(30))
    page = store.unused_for([0, 1, 2], NOON, limit=3)
    found = ids(page)
    while page.next:
        page = store.unused_for([0, 1, 2], NOON, page.next, limit=3)
        found += ids(page)
    assert found == ids(store.unused_for([0, 1, 2], NOON)) == [f"p{n:02}" for n in range(0, 30, 4)]


def test_what_ended_long_ago_takes_no_room_in_a_page(store: PromotionStore) -> None:
    store.add(promotion(f"p{n}", ends_at=NOON - timedelta(days=3)) for n in range(9))
    store.add([promotion("q"), promotion("r")])
    page = store.unused_for([15], NOON, limit=1)
    assert (ids(page), page.next) == (["q"], Place(15, "q"))
    assert ids(store.unused_for([15], NOON, Place(15, "p1"), limit=2)) == ["q", "r"]


@pytest.mark.parametrize(
    ("written", "is_valid"),
    [
        ("2026-11-01T12:00:01Z", True),
        ("2026-11-01T12:00:00Z", False),
        ("2026-11-01T13:00:01+01:00", True),
        ("2026-11-01T13:00:00+01:00", False),
        # Brussels, as the original writes times.
        ("2026-11-01 13:00:01", True),
        ("2026-11-01 13:00:00", False),
        ("2026-10-31T13:00:00-23:00", False),
        ("2026-10-31T13:00:01-23:00", True),
        ("20261101T120001Z", True),
        ("", True),
        (None, True),
    ],
)
def test_a_time_that_was_written_by_hand_counts_as_it_is_meant_before_and_after_it_is_put_right(
    store: PromotionStore, by_hand: Callable[..., None], written: str | None, is_valid: bool
) -> None:
    by_hand(document(_id="a", endsAt=written), document(_id="b", startsAt=written))
    begun = ["b"] * (not is_valid or not written)
    expected = ["a"] * is_valid + begun
    assert ids(store.unused_for([15], NOON)) == expected
    assert store.normalize().corrected == 2
    assert store.normalize() == Normalized(2, 0, [])
    assert ids(store.unused_for([15], NOON)) == expected


def test_a_promotion_that_would_end_before_it_starts_is_told(
    store: PromotionStore, by_hand: Callable[..., None]
) -> None:
    by_hand(document(_id="x", startsAt="2026-11-02T00:00:00Z", endsAt="2026-11-02 01:00:00"))
    (told,) = store.normalize().unreadable
    assert told.reason == "bad_time"
    assert told.detail == (
        "endsAt is 2026-11-02T00:00:00Z; allowed is a time after startsAt, 2026-11-02T00:00:00Z."
    )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_paging_never_skips_and_never_repeats(store: PromotionStore, url: str, data: st.DataObject) -> None:
    texts = st.text("7Aa~\u00e9\U0001f3e0", max_size=4) | st.sampled_from(
        ["0" * 24, "f" * 24, "bson:", 'bson:{"$oid": "000000000000000000000000"}', "7"]
    )
    kinds: list[st.SearchStrategy[Any]] = [texts]
    if url:
        from bson import ObjectId

        kinds += [
            st.sampled_from([ObjectId("0" * 24), ObjectId("f" * 24)]),
            st.binary(min_size=12, max_size=12).map(ObjectId),
            st.integers(-9, 9),
            st.floats(-9, 9),
        ]  # noqa: E501
    drawn = data.draw(st.lists(st.one_of(kinds), max_size=9, unique=True))
    users = data.draw(st.lists(st.integers(0, 2), min_size=len(drawn), max_size=len(drawn)))
    limit = data.draw(st.integers(1, 3))
    store.withdraw([0, 1, 2], ["9"])
    insert_by_hand(
        store, url, *(document(user, _id=id_) for id_, user in zip(drawn, users, strict=True))
    ) if drawn else None
    whole = store.unused_for([0, 1, 2], NOON).promotions
    place, pages = None, []
    while True:
        page = store.unused_for([0, 1, 2], NOON, place, limit)
        pages += page.promotions
        if (place := page.next) is None:
            break
    assert pages == whole
    assert len(whole) == len(drawn)
    assert sorted(found.user_id for found in whole) == [found.user_id for found in whole]


def test_a_campaign_id_is_taken_once(another: Callable[[], PromotionStore]) -> None:
    ready = threading.Barrier(8)
    with another() as store:

        def reserve(number: int) -> str:
            ready.wait(30)
            return store.reserve("spring", f'{{"n":{number}}}', NOON).inputs

        with ThreadPoolExecutor(8) as launchers:
            taken = set(launchers.map(reserve, range(8)))
        assert len(taken) == 1
        found = store.reservation("spring")
        assert found == ("spring", taken.pop(), "reserved", "", NOON)
        assert store.reservation("summer") is None


def test_a_reservation_gives_way_only_to_who_knows_its_inputs(store: PromotionStore) -> None:
    store.reserve("spring", "1", NOON)
    store.launched("spring", "run")
    assert store.reserve("spring", "3", NOON, instead_of="2") == ("spring", "1", "launched", "run", NOON)
    later = NOON + timedelta(hours=1)
    assert store.reserve("spring", "2", later, instead_of="1") == ("spring", "2", "reserved", "", later)
    assert store.reservation("spring") == ("spring", "2", "reserved", "", later)
    assert store.reserve("summer", "1", NOON, instead_of="0").inputs == "1"


def test_a_launched_campaign_names_its_run_and_the_last_word_counts(store: PromotionStore) -> None:
    for number, name in enumerate(("c", "a", "b")):
        store.reserve(name, "{}", NOON + timedelta(hours=number))
    store.launched("a", "first")
    store.launched("a", "second")
    store.launched("unknown", "run")
    assert [found.campaign_id for found in store.reservations("reserved")] == ["c", "b"]
    assert [(found.campaign_id, found.run_id) for found in store.reservations("launched")] == [
        ("a", "second")
    ]
    assert store.reserve("a", "[]", NOON).state == "launched"


def test_no_query_reads_the_whole_store(store: PromotionStore, url: str) -> None:
    store.add([promotion(f"p{n}", user_id=n) for n in range(500)])
    for name, plan in store.plans().items():
        if url:
            assert "IXSCAN" in plan or name in NOT_PLANNED, name
            assert "COLLSCAN" not in plan or name in NOT_PLANNED, name
        else:
            # An index that holds all that is asked for may be counted through.
            assert "SCAN promoAdobe" not in plan.replace("SCAN promoAdobe USING COVERING INDEX", ""), name
            assert "SCAN campaigns" not in plan, name
            assert "TEMP B-TREE" not in plan, name


def test_another_process_finds_what_was_added_and_a_closed_store_may_be_used_again(
    another: Callable[[], PromotionStore],
) -> None:
    with another() as writer, another() as reader:
        writer.add([promotion("a")])
        assert ids(reader.unused_for([15], NOON)) == ["a"]
        reader.check()
        reader.close()
        reader.close()
        assert reader.count() == 1


def test_threads_share_a_store(store: PromotionStore) -> None:
    def work(number: int) -> int:
        store.add([promotion(f"{number}/{n}", user_id=number) for n in range(20)])
        return len(store.unused_for([number], NOON).promotions)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(work, range(24))) == [20] * 24
    assert store.count() == 480
