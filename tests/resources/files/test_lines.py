"""Lines come out of blocks as they stand in the stream, also around one that is not kept."""

import io
from random import Random

import pytest

from resources.files.lines import MAX_LINE_BYTES, MAX_RAW_BYTES, blocks

LONG = b"x" * (2 * MAX_LINE_BYTES + 500_000)


@pytest.mark.parametrize("size", [64, 500_000, 2_000_000, 9_000_000])
@pytest.mark.parametrize("end", [b"\n", b"\0"])
def test_no_line_is_lost_or_invented_behind_one_that_is_too_long(size: int, end: bytes) -> None:
    good = [b"%d" % number * Random(number).randint(1, 26) for number in range(20_000)]
    data = end.join([LONG, *good, LONG, LONG, b"last", b""])
    found: list[bytes] = []
    for block in blocks(io.BytesIO(data), size, end):
        assert block.first_line == len(found) + 1
        found += [block.data] if block.too_long else block.data[:-1].split(end)
    kept = LONG[:MAX_RAW_BYTES]
    assert found == [kept, *good, kept, kept, b"last"]
