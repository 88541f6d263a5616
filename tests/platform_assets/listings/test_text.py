"""Where lines end, whoever wrote the file."""

import datetime as dt
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_assets.listings import text
from platform_assets.listings.parsing import parsed
from platform_assets.listings.text import split, tables
from resources.files.lines import MAX_LINE_BYTES

NOW = dt.datetime(2026, 11, 21, 10, 5, tzinfo=dt.UTC)


LINE = b"-rw-r--r-- 1 root root 5 Nov 21 10:05 /x/%d"
LINES = [LINE % number for number in range(10)]
FORGED = b"/a\n-rw-r--r-- 1 root root 5 Nov 21 10:05 /b"


def _split(data: bytes) -> list[bytes]:
    return list(split(io.BytesIO(data)))


def _said(data: bytes) -> tuple[list[str], list[tuple[int, str]]]:
    """Names of a text, and its rejects."""
    found = parsed(pa.concat_tables(tables(split(io.BytesIO(data)), "a.txt", NOW)))
    rejects = [(each["line"], each["reason"]) for each in found.rejects.to_pylist()]
    return found.rows.column("file").to_pylist(), rejects


def test_a_line_ends_with_a_line_feed_or_a_nul_or_as_most_lines_of_windows_do() -> None:
    assert _split(b"a\nb\n") == _split(b"a\nb") == _split(b"a\r\nb\r\n") == [b"a", b"b"]
    assert _split(b"a\nb\0") == [b"a\nb"]
    assert _split(b"a\r\nb\n") == [b"a\r", b"b"]
    assert _split(b"a\r\nb\r\r\nc\nd") == [b"a", b"b\r", b"c", b"d"]
    assert _split(b"\n\na\n") == [b"", b"", b"a"]
    assert _split(b"") == []


def test_names_of_a_text_that_ends_its_lines_with_nul_hold_line_feeds_even_what_looks_like_a_line() -> None:
    ended = [b"total 4", LINE % 1, LINE % 2 + b"\nb", LINE % 3 + FORGED, LINE % 4 + b"\n"]
    assert _split(b"\0".join([*ended, b""])) == _split(b"\0".join(ended)) == ended
    # As ls -lR --zero writes the heads of its directories.
    assert _split(b"d:\ntotal 4\0" + LINE % 1 + b"\0\nd/e:\ntotal 0\0" + LINE % 2 + b"\0")[1:2] == [LINE % 1]
    assert _split(b"total 0\0") == [b"total 0"]


def test_a_nul_that_ends_no_line_costs_the_line_that_holds_it_and_no_other() -> None:
    text = b"\n".join([*LINES, b""])
    names = [f"/x/{number}" for number in range(10)]
    assert _said(text + b"\0" * 20) == (names, [(11, "not_a_listing")])
    assert _said(text.removesuffix(b"\n") + b"\0") == (names[:-1], [(10, "bad_name")])
    assert _said(text + b"\0" * 7 + text) == (names + names[1:], [(11, "not_a_listing")])
    assert _said(text + LINE % 0 + b"\0b\n" + text) == (names * 2, [(11, "bad_name")])
    assert _said(LINE % 0 + b"\n\0") == (names[:1], [(2, "not_a_listing")])


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    for end in (b"\n", b"\r\n", b"\0"):
        assert _split(b"\xef\xbb\xbf" + end.join([*LINES, b""])) == LINES


@given(
    st.lists(st.binary(max_size=9).map(lambda line: line.translate(None, b"\0\r\n")), max_size=9),
    st.sampled_from((b"\n", b"\r\n", b"\0")),
)
def test_lines_are_the_same_in_blocks_of_any_size(lines: list[bytes], end: bytes) -> None:
    every = [LINE, *lines, LINE]
    data = end.join([*every, b""])
    for size in (1, 2, 7):
        assert list(split(io.BytesIO(data), size)) == every


@pytest.mark.parametrize("before", [0, 20_000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\0"])
def test_a_line_that_is_too_long_is_one_reject_wherever_it_stands(before: int, end: bytes) -> None:
    long = b"x" * (MAX_LINE_BYTES + 200_000)
    names, rejects = _said(end.join([*[LINE % 1] * before, long, *LINES, b""]))
    assert (len(names), rejects) == (before + 10, [(before + 1, "line_too_long")])


def test_lines_come_numbered_in_tables_of_some_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "ROWS", 2)
    found = list(tables([b"a", b"caf\xe9", b"c"], "root", NOW, first=5))
    assert [table["line"].to_pylist() for table in found] == [[5, 6], [7]]
    assert found[0]["text"].to_pylist() == ["a", "caf\ufffd"]
    assert found[0]["text_base64"].to_pylist() == [None, "Y2Fm6Q=="]
