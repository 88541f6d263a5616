"""What is remembered of shoppers: never older than its bound, never what was before an own change, never too much."""

import gc
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.promotion_store import SqlitePromotionStore
from services.promotions.memory import AGES_S, Memory, Shopper
from tests.http_services import Running, filled, promotions_service
from tests.http_services import given as promotions_given
from tests.x_server import until

SPACE = 1_000_000
ASK = {"requestId": "test", "userIds": [15, 12]}


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def recalled(memory: Memory, *user_ids: int) -> dict[int, bytes | None]:
    found = memory.recall(user_ids)
    return {user_id: shopper.promotions if shopper else None for user_id, shopper in found.items()}


def ids(running: Running) -> list[str]:
    return [each["_id"] for each in running.post("/getPromotions", ASK).json()]


def test_an_answer_is_remembered_up_to_its_time_and_no_longer() -> None:
    clock = Clock()
    memory = Memory(5, SPACE, clock)
    memory.learn({1: Shopper(98.0, b"a", 1), 2: Shopper(98.0, b"")})
    assert recalled(memory, 2, 1, 3, 1) == {1: b"a", 2: b"", 3: None}
    clock.now = 103.0
    assert recalled(memory, 1) == {1: b"a"}
    clock.now = 103.1
    assert recalled(memory, 1) == {1: None}
    assert (memory.hits, memory.misses) == (3, 2)
    assert memory.ages[AGES_S.index(2.0)] == 1
    assert memory.ages[AGES_S.index(5.0)] == 1


def test_nothing_is_remembered_when_it_is_turned_off() -> None:
    memory = Memory(0, SPACE, Clock())
    memory.learn({1: Shopper(100.0, b"a", 1)})
    memory.forget([1])
    assert recalled(memory, 1) == {1: None}
    assert len(memory) == 0


def test_an_answer_that_was_asked_for_before_an_own_change_comes_too_late() -> None:
    clock = Clock()
    memory = Memory(5, SPACE, clock)
    memory.learn({1: Shopper(99.0, b"before", 1)})
    memory.forget([1])
    memory.learn({1: Shopper(99.5, b"under way", 1), 2: Shopper(99.5, b"another", 1)})
    assert recalled(memory, 1, 2) == {1: None, 2: b"another"}
    memory.learn({1: Shopper(100.1, b"after", 1)})
    assert recalled(memory, 1) == {1: b"after"}


def test_the_oldest_is_dropped_when_there_is_no_room_and_a_change_is_not_undone_by_it() -> None:
    clock = Clock()
    memory = Memory(1_000, 2_000, clock)
    memory.forget([1])
    for number in range(2, 50):
        clock.now += 1
        memory.learn({number: Shopper(clock.now, b"x" * 100, 1)})
    assert memory.bytes <= 2_000
    assert list(recalled(memory, 48, 49).values()) == [b"x" * 100] * 2
    memory.learn({1: Shopper(99.0, b"before the change", 1)})
    assert recalled(memory, 1) == {1: None}


def test_who_is_asked_for_is_due_before_it_is_too_old_and_the_rest_is_dropped_when_it_is() -> None:
    clock = Clock()
    memory = Memory(10, SPACE, clock)
    memory.learn({1: Shopper(100.0, b"a", 1), 2: Shopper(100.0, b"b", 1)})
    memory.recall([1])
    clock.now = 107.0
    assert memory.due() == []
    clock.now = 109.0
    assert memory.due() == [1]
    assert memory.due() == []
    assert recalled(memory, 2) == {2: b"b"}
    memory.learn({1: Shopper(108.5, b"c", 1)})
    clock.now = 111.0
    memory.due()
    assert len(memory) == 1
    assert recalled(memory, 1) == {1: b"c"}


def test_what_is_remembered_is_nothing_that_the_collector_looks_through() -> None:
    assert not gc.is_tracked(Shopper(100.0, b"a", 1))


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 3)),
        st.tuples(st.just("ask"), st.integers(0, 3)),
        st.tuples(st.just("learn"), st.integers(0, 3)),
        st.tuples(st.just("wait"), st.integers(1, 3)),
        st.tuples(st.just("read"), st.integers(0, 3)),
        st.tuples(st.just("due"), st.just(0)),
    ),
    max_size=60,
)


