"""The listing API over HTTP: documents as the original's curl posts them, many at once, and what is kept of them."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from resources.listing_store import MongoListingStore
from tests.http_services import Running, listing_service

DOCUMENT = {
    "mod": "-rw-r--r--", "no": "1", "user": "root", "group": "root", "usrno": "4096", "date": "Nov 21 10:05",
    "file": '/x/a b,c "naïve"\U0001f3e0\x7f\x01',
}  # fmt: skip
# As `jq -c` prints it.
TEXT = json.dumps(DOCUMENT, ensure_ascii=False, separators=(",", ":")).replace("\x7f", "\\u007f")
HASH = hashlib.sha256(TEXT.encode()).hexdigest()
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service whose store nobody counts."""
    with listing_service(tmp_path_factory.mktemp("home")) as running:
        yield running


def test_a_document_is_taken_as_curl_posts_it_and_the_answer_names_the_container(tmp_path: Path) -> None:
    with listing_service(tmp_path) as api:
        answer = api.client.post(api.url, content=TEXT.encode(), headers=FORM)
        assert (answer.status_code, answer.text) == (200, '{"response":"ok","container":"pod-1"}')
        assert answer.headers["x-document"] == "new"
        (kept,) = api.get("/documents").json()
    assert (kept["contentHash"], kept["document"]) == (HASH, DOCUMENT)


def test_the_originals_answer_is_no_json_and_ours_is(shared: Running) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads("{ response: ok, container: api-7d4b9}")
    answer = shared.post("/", DOCUMENT)
    assert json.loads(answer.text) == {"response": "ok", "container": "pod-1"}


