"""Inputs of the benches: address files, points and messages of any size, the same at every run.

Only what a bench reads is made here; worlds with a truth to score against are made by `samples`.
"""

import datetime as dt
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

_FIRST = """
Maple Cedar Birch Stone Lake Hill River Meadow Spring Brook Fox Deer Eagle Hawk Robin Mill Harbor Ocean Bay Pine Oak Elm
Ash Walnut Laurel Rose Ivy Fern Clover Sunny Shady Silver Golden Copper Iron Quarry Orchard Farm Valley Forest
"""
_SECOND = """
wood ridge field side view crest land dale ford ton bury mont haven gate well brook hurst croft stead worth leigh shire
cliff point glen moor heath bridge run bank grove hollow knoll park place shore top vale ville way
"""
_SUFFIXES = ["St", "Ave", "Rd", "Ln", "Dr", "Ct", "Pl"]
_TOWNS = [("Hartford", "06103"), ("New Haven", "06510"), ("Stamford", "06901"), ("Norwich", "06360")]
WEST, SOUTH, EAST, NORTH = -73.5, 41.1, -71.9, 42.0
"""A box well inside Connecticut."""
STREETS = len(_FIRST.split()) * len(_SECOND.split()) * len(_SUFFIXES)
"""Distinct street texts of an address file, about as many as a state's export has."""

Numbers = npt.NDArray[np.float64]


def points(count: int, seed: int) -> tuple[Numbers, Numbers]:
    """Longitudes and latitudes, degrees to six decimals, spread over the box."""
    generator = np.random.default_rng(seed)
    lon, lat = generator.uniform(WEST, EAST, count), generator.uniform(SOUTH, NORTH, count)
    return np.round(lon, 6), np.round(lat, 6)


