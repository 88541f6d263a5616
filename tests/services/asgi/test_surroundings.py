"""What surrounds the operations of a service: its document, its page, its counts and its journal."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.asgi import journal
from services.asgi.problem import Problem
from tests.http_services import Running, log_service


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with log_service(tmp_path_factory.mktemp("home")) as running:
        yield running


def test_the_page_shows_each_operation_with_a_line_to_try_and_asks_no_other_host(log: Running) -> None:
    answer = log.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for path in log.get("/openapi.json").json()["paths"]:
        assert f"<code>{path}</code>" in answer.text
    assert f"{log.url}/logging" in answer.text
    assert answer.text.count("http") == answer.text.count(log.url)
    assert log.get("/docs").text == answer.text


def test_unknown_paths_are_one_series_however_many_there_are(log: Running) -> None:
    for number in range(5):
        log.get(f"/secret-{number}")
    text = log.get("/metrics").text
    assert 'request_log_requests_total{method="",route="unknown",status="404"} 5.0' in text
    assert "secret" not in text


def test_a_request_id_that_is_not_sane_is_replaced_and_no_header_is_let_in_by_it(log: Running) -> None:
    answer = log.client.get(f"{log.url}/livez", headers={"X-Request-ID": "a" * 200})
    assert len(answer.headers["x-request-id"]) < 40


def test_a_line_of_the_journal_is_json_with_what_is_about_all_of_them(tmp_path: Path) -> None:
    line = journal.Line({"service": "promotions"})
    record = logging.LogRecord("services", logging.INFO, "", 1, "started", (), None)
    record.fields = {"url": "http://x", "path": tmp_path}
    said = json.loads(line.format(record))
    assert (said["service"], said["event"], said["path"]) == ("promotions", "started", str(tmp_path))
    assert said["time"].endswith("+00:00")


def test_a_problem_tells_only_what_there_is() -> None:
    assert json.loads(bytes(Problem(404, "Nothing.").response().body)) == {
        "title": "Not Found",
        "status": 404,
        "detail": "Nothing.",
    }
