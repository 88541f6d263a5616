"""Large files in bounded memory; `python -m soak --large` does the same with five gigabytes."""

import pytest

from soak import large

SIZE = 150_000_000


@pytest.mark.parametrize(
    ("way", "rows", "rejects"),
    [("gzip of good records", SIZE // 80, 0), ("object with one endless line", 2_000, 1)],
)
def test_a_file_larger_than_the_memory_it_may_take_is_read(way: str, rows: int, rejects: int) -> None:
    found = large.read(way, SIZE)
    assert found.rows >= rows
    assert found.rejects == rejects
    assert found.growth < large.MOST_GROWTH
