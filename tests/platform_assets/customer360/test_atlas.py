"""The picture of the state."""

import base64
import struct

import numpy as np
import pyarrow as pa

from platform_assets.customer360 import atlas
from platform_assets.pictures import as_markdown


def _points(count: int) -> dict[str, list[float]]:
    random = np.random.default_rng(1)
    return {
        "lon": random.uniform(-73.7, -71.8, count).tolist(),
        "lat": random.uniform(41, 42, count).tolist(),
    }


def _drawn(dwellings: int, tweets: int) -> bytes:
    categories = (["customer", "prospect", "unlocated", "coarse"] * tweets)[:tweets]
    return atlas.draw(
        pa.table(_points(dwellings)),
        pa.table({**_points(tweets), "category": pa.array(categories, pa.string())}),
        {"customer": 12_345, "prospect": 7},
    )


def test_the_largest_picture_is_below_100_kb_and_has_its_size() -> None:
    png = _drawn(20_000, 20_000)
    assert len(png) < 100_000
    assert struct.unpack(">II", png[16:24]) == (720, 460)


def test_a_state_without_dwellings_and_tweets_is_drawn_too() -> None:
    assert _drawn(0, 0).startswith(b"\x89PNG")


def test_markdown_holds_the_very_picture() -> None:
    png = _drawn(1, 1)
    text = as_markdown(png, atlas.TITLE)
    assert text.startswith("![Connecticut")
    assert base64.b64decode(text.split("base64,")[1].rstrip(")")) == png
