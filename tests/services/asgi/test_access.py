"""Keys of clients: who may do what, how often, and that a changed file counts without a restart."""

import os
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from resources.unavailable import Unavailable
from services.asgi.access import Client, Keys, new_key
from services.asgi.problem import Problem
from tests.http_services import log_service, promotions_service

ASK = {"requestId": "test", "userIds": []}
RIGHTS = "read,log,deliver"


def written(path: Path, *lines: str) -> Path:
    path.write_text("# clients\n\n" + "\n".join(lines) + "\n")
    return path


def test_a_service_with_keys_admits_whom_it_knows_to_what_they_may(tmp_path: Path) -> None:
    key, line = new_key("till", 1_000, "read", RIGHTS)
    with promotions_service(tmp_path, keys=written(tmp_path / "keys", line)) as promotions:
        nobody = promotions.post("/getPromotions", ASK)
        assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
        assert promotions.post("/getPromotions", ASK, {"X-API-Key": key + "x"}).status_code == 401
        assert promotions.post("/getPromotions", ASK, {"X-API-Key": key}).status_code == 200
        bearer = {"Authorization": f"Bearer {key}"}
        assert promotions.post("/getPromotions", ASK, bearer).status_code == 200
        forbidden = promotions.post("/setPromotions", {}, bearer)
        assert (forbidden.status_code, forbidden.headers["content-type"]) == (403, "application/problem+json")
        assert {promotions.get(path).status_code for path in ("/livez", "/readyz", "/metrics", "/")} == {200}
        described = promotions.get("/openapi.json").json()
        assert described["paths"]["/getPromotions"]["post"]["security"] == [{"bearer": []}, {"key": []}]


def test_too_many_requests_are_told_when_to_come_again(tmp_path: Path) -> None:
    key, line = new_key("till", 2, "log", RIGHTS)
    entry = {"requestId": "a", "api": "/a", "value": 1}
    with log_service(tmp_path, keys=written(tmp_path / "keys", line)) as log:
        answers = [log.post("/logging", entry, {"X-API-Key": key}) for _ in range(6)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 2 <= len(refused) <= 4
    assert refused[0].headers["retry-after"] == "1"


def test_the_promotions_service_delivers_with_its_own_key(tmp_path: Path) -> None:
    key, line = new_key("promotions", 1_000, "deliver", RIGHTS)
    with log_service(tmp_path, keys=written(tmp_path / "keys", line)) as log:
        with promotions_service(tmp_path, log_url=log.url, log_key=key) as promotions:
            assert promotions.post("/getPromotions", ASK).status_code == 200
        assert log.post("/logging/batch", [], {"X-API-Key": key}).status_code == 200
        assert 'request_log_requests_total{method="POST",route="/logging/batch",status="200"} 2.0' in (
            log.get("/metrics").text
        )


def test_a_bucket_fills_with_time() -> None:
    client = Client("till", 10, frozenset(), 10.0, 100.0)
    assert [client.wait_s(100.0) for _ in range(10)] == [0.0] * 10
    assert client.wait_s(100.0) == pytest.approx(0.1)
    assert client.wait_s(100.11) == 0.0
    assert client.wait_s(100.11) > 0


def test_a_changed_file_counts_soon_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    now = [100.0]
    (first, line), (second, other) = new_key("a", 9, "read", RIGHTS), new_key("b", 9, "read", RIGHTS)
    path = written(tmp_path / "keys", line)
    keys = Keys(path, lambda: now[0])
    assert keys.admit(Headers({"x-api-key": first}), "read") == "a"
    written(path, other)
    os.utime(path, ns=(1, 1))
    now[0] += 6
    assert keys.admit(Headers({"x-api-key": second}), "read") == "b"
    with pytest.raises(Problem):
        keys.admit(Headers({"x-api-key": first}), "read")
    path.write_text("nonsense")
    now[0] += 6
    assert keys.admit(Headers({"x-api-key": second}), "read") == "b"


@pytest.mark.parametrize("text", ["till", "till abc 5 read", "till " + "0" * 64 + " x read", "\xff"])
def test_a_line_that_is_none_is_told_without_the_rest_of_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(Unavailable, match="file of keys"):
        Keys(path)


@pytest.mark.parametrize(
    ("name", "per_second", "rights", "said"),
    [
        ("a b", 5, "read", "NAME is 'a b'; allowed are 1 to 64 letters, digits, '.', '-' and '_'."),
        ("", 5, "read", "NAME is ''; allowed are"),
        ("till\n", 5, "read", "NAME is 'till\\n'; allowed are"),
        ("till", -5, "read", "--per-second is -5; allowed is a number from 1 to 999999."),
        ("till", 0, "read", "--per-second is 0; allowed"),
        ("till", 1_000_000, "read", "--per-second is 1000000; allowed"),
        ("till", 5, "read,foo", "--rights has 'foo'; allowed are read,log,deliver, separated by commas."),
        ("till", 5, "", "--rights has ''; allowed are"),
        ("till", 5, "read, log", "--rights has ' log'; allowed are"),
    ],
)
def test_what_no_key_can_be_given_is_told_by_its_name_and_value(
    name: str, per_second: int, rights: str, said: str
) -> None:
    with pytest.raises(Unavailable) as told:
        new_key(name, per_second, rights, RIGHTS)
    assert said in str(told.value)
