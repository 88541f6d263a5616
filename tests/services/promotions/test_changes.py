"""`/setPromotions` and `/promotions/use`: promotions are really given, taken and used, and each once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resources.promotion_store import SqlitePromotionStore
from services.asgi.access import new_key
from tests.http_services import both, filled, given, logged, promotions_service
from tests.x_server import until

ASK = {"requestId": "test", "userIds": [15]}
ADD = {"requestId": "adobe-1", "userIds": [15, 12, 15], "promotionIds": ["7", "9"], "action": "add"}


def test_promotions_are_given_once_however_often_the_request_comes_and_taken_back(tmp_path: Path) -> None:
    with promotions_service(tmp_path) as promotions:
        first = promotions.post("/setPromotions", ADD).json()
        assert first == {"action": "add", "promotions": 4, "changed": 4}
        assert promotions.post("/setPromotions", ADD).json()["changed"] == 0
        asked = promotions.post("/getPromotions", {"requestId": "a", "userIds": [12, 15]}).json()
        pairs = sorted((each["userId"], each["promotionId"]) for each in asked)
        assert pairs == [(12, "7"), (12, "9"), (15, "7"), (15, "9")]
        assert {each["requestId"] for each in asked} == {"adobe-1"}
        taken = promotions.post("/setPromotions", {**ADD, "action": "withdraw", "promotionIds": ["7"]}).json()
        assert taken == {"action": "withdraw", "promotions": 2, "changed": 2}
        left = promotions.post("/getPromotions", {"requestId": "a", "userIds": [12, 15]}).json()
        assert [each["promotionId"] for each in left] == ["9", "9"]


def test_what_was_withdrawn_since_is_given_again_by_the_same_request(tmp_path: Path) -> None:
    with promotions_service(tmp_path) as promotions:
        promotions.post("/setPromotions", ADD)
        promotions.post("/setPromotions", {**ADD, "action": "withdraw", "promotionIds": ["7"]})
        assert promotions.post("/setPromotions", ADD).json()["changed"] == 2


@pytest.mark.parametrize("promotion_id", ["", "P\0x", "\x01", "P\n", "P\x7f", "\x9f"])
def test_a_promotion_id_with_a_control_character_is_refused_wherever_it_is_given(
    tmp_path: Path, promotion_id: str
) -> None:
    with promotions_service(tmp_path) as promotions:
        for action in ("add", "withdraw"):
            change = {**ADD, "promotionIds": ["7", promotion_id], "action": action}
            answer = promotions.post("/setPromotions", change)
            assert (answer.status_code, answer.json()["field"]) == (400, "promotionIds[1]")
        use = {"requestId": "till", "userId": 15, "promotionId": promotion_id}
        answer = promotions.post("/promotions/use", use)
        assert (answer.status_code, answer.json()["field"]) == (400, "promotionId")


@pytest.mark.parametrize("promotion_id", ["P 1", "é\u202e\U0001f3e0", "'\"\\%$", "a\u2028b"])
def test_any_other_promotion_id_can_be_given_used_and_withdrawn(tmp_path: Path, promotion_id: str) -> None:
    change = {"requestId": "a\0b", "userIds": [15, 12], "promotionIds": [promotion_id], "action": "add"}
    with promotions_service(tmp_path) as promotions:
        assert promotions.post("/setPromotions", change).json()["changed"] == 2
        use = {"requestId": "till\0", "userId": 15, "promotionId": promotion_id}
        assert promotions.post("/promotions/use", use).json()["promotionId"] == promotion_id
        assert promotions.post("/setPromotions", {**change, "action": "withdraw"}).json()["changed"] == 1


def test_another_request_gives_another_promotion(tmp_path: Path) -> None:
    with promotions_service(tmp_path) as promotions:
        promotions.post("/setPromotions", ADD)
        assert promotions.post("/setPromotions", {**ADD, "requestId": "adobe-2"}).json()["changed"] == 4


def test_a_promotion_is_used_once_the_same_request_again_has_used_it_and_others_are_told(
    tmp_path: Path,
) -> None:
    filled(tmp_path, (15, "7"))
    use = {"requestId": "till-1", "userId": 15, "promotionId": "7"}
    with promotions_service(tmp_path) as promotions:
        first = promotions.post("/promotions/use", use)
        assert (first.status_code, first.json()["used"]) == (200, True)
        assert promotions.post("/promotions/use", use).content == first.content
        second = promotions.post("/promotions/use", {**use, "requestId": "till-2"})
        assert second.status_code == 409
        assert "15" in second.json()["detail"]
        unknown = promotions.post("/promotions/use", {**use, "promotionId": "8"})
        assert unknown.status_code == 404
        assert {answer.headers["content-type"] for answer in (second, unknown)} == {
            "application/problem+json"
        }


def test_a_promotion_is_shown_and_used_in_its_time_and_a_use_before_or_after_is_told_when_that_is(
    tmp_path: Path,
) -> None:
    soon, over, running = (
        promotion._replace(campaign_id=name, starts_at=starts_at, ends_at=ends_at)
        for promotion, name, starts_at, ends_at in zip(
            given((15, "soon"), (15, "over"), (15, "running")),
            ("xmas-1", "autumn-1", "year-1"),
            (datetime(2099, 12, 24, tzinfo=UTC), None, datetime(2001, 1, 1, tzinfo=UTC)),
            (None, datetime(2001, 10, 31, 22, 30, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)),
            strict=True,
        )
    )
    use = {"requestId": "till-1", "userId": 15}
    with SqlitePromotionStore(tmp_path / "promotions.sqlite") as store:
        store.add([soon, over, running])
        with promotions_service(tmp_path, store) as promotions:
            for path in ("/getPromotions", "/getPromotions?limit=1"):
                answer = promotions.post(path, {"requestId": "a", "userIds": [15]})
                assert [each["promotionId"] for each in answer.json()] == ["running"]
            early, late, right = (
                promotions.post("/promotions/use", {**use, "promotionId": name})
                for name in ("soon", "over", "running")
            )
        assert [used.promotion_id for used in store.used()] == ["running"]
    assert (early.status_code, late.status_code, right.status_code) == (409, 409, 200)
    assert early.json()["detail"] == "Shopper 15 can use promotion soon from 2099-12-24 00:00:00 UTC on."
    assert (
        late.json()["detail"]
        == "Shopper 15 could use promotion over until 2001-10-31 22:30:00 UTC; it is over."
    )


def test_of_many_uses_at_once_one_wins(tmp_path: Path) -> None:
    filled(tmp_path, (15, "7"))

    def use(number: int) -> int:
        body = {"requestId": f"till-{number}", "userId": 15, "promotionId": "7"}
        return promotions.post("/promotions/use", body).status_code

    with promotions_service(tmp_path) as promotions, ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(use, range(24))) == [200] + [409] * 23


def test_each_valid_call_of_each_api_is_logged_and_what_is_refused_as_malformed_is_not(
    tmp_path: Path,
) -> None:
    with both(tmp_path) as (promotions, _):
        promotions.post("/setPromotions", ADD)
        promotions.post("/promotions/use", {"requestId": "till", "userId": 15, "promotionId": "none"})
        promotions.post("/setPromotions", {**ADD, "action": "burn"})
        promotions.get("/readyz")
        until(lambda: len(logged(tmp_path)) == 2, "both calls in the log")
    assert [entry[1:4] for entry in logged(tmp_path)] == [
        ("adobe-1", "/setPromotions", "15,12,15 add 7,9"),
        ("till", "/promotions/use", "15 none"),
    ]


def test_the_same_request_again_with_an_idempotency_key_is_answered_again_and_logged_once(
    tmp_path: Path,
) -> None:
    campaign = {
        "campaign_id": "win-back-1",
        "promotion_id": "P100",
        "audience": ["at_risk"],
        "budget_eur": 2000,
        "cost_eur": 2,
    }
    use = {"requestId": "till-1", "userId": 15, "promotionId": "7"}
    requests = [("/setPromotions", ADD), ("/promotions/use", use), ("/getPromotions", ASK)]
    with both(tmp_path) as (promotions, _):
        for _ in range(3):
            for path, body in requests:
                assert promotions.post(path, body, {"Idempotency-Key": "k1"}).status_code == 200
            assert promotions.post("/campaigns", campaign, {"Idempotency-Key": "k1"}).status_code == 202
        until(lambda: promotions.metric("promotions_log_delivered_total") == 12, "all calls delivered")
    apis = sorted(entry.api for entry in logged(tmp_path))
    assert apis == ["/campaigns", "/getPromotions", "/promotions/use", "/setPromotions"]


def test_another_request_or_another_client_with_the_same_idempotency_key_is_logged_too(
    tmp_path: Path,
) -> None:
    made = [new_key(name, 1_000, "read", "read") for name in ("till", "app")]
    (tmp_path / "keys").write_text("\n".join(line for _, line in made))
    with both(tmp_path, keys=tmp_path / "keys") as (promotions, _):
        for body in (ASK, {**ASK, "userIds": [16]}, {**ASK, "requestId": "another"}):
            for key, _ in made:
                headers = {"Idempotency-Key": "k1", "X-API-Key": key}
                assert promotions.post("/getPromotions", body, headers).status_code == 200
        until(lambda: len(logged(tmp_path)) == 6, "six entries in the log")


@pytest.mark.parametrize("key", ["", "a b", "a" * 201])
def test_an_idempotency_key_that_is_none_is_a_problem_and_nothing_is_done(tmp_path: Path, key: str) -> None:
    with both(tmp_path) as (promotions, _):
        answer = promotions.post("/setPromotions", ADD, {"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")
        assert promotions.post("/getPromotions", ASK).json() == []
