"""Where lines end, whoever wrote the file."""

import datetime as dt
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_assets.listings import text
from platform_assets.listings.text import split, tables
from resources.files.containers import UnreadableFile

NOW = dt.datetime(2026, 11, 21, 10, 5, tzinfo=dt.UTC)


def _split(data: bytes) -> list[bytes]:
    return list(split(io.BytesIO(data)))


def test_a_line_ends_with_a_line_feed_or_a_nul_or_as_every_line_of_windows_does() -> None:
    assert _split(b"a\nb\n") == _split(b"a\nb") == _split(b"a\r\nb\r\n") == [b"a", b"b"]
    assert _split(b"a\nb\0c\0") == [b"a\nb", b"c"]
    assert _split(b"a\r\nb\n") == [b"a\r", b"b"]
    assert _split(b"\n\na\n") == [b"", b"", b"a"]
    assert _split(b"") == []


@given(st.lists(st.binary(max_size=9).map(lambda line: line.translate(None, b"\0\r\n")), max_size=9))
def test_lines_are_the_same_in_blocks_of_any_size(lines: list[bytes]) -> None:
    data = b"".join(line + b"\n" for line in lines)
    for size in (1, 2, 7):
        assert list(split(io.BytesIO(data), size)) == lines


def test_a_line_that_never_ends_makes_the_file_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_LINE_BYTES", 100)
    with pytest.raises(UnreadableFile, match="Line 2 has more than 100 bytes"):
        list(split(io.BytesIO(b"a\n" + b"x" * 200), 64))


def test_lines_come_numbered_in_tables_of_some_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "ROWS", 2)
    found = list(tables([b"a", b"caf\xe9", b"c"], "root", NOW, first=5))
    assert [table["line"].to_pylist() for table in found] == [[5, 6], [7]]
    assert found[0]["text"].to_pylist() == ["a", "caf\ufffd"]
    assert found[0]["text_base64"].to_pylist() == [None, "Y2Fm6Q=="]