def address_file(path: Path, rows: int) -> None:
    """An OpenAddresses CSV of `rows` records; one of a thousand has no number, one of a thousand lies at 0, 0."""
    generator = np.random.default_rng(1)
    lon, lat = points(rows, seed=2)
    which = np.arange(rows)
    is_null_island, is_nameless = which % 1000 == 7, which % 1000 == 8
    lon[is_null_island], lat[is_null_island] = 0, 0
    names = [f"{a}{b} {suffix}" for a in _FIRST.split() for b in _SECOND.split() for suffix in _SUFFIXES]
    town = generator.integers(0, len(_TOWNS), rows)
    number = pc.if_else(
        pa.array(is_nameless), "", pa.array(generator.integers(1, 999, rows)).cast(pa.string())
    )
    unit = pc.if_else(
        pa.array(which % 5 == 0),
        pc.binary_join_element_wise("APT", pa.array(which % 40).cast(pa.string()), " "),
        "",
    )
    key = pc.utf8_lpad(pa.array(which).cast(pa.string()), 16, "0")
    nothing = pa.repeat("", rows)
    columns = {
        "LON": pa.array(lon),
        "LAT": pa.array(lat),
        "NUMBER": number,
        "STREET": pa.array(names).take(pa.array(generator.integers(0, len(names), rows))),
        "UNIT": unit,
        "CITY": pa.array([name for name, _ in _TOWNS]).take(pa.array(town)),
        "DISTRICT": nothing,
        "REGION": pa.repeat("CT", rows),
        "POSTCODE": pa.array([code for _, code in _TOWNS]).take(pa.array(town)),
        "ID": nothing,
        "HASH": key,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    options = pyarrow.csv.WriteOptions(quoting_style="none")
    pyarrow.csv.write_csv(pa.table(columns), path, options)


def tweets(count: int) -> list[bytes]:
    """Messages of about 1 kB in the shape of API v1.1, a point each, a second apart."""
    lon, lat = points(count, seed=5)
    entities = {
        "hashtags": [{"text": f"tag{i}", "indices": [i, i + 5]} for i in range(6)],
        "urls": [],
        "symbols": [],
    }
    encode = msgspec.json.Encoder().encode
    began = dt.datetime(2026, 11, 7, 14, 3, 11, tzinfo=dt.UTC)
    return [
        encode(
            {
                "created_at": f"{began + dt.timedelta(seconds=number):%a %b %d %H:%M:%S %z %Y}",
                "id": 10**18 + number,
                "id_str": str(10**18 + number),
                "text": f"Waiting in line at my bank for message {number}, and the card machine is down again",
                "truncated": False,
                "source": '<a href="https://example.com/download/phone" rel="nofollow">Example for phones</a>',
                "user": {
                    "id": number % 50_000,
                    "id_str": str(number % 50_000),
                    "name": f"Author {number % 50_000}",
                    "screen_name": f"author{number % 50_000}",
                    "location": "Connecticut",
                    "description": "Opinions are mine, all of them, and none of them are those of my employer.",
                    "followers_count": 120,
                    "friends_count": 80,
                    "verified": False,
                },
                "geo": {"type": "Point", "coordinates": [y, x]},
                "coordinates": {"type": "Point", "coordinates": [x, y]},
                "entities": entities,
                "retweet_count": 0,
                "favorite_count": 0,
                "lang": "en",
            }
        )
        for number, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
    ]


def sales_file(path: Path, rows: int) -> None:
    """A sales CSV of `rows` receipts over two years; one of a thousand has no shopper, one of a thousand no amount."""
    generator = np.random.default_rng(3)
    which = np.arange(rows)
    start = np.datetime64("2024-11-01T00:00:00", "s")
    cents = generator.integers(100, 20_000, rows)
    columns = {
        "sale_id": pc.binary_join_element_wise(
            "R", pc.utf8_lpad(pa.array(which).cast(pa.string()), 9, "0"), ""
        ),
        "user_id": _unless(which % 1000 == 7, generator.integers(1, 200_000, rows)),
        "sold_at": pa.array(np.sort(start + generator.integers(0, 730 * 86_400, rows))).cast(pa.string()),
        "amount_eur": _unless(which % 1000 == 8, cents / 100),
        "promotion_id": _unless(which % 9 != 0, generator.integers(1, 11, rows)),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pa.csv.write_csv(pa.table(columns), path, pa.csv.WriteOptions(quoting_style="none"))


def listing_file(path: Path, lines: int) -> None:
    """Lines of `ls -l`; of a hundred each a name with a blank, one with a comma and a link, and a line of no file.

    What the original's filters get wrong holds the word odd.
    """
    generator = np.random.default_rng(11)
    which = np.arange(lines)
    modes = pa.array(["-rw-r--r--    1 root     root    ", "-r-xr-xr-x    1 root     www-data "])
    days = [f"{month} {day:2}" for month in ("Jan", "Jul", "Oct") for day in range(1, 29)]
    dates = [f"{day} {hour:02}:57" for day in days for hour in range(24)]
    dates += [f"{day}  {year}" for day in days for year in range(2000, 2026)]
    dated = pa.array(dates).take(pa.array(generator.integers(0, len(dates), lines)))
    sizes = pc.utf8_lpad(pa.array(generator.integers(0, 10**7, lines)).cast(pa.string()), 10, " ")
    folders = [f"/usr/share/{first}/{second}/" for first in _FIRST.split() for second in _SECOND.split()]
    kinds = pa.array(which % 100)
    begun = pa.array(["odd-", "odd-", "odd-", *["file-"] * 97]).take(kinds)
    ends = pa.array([" name", ",name", " -> /target", *[".txt"] * 97]).take(kinds)
    folder = pa.array(folders).take(pa.array(generator.integers(0, len(folders), lines)))
    names = pc.binary_join_element_wise(folder, begun, pa.array(which).cast(pa.string()), ends, "")
    before = modes.take(pa.array(which % 2))
    text = pc.binary_join_element_wise(before, sizes, " ", dated, " ", names, "\n", "")
    text = pc.if_else(pa.array(which % 100 == 3), "find: '/proc/7/odd': No such file or directory\n", text)
    path.write_bytes(text.buffers()[2])


def _unless(is_empty: npt.NDArray[np.bool_], values: npt.NDArray[np.generic]) -> pa.Array:
    """Values as text, some of them left out."""
    return pc.if_else(pa.array(is_empty), "", pa.array(values).cast(pa.string()))
