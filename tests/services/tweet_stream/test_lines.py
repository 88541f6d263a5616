"""Lines of a stream, however its bytes arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tweet_stream.lines import Line, LineSplitter

# A line never holds CR LF, nor begins with LF or ends with CR, which belong to the ends around it.
LINES = st.lists(
    st.binary(max_size=30).map(lambda raw: raw.replace(b"\r\n", b"").lstrip(b"\n").rstrip(b"\r")), max_size=8
)


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(stream) + 1) for cut in cuts} | {0, len(stream)})
    return [stream[start:end] for start, end in zip(places, places[1:], strict=False)]


@given(LINES, st.lists(st.integers(0, 10_000), max_size=20))
def test_the_same_lines_come_out_wherever_the_bytes_are_cut(lines: list[bytes], cuts: list[int]) -> None:
    splitter = LineSplitter(limit=1_000)
    stream = b"".join(line + b"\r\n" for line in lines)
    found = [line for piece in pieces(stream, cuts) for line in splitter.feed(piece)]
    assert found == [Line(line, len(line)) for line in lines]
    assert not splitter.unfinished


@given(st.binary(max_size=200), st.lists(st.integers(0, 10_000), max_size=20), st.integers(1, 50))
def test_any_bytes_give_lines_within_the_limit_and_the_same_ones_as_in_one_piece(
    stream: bytes, cuts: list[int], limit: int
) -> None:
    whole, cut = LineSplitter(limit), LineSplitter(limit)
    found = [line for piece in pieces(stream, cuts) for line in cut.feed(piece)]
    assert found == whole.feed(stream)
    assert all(len(line.value) <= limit and line.is_cut == (line.size > limit) for line in found)
    assert cut.unfinished == whole.unfinished


def test_a_line_beyond_the_limit_is_cut_and_its_size_is_known_and_the_next_one_is_whole() -> None:
    splitter = LineSplitter(limit=10)
    found = [line for _ in range(100) for line in splitter.feed(b"x" * 100)]
    assert found == []
    assert splitter.feed(b"\r\nnext\r\n") == [Line(b"x" * 10, 10_000), Line(b"next", 4)]


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_a_keep_alive_is_an_empty_line_or_a_bare_line_feed(end: bytes) -> None:
    splitter = LineSplitter(limit=100)
    found = splitter.feed(end + end) + splitter.feed(b"tweet\r\n")
    assert [line.value for line in found if line.value] == [b"tweet"]