@given(_STEPS, st.sampled_from([700, SPACE]))
def test_whatever_happens_in_whichever_order_own_changes_are_seen_and_others_within_the_bound(
    steps: list[tuple[str, int]], most_bytes: int
) -> None:
    """A store of versions; `write` is an own change, each `wait` a change by somebody else of everybody."""
    clock = Clock()
    memory = Memory(5, most_bytes, clock)
    versions = dict.fromkeys(range(4), 0)
    own: dict[int, int] = {}
    since = {(user_id, 0): clock.now for user_id in versions}
    under_way: list[tuple[int, Shopper]] = []
    for step, number in steps:
        clock.now += 0.001
        if step == "wait":
            clock.now += number
        if step in ("write", "wait"):
            for user_id in [number] if step == "write" else list(versions):
                versions[user_id] += 1
                since[user_id, versions[user_id]] = clock.now
        if step == "write":
            own[number] = versions[number]
            memory.forget([number])
        elif step == "ask":
            under_way.append((number, Shopper(clock.now, b"%d" % versions[number], 1)))
        elif step == "learn" and under_way:
            memory.learn(dict([under_way.pop(number % len(under_way))]))
        elif step == "due":
            memory.due()
        elif step == "read" and (found := recalled(memory, number)[number]) is not None:
            assert int(found) >= own.get(number, 0)
            newer = since.get((number, int(found) + 1))
            assert newer is None or newer >= clock.now - 5
        assert memory.bytes <= most_bytes


def test_an_own_change_is_in_the_next_answer_however_long_answers_are_remembered(tmp_path: Path) -> None:
    filled(tmp_path, (15, "7"), (15, "8"), (12, "1"))
    with promotions_service(tmp_path, staleness_s=3_600) as promotions:
        assert ids(promotions) == ["c/12/1", "c/15/7", "c/15/8"]
        use = {"requestId": "till", "userId": 15, "promotionId": "7"}
        assert promotions.post("/promotions/use", use).status_code == 200
        assert ids(promotions) == ["c/12/1", "c/15/8"]
        change = {"requestId": "a", "userIds": [12], "promotionIds": ["1"], "action": "withdraw"}
        promotions.post("/setPromotions", change)
        assert ids(promotions) == ["c/15/8"]
        promotions.post("/setPromotions", {**change, "promotionIds": ["9"], "action": "add"})
        assert len(ids(promotions)) == 2


def test_what_another_replica_has_used_is_still_shown_for_a_while_and_cannot_be_used_again(
    tmp_path: Path,
) -> None:
    filled(tmp_path, (15, "7"))
    use = {"requestId": "till-1", "userId": 15, "promotionId": "7"}
    other = tmp_path / "other"
    with (
        promotions_service(tmp_path, staleness_s=2) as one,
        promotions_service(
            other, SqlitePromotionStore(tmp_path / "promotions.sqlite", wait_s=5), staleness_s=3_600
        ) as two,
    ):
        assert ids(one) == ids(two) == ["c/15/7"]
        assert two.post("/promotions/use", use).status_code == 200
        assert ids(two) == []
        assert one.post("/promotions/use", {**use, "requestId": "till-2"}).status_code == 409
        assert ids(one) == []


@pytest.mark.parametrize("is_asked_often", [False, True])
def test_a_change_by_another_process_is_seen_after_the_bound_at_the_latest(
    tmp_path: Path, is_asked_often: bool
) -> None:
    filled(tmp_path, (15, "7"))
    with (
        promotions_service(tmp_path, staleness_s=1) as promotions,
        SqlitePromotionStore(tmp_path / "promotions.sqlite") as store,
    ):
        assert ids(promotions) == ["c/15/7"]
        store.add(promotions_given((12, "1")))
        if is_asked_often:
            until(lambda: ids(promotions) == ["c/12/1", "c/15/7"], "the change to be seen")
        else:
            until(lambda: promotions.metric("promotions_remembered") == 0, "it to be forgotten")
            assert ids(promotions) == ["c/12/1", "c/15/7"]


def test_what_is_asked_often_is_asked_of_the_store_by_hardly_anybody_who_waits(tmp_path: Path) -> None:
    filled(tmp_path, (15, "7"))
    with promotions_service(tmp_path, staleness_s=1) as promotions:
        began = time.monotonic()
        until(
            lambda: ids(promotions) and time.monotonic() - began > 1.5, "the time of the first answer to end"
        )
        assert promotions.metric("promotions_misses_total") < promotions.metric("promotions_hits_total") / 10


def test_metrics_tell_how_old_answers_were_and_what_is_remembered(tmp_path: Path) -> None:
    filled(tmp_path, (15, "7"))
    with promotions_service(tmp_path, staleness_s=60) as promotions:
        ids(promotions)
        ids(promotions)
        told = promotions.get("/metrics").text
        assert promotions.metric("promotions_hits_total") == 2
        assert promotions.metric("promotions_misses_total") == 2
        assert promotions.metric("promotions_remembered") == 2
        assert promotions.metric("promotions_remembered_bytes") > 600
        assert promotions.metric("promotions_age_seconds_count") == 2
        assert 0 < promotions.metric("promotions_age_seconds_sum") < 60
    assert 'promotions_age_seconds_bucket{le="60.0"} 2.0' in told
