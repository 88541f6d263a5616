"""`/getPromotions`: what it answers, page by page, what it refuses, and that each valid call is logged once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.http_services import Running, both, filled, logged, promotions_service
from tests.x_server import until

ASK = {"requestId": "test", "userIds": [15, 12, 23]}


def ids(answer: httpx.Response) -> list[str]:
    return [each["_id"] for each in answer.json()]


def test_the_answer_is_a_bare_array_of_unused_promotions_with_the_fields_of_the_original_in_order(
    tmp_path: Path,
) -> None:
    filled(tmp_path, (23, "2"), (12, "1"), (99, "9"), (15, "7"), (15, "3"))
    with both(tmp_path) as (promotions, _):
        answer = promotions.post("/getPromotions", ASK)
        assert promotions.post("/GetPromotions", ASK).content == answer.content
        until(lambda: len(logged(tmp_path)) == 2, "both calls in the log")
    assert answer.headers["content-type"] == "application/json"
    assert ids(answer) == ["c/12/1", "c/15/3", "c/15/7", "c/23/2"]
    assert answer.text.startswith(
        '[{"_id":"c/12/1","requestId":"c","userId":12,"promotionId":"1","used":false,'
        '"sys_insertDateTime":"2026-11-01T12:00:00Z"},'
    )
    assert {entry[1:4] for entry in logged(tmp_path)} == {("test", "/getPromotions", "15,12,23")}


def test_no_shoppers_get_no_promotions_and_the_call_is_logged_all_the_same(tmp_path: Path) -> None:
    with both(tmp_path) as (promotions, _):
        answer = promotions.post("/getPromotions", {"requestId": "nobody", "userIds": []})
        until(lambda: logged(tmp_path), "the call in the log")
    assert (answer.status_code, answer.content) == (200, b"[]")
    assert [entry[1:4] for entry in logged(tmp_path)] == [("nobody", "/getPromotions", "")]


def test_pages_follow_each_other_by_their_links_and_hold_each_promotion_once(tmp_path: Path) -> None:
    filled(tmp_path, *((user, f"p/{number}&") for user in (12, 15, 23) for number in range(7)))
    found, sizes = [], []
    with promotions_service(tmp_path) as promotions:
        whole = ids(promotions.post("/getPromotions", ASK))
        path: str | None = "/getPromotions?limit=4"
        while path:
            answer = promotions.post(path, ASK)
            found += ids(answer)
            sizes.append(len(answer.json()))
            path = answer.links["next"]["url"] if answer.links else None
    assert found == whole
    assert sizes == [4, 4, 4, 4, 4, 1]


def test_requests_at_once_are_one_question_and_each_gets_its_own_answer(tmp_path: Path) -> None:
    filled(tmp_path, *((user, str(number)) for user in range(200) for number in range(3)))

    def ask(user: int) -> list[str]:
        body = {"requestId": f"r{user}", "userIds": [user, user + 1, user]}
        return ids(promotions.post("/getPromotions", body))

    with both(tmp_path, staleness_s=0) as (promotions, _):
        with ThreadPoolExecutor(16) as threads:
            answers = list(threads.map(ask, range(100)))
        until(lambda: len(logged(tmp_path)) == 100, "all calls in the log")
        assert promotions.metric("promotions_together_sum") == 100
        assert promotions.metric("promotions_together_count") < 100
    for user, answer in enumerate(answers):
        assert answer == [f"c/{each}/{number}" for each in (user, user + 1) for number in range(3)]
    assert {entry.request_id for entry in logged(tmp_path)} == {f"r{user}" for user in range(100)}


def test_a_promotion_that_was_used_is_gone_from_the_next_answer(tmp_path: Path) -> None:
    filled(tmp_path, (15, "7"), (15, "8"))
    with promotions_service(tmp_path) as promotions:
        assert ids(promotions.post("/getPromotions", ASK)) == ["c/15/7", "c/15/8"]
        promotions.post("/promotions/use", {"requestId": "till", "userId": 15, "promotionId": "7"})
        assert ids(promotions.post("/getPromotions", ASK)) == ["c/15/8"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with promotions_service(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        (b'{"userIds": [1]}', "requestId", "missing"),
        (b'{"requestId": "a"}', "userIds", "missing"),
        (b'{"requestId": 7, "userIds": [1]}', "requestId", "Expected `str`, got `int`"),
        (b'{"requestId": "a", "userIds": ["1"]}', "userIds[0]", "Expected `int`, got `str`"),
        (b'{"requestId": "a", "userIds": [1, -1]}', "userIds[1]", ">= 0"),
        (b'{"requestId": "a", "userIds": [9007199254740992]}', "userIds[0]", "<= 9007199254740991"),
        (b'{"requestId": "a", "userIds": 15}', "userIds", "array"),
        (json.dumps({"requestId": "a", "userIds": [0] * 1_001}).encode(), "userIds", "<= 1000"),
        (b"[1]", "body", "object"),
        (b'{"requestId": "a"', "body", "no JSON"),
        (b"", "body", "no JSON"),
        (b'{"requestId": "\xff", "userIds": []}', "body", "no JSON"),
        (b'{"requestId": "\\ud800", "userIds": []}', "body", "no JSON"),
        (b'{"x": ' + b"[" * 30_000, "body", "nested too deeply"),
    ],
)
def test_bad_input_is_a_problem_that_names_the_field(
    shared: Running, body: bytes, field: str, said: str
) -> None:
    answer = shared.client.post(
        f"{shared.url}/getPromotions", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["field"]) == (400, 400, field)
    assert said in problem["detail"]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "limit=", "after=x", "after=1e3.4"])
def test_a_page_that_cannot_be_is_a_problem(shared: Running, query: str) -> None:
    answer = shared.post(f"/getPromotions?{query}", ASK)
    assert (answer.status_code, answer.json()["field"]) == (400, query.partition("=")[0])


def test_wrong_method_path_media_type_and_size_are_problems_of_their_own(shared: Running) -> None:
    url = shared.url
    assert shared.get("/getPromotions").status_code == 405
    assert shared.get("/getPromotions").headers["allow"] == "POST"
    assert shared.get("/nothing/here").status_code == 404
    text = shared.client.post(f"{url}/getPromotions", content=b"{}", headers={"Content-Type": "text/plain"})
    assert (text.status_code, text.json()["field"]) == (415, "Content-Type")
    large = shared.client.post(f"{url}/getPromotions", json={"requestId": "a" * 70_000, "userIds": []})
    assert large.status_code == 413
    pieces = (b'{"requestId": "' + b"a" * 40_000, b"a" * 40_000)
    streamed = shared.client.post(
        f"{url}/getPromotions", content=iter(pieces), headers={"Content-Type": "application/json"}
    )
    assert streamed.status_code == 413
    assert {shared.get(path).headers["content-type"] for path in ("/getPromotions", "/x")} == {
        "application/problem+json"
    }


def test_a_whole_number_may_be_written_as_a_decimal_one(shared: Running) -> None:
    assert shared.post("/getPromotions", {"requestId": "a", "userIds": [15.0, 12]}).status_code == 200
    answer = shared.post("/getPromotions", {"requestId": "a", "userIds": [15, 1.5]})
    assert (answer.status_code, answer.json()["field"]) == (400, "userIds[1]")


def test_unknown_fields_are_ignored_and_a_sane_request_id_comes_back(shared: Running) -> None:
    answer = shared.post("/getPromotions", {**ASK, "more": {"a": 1}}, {"X-Request-ID": "till-7/abc"})
    assert answer.status_code == 200
    assert answer.headers["x-request-id"] == "till-7/abc"
    made = shared.post("/getPromotions", ASK, {"X-Request-ID": "not sane"}).headers["x-request-id"]
    assert made != "not sane"
    assert len(made) > 8
