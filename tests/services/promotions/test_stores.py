"""The service on each store: documents inserted by hand, pages of mixed ids, and a store that is away."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from resources.promotion_store import MongoPromotionStore, PromotionStore, SqlitePromotionStore
from tests.documents import insert_by_hand
from tests.http_services import given, promotions_service
from tests.servers import mongo_server

ASK = {"requestId": "test", "userIds": [15, 12, 23]}


@pytest.fixture(params=["sqlite", "mongodb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[PromotionStore, str]]:
    if request.param == "sqlite":
        yield SqlitePromotionStore(tmp_path / "promotions.sqlite"), ""
        return
    with mongo_server() as address:
        url = f"{address.rstrip('/')}/promo"
        yield MongoPromotionStore(url), url


def test_documents_inserted_as_the_originals_readme_does_are_served_right_and_can_be_used(
    tmp_path: Path, store: tuple[PromotionStore, str]
) -> None:
    original = {"requestId": "NVW71", "userId": 15, "promotionId": 1, "used": "false"}
    insert_by_hand(*store, {**original, "_id": "a"}, {**original, "_id": "b", "userId": 12, "used": "true"})
    with promotions_service(tmp_path, store[0]) as promotions:
        answer = promotions.post("/getPromotions", ASK)
        assert answer.json() == [
            {
                "_id": "a",
                "requestId": "NVW71",
                "userId": 15,
                "promotionId": "1",
                "used": False,
                "sys_insertDateTime": None,
            }
        ]
        use = promotions.post("/promotions/use", {"requestId": "till", "userId": 15, "promotionId": "1"})
        assert (use.status_code, use.json()["used"]) == (200, True)
        assert promotions.post("/getPromotions", ASK).json() == []


def test_pages_of_either_store_hold_each_promotion_once(
    tmp_path: Path, store: tuple[PromotionStore, str]
) -> None:
    store[0].add(given(*((user, str(number)) for user in (12, 15, 23) for number in range(5))))
    found: list[str] = []
    path: str | None = "/getPromotions?limit=4"
    with promotions_service(tmp_path, store[0]) as promotions:
        whole = [each["_id"] for each in promotions.post("/getPromotions", ASK).json()]
        while path:
            answer = promotions.post(path, ASK)
            found += [each["_id"] for each in answer.json()]
            path = answer.links["next"]["url"] if answer.links else None
    assert found == whole
    assert len(found) == 15


@pytest.mark.parametrize("id_", ["99999999999999999999", r'"\ud800"', r'{"a\u0000": 1}', "[" * 900, "\0"])
def test_a_place_that_no_link_has_named_is_no_error_of_either_store(
    tmp_path: Path, store: tuple[PromotionStore, str], id_: str
) -> None:
    with promotions_service(tmp_path, store[0]) as promotions:
        answer = promotions.post(f"/getPromotions?{urlencode({'after': f'15.bson:{id_}'})}", ASK)
    assert answer.status_code == 200


def test_a_store_that_is_away_is_503_with_retry_after_and_unready_and_nothing_of_it_is_told(
    tmp_path: Path,
) -> None:
    away = MongoPromotionStore("mongodb://shop:hunter2@127.0.0.1:9/promo", timeout_s=0.2)
    with promotions_service(tmp_path, away) as promotions:
        began = time.monotonic()
        answers = [
            promotions.post("/getPromotions", ASK),
            promotions.post("/promotions/use", {"requestId": "t", "userId": 1, "promotionId": "1"}),
            promotions.post(
                "/setPromotions",
                {"requestId": "t", "userIds": [1], "promotionIds": ["1"], "action": "withdraw"},
            ),
            promotions.get("/campaigns/win-back-1"),
        ]
        ready = promotions.get("/readyz")
        assert promotions.get("/livez").status_code == 200
    assert {(answer.status_code, answer.headers["retry-after"]) for answer in answers} == {(503, "5")}
    assert (ready.status_code, ready.json()["why"]) == (503, ["The promotion store cannot be used."])
    assert "127.0.0.1" not in "".join(answer.text for answer in [*answers, ready])
    assert time.monotonic() - began < 20