def test_the_same_content_is_one_document_however_it_is_spelled_and_whatever_key_comes_with_it(
    tmp_path: Path,
) -> None:
    spelled = [
        TEXT,
        json.dumps(DOCUMENT),
        json.dumps(DOCUMENT, indent=1, ensure_ascii=False),
        f"\n{TEXT}\r\n",
    ]
    with listing_service(tmp_path) as api:
        states = [
            api.client.post(api.url, content=text.encode(), headers={"Idempotency-Key": str(number)})
            for number, text in enumerate(spelled)
        ]
        assert [each.headers["x-document"] for each in states] == ["new", "known", "known", "known"]
        assert api.get("/documents/count").json() == {"documents": 1}
        assert api.get("/metrics").text.count('listing_api_documents_total{state="known"} 3.0') == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "document"),
        (b"\xff", "document"),
        (b'{"file":"\xed\xb3\xbf"}', "document"),
        (b"\xef\xbb\xbf{}", "document"),
        (b'{"file":"\\udcff"}', "document"),
        (b'{"\\udcff":1,"file":1}', "document"),
        (b'{"file":"a\x00"}', "document"),
        (b'{"file":NaN}', "document"),
        (b'{"file":"a"}{}', "document"),
        (b"[" * 60_000, "document"),
        (b'{"file":' * 7_000, "document"),
        (b"[]", "document"),
        (b'"file"', "document"),
        (b"null", "document"),
        (b"{}", "file"),
        (b'{"File":"a"}', "file"),
        (b'{"file":null}', "file"),
        (b'{"file":["a"]}', "file"),
        (b'{"file":"a","no":1}', "no"),
        (b'{"no":1e999,"file":"a"}', "document"),
        (b'{"file":"a","file":"a"}', "file"),
        (b'{"file":"a","no":"1","no":"2"}', "no"),
        (b'{"file":"a\\u0000"}', "file"),
        (b'{"file":"a","x\\u0000":""}', "x\\0"),
    ],
)
def test_what_is_no_document_is_a_problem_that_names_the_field(
    shared: Running, body: bytes, field: str
) -> None:
    answer = shared.client.post(shared.url, content=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_too_large_or_has_no_place_here_is_refused(shared: Running) -> None:
    assert shared.post("/", {"file": "x" * 66_000}).status_code == 413
    assert shared.get("/documents?limit=1001").json()["field"] == "limit"
    assert shared.get("/documents?after=../x").json()["field"] == "after"
    assert shared.client.post(f"{shared.url}/documents", content=b"[]", headers=FORM).status_code == 415


@pytest.mark.parametrize("is_array", [True, False])
def test_of_many_documents_a_bad_one_is_refused_alone(tmp_path: Path, is_array: bool) -> None:
    texts = [TEXT, '{"file":1}', '{"file":"b"}', json.dumps(DOCUMENT), "7"]
    with listing_service(tmp_path) as api:
        if is_array:
            body, headers = f"[{','.join(texts)}]", {"Content-Type": "application/json"}
        else:
            body, headers = "\n\n".join(texts) + "\r\n", NDJSON
        answer = api.client.post(f"{api.url}/documents", content=body.encode(), headers=headers)
        told = answer.json()
        assert [each["state"] for each in told] == ["new", "refused", "new", "known", "refused"]
        assert [each["contentHash"] for each in told[:4:3]] == [HASH, HASH]
        assert [each.get("detail") for each in told[1::3]] == [
            "file: Expected `str`, got `int`.", "The document is no JSON object.",
        ]  # fmt: skip
        assert api.get("/documents/count").json() == {"documents": 2}


def test_a_document_that_is_too_large_alone_is_too_large_among_others(shared: Running) -> None:
    told = shared.post("/documents", [{"file": "x" * 66_000}, DOCUMENT]).json()
    assert [each["state"] for each in told][0] == "refused"
    assert told[0]["detail"] == "The document is larger than 65,536 bytes."
    assert told[1]["contentHash"] == HASH


def test_a_line_that_is_no_utf8_is_refused_alone_and_no_lines_are_no_documents(shared: Running) -> None:
    url = f"{shared.url}/documents"
    answer = shared.client.post(url, content=b'{"file":"u"}\n{"file":"\xff"}\n{', headers=NDJSON)
    assert [each["state"] for each in answer.json()] == ["new", "refused", "refused"]
    assert shared.client.post(url, content=b"\n", headers=NDJSON).json() == []
    assert shared.client.post(url, content=b"[]", headers={"Content-Type": "application/json"}).json() == []


@pytest.mark.parametrize("body", [b"[{]", b"{}", b"[1,", b"[" * 60_000, b'["\xff]'])
def test_an_array_that_is_none_is_a_problem(shared: Running, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = shared.client.post(f"{shared.url}/documents", content=body, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (400, "body")


def test_more_than_a_thousand_documents_are_refused_and_pages_hold_each_once(tmp_path: Path) -> None:
    sent = [{"file": f"/{number}"} for number in range(1_000)]
    with listing_service(tmp_path) as api:
        assert api.post("/documents", [*sent, *sent]).json()["field"] == "body"
        assert {each["state"] for each in api.post("/documents", sent).json()} == {"new"}
        found, path = [], "/documents?limit=300"
        while path:
            answer = api.get(path)
            found += [each["document"]["file"] for each in answer.json()]
            path = answer.links["next"]["url"] if answer.links else ""
    assert sorted(found) == sorted(each["file"] for each in sent)


def test_keys_are_needed_where_there_is_a_file_of_them(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"poster {hashlib.sha256(b'k').hexdigest()} 1000 post\n")
    with listing_service(tmp_path, keys=tmp_path / "keys") as api:
        assert api.post("/", DOCUMENT).status_code == 401
        assert api.post("/", DOCUMENT, {"X-API-Key": "k"}).status_code == 200
        assert api.client.get(f"{api.url}/documents", headers={"X-API-Key": "k"}).status_code == 403
        assert api.get("/readyz").json() == {"ready": True, "why": []}


def test_a_store_that_is_away_is_503_and_unready_and_nothing_is_told_to_be_kept(tmp_path: Path) -> None:
    away = MongoListingStore("mongodb://shop:hunter2@127.0.0.1:9/lists", timeout_s=0.1)
    with listing_service(tmp_path, away) as api:
        answers = [api.post("/", DOCUMENT), api.post("/documents", [DOCUMENT])]
        ready = api.get("/readyz")
    assert {(answer.status_code, answer.headers["retry-after"]) for answer in answers} == {(503, "5")}
    assert (ready.status_code, ready.json()["why"]) == (503, ["The listing store cannot be used."])
    assert "127.0.0.1" not in "".join(answer.text for answer in [*answers, ready])
