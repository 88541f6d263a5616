"""A document by its content: as jq prints it and as the graph makes it, and never an error of another kind than 400."""

import json
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_assets.listings.documents import documents
from platform_assets.listings.lines import from_records
from platform_assets.listings.parsing import parsed
from services.asgi.problem import Problem
from services.listing_api.messages import stored

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
DOCUMENTS = st.dictionaries(TEXTS, TEXTS, max_size=5).map(lambda given: {**given, "file": "/x"})
PIECES = st.sampled_from(
    [b'{"file":"', b'"', b":", b",", b"{", b"}", b"[", b"]", b"\\u", b"d800", b"\\", b"\xff", b"\0"]
)
ODD = "".join(map(chr, [*range(1, 32), 127, 128, 0x2028, 0xFFFE, 0x1F3E0])) + '"\\/'


@given(DOCUMENTS, st.booleans(), st.sampled_from([None, 1]))
def test_a_document_is_the_same_however_it_is_spelled_and_says_what_was_posted(
    document: dict[str, str], is_ascii: bool, indent: int | None
) -> None:
    spelled = stored(json.dumps(document, ensure_ascii=is_ascii, indent=indent).encode(), NOON)
    assert stored(spelled.document.encode(), NOON) == spelled
    assert list(json.loads(spelled.document).items()) == list(document.items())


@given(st.lists(PIECES, max_size=12).map(b"".join) | st.binary())
def test_bytes_are_a_document_or_a_problem(posted: bytes) -> None:
    try:
        assert json.loads(stored(posted, NOON).document) == json.loads(posted)
    except Problem as problem:
        assert (problem.status, problem.response().status_code) == (400, 400)


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not there: apt install jq")
def test_the_canonical_form_is_what_jq_prints() -> None:
    posted = json.dumps({"file": ODD}).encode()
    printed = subprocess.run(["jq", "-c", "."], input=posted, capture_output=True, check=True).stdout
    assert stored(posted, NOON).document.encode() == printed.rstrip(b"\n")


@settings(deadline=None)
@given(st.lists(st.binary(max_size=12).filter(lambda name: b"\0" not in name), max_size=4))
def test_the_graph_names_documents_by_the_same_hashes(names: list[bytes]) -> None:
    lines = [b"-rw-r--r-- 1 root root 5 Nov 21 10:05 /x/" + name for name in (*names, ODD.encode())]
    made = documents(parsed(from_records(lines, 1, "x", NOON)).rows).to_pylist()
    assert len(made) == len(lines)
    for each in made:
        kept = stored(each["document"].encode(), NOON)
        assert (kept.content_hash, kept.document) == (each["content_hash"], each["document"])
