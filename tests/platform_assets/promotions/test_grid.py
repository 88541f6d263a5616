"""The picture of the shoppers."""

import base64
import struct

from platform_assets.pictures import as_markdown
from platform_assets.promotions import grid


def _cells(count: int) -> list[dict[str, object]]:
    return [
        {"recency_score": recency, "frequency_score": frequency, "shoppers": count * recency * frequency}
        for recency in range(1, 6)
        for frequency in range(1, 6)
    ]


def test_the_largest_picture_is_below_50_kb_and_has_its_size() -> None:
    png = grid.draw(_cells(1_234_567))
    assert len(png) < 50_000
    assert struct.unpack(">II", png[16:24]) == (520, 440)


def test_no_shoppers_and_empty_cells_are_drawn_too() -> None:
    assert grid.draw([]).startswith(b"\x89PNG")
    assert grid.draw(_cells(1)[:3]).startswith(b"\x89PNG")


def test_markdown_holds_the_very_picture() -> None:
    png = grid.draw(_cells(1))
    text = as_markdown(png, grid.TITLE)
    assert text.startswith("![Shoppers")
    assert base64.b64decode(text.split("base64,")[1].rstrip(")")) == png
