"""Address files as comma-separated records: their columns, as candidates for addresses.

How a file is split into fields is in `resources.files`, what makes a good address in `address_rows`.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from platform_assets.geo.address_rows import Candidates, checked
from resources.files.containers import UnreadableFile
from resources.files.csv_table import Layout, Split, split
from resources.files.lines import Block
from resources.files.records import Parsed

NEEDED: Final = ("lon", "lat", "number", "street")
COLUMNS: Final = (
    "lon",
    "lat",
    "number",
    "street",
    "unit",
    "city",
    "district",
    "region",
    "postcode",
    "id",
    "hash",
)
"""Columns of an OpenAddresses file; LON and LAT, then those of `TEXTS`."""
_LAYOUT: Final = Layout(COLUMNS, frozenset(("lon", "lat")))


def read(member: str | None, header: list[str], blocks: Iterable[Block]) -> Iterator[Parsed]:
    """Parse the blocks after the header. Raises `UnreadableFile` where a needed column is missing."""
    if missing := [name.upper() for name in NEEDED if name not in header]:
        detail = f"The header has no column {', '.join(missing)}."
        raise UnreadableFile("missing_columns", detail, ",".join(header)[:256])
    yield from split(header, blocks, _LAYOUT, lambda part: checked(member, _candidates(part), part.rejects))


def _candidates(part: Split) -> Candidates:
    lon, lat = (part.numbers(name) for name in COLUMNS[:2])
    texts = [part.text(name) for name in COLUMNS[2:]]
    return Candidates(part.records.lines, lon, lat, texts, part.records.raw)
