"""The address files of the sample world: which dwellings each holds, how its source writes, what is wrong in it.

Here belong the files and their truth; formats are written by `source_formats`, broken records by `address_traps`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from samples import address_traps
from samples.address_traps import Reject
from samples.dwellings import Dwellings, Ints
from samples.source_formats import STANDARD, Layout, write
from samples.street_names import Spelling
from samples.towns import TOWNS

PREFIX = "geo/incoming/"
_REORDERED = ("NUMBER", "STREET", "UNIT", "POSTCODE", "CITY", "REGION", "LAT", "LON")
_WITH_EXTRAS = (*STANDARD[:9], "ACCURACY", *STANDARD[9:])


class Source(NamedTuple):
    """One ordinary file: name, the area it covers, how it is written, every how many buildings it knows one."""

    name: str
    area: str
    layout: Layout
    every: int = 1


SOURCES: tuple[Source, ...] = (
    Source("2026-10-01_stamford_and_the_panhandle.csv", "panhandle", Layout()),
    Source("2026-10-02_hartford.csv", "hartford", Layout(has_bom=True, newline=b"\r\n", unit_prefix="# ")),
    Source(
        "2026-10-03_new_haven_county.csv.gz",
        "new_haven",
        Layout(is_lower_case=True, container="gzip", spelling=Spelling.MIXED),
    ),
    Source(
        "2026-10-04_new_london_county.zip", "new_london", Layout(container="zip", members=3, newline=b"\r\n")
    ),
    Source(
        "2026-10-05_litchfield_county.geojson", "litchfield", Layout(body="geojson", spelling=Spelling.LONG)
    ),
    Source(
        "2026-10-06_tolland_county.geojson.gz",
        "tolland",
        Layout(body="geojson", container="gzip", unit_prefix=""),
    ),
    Source(
        "2026-10-07_windham_county.csv",
        "windham",
        Layout(empty=frozenset({"CITY", "DISTRICT", "REGION", "POSTCODE"})),
    ),
    Source(
        "2026-10-08_middlesex_county.csv", "middlesex", Layout(columns=_REORDERED, spelling=Spelling.LONG)
    ),
    Source("2026-10-09_greater_bridgeport.csv", "bridgeport", Layout(is_quoted=True, unit_prefix="UNIT ")),
    Source("2026-10-10_danbury.zip", "danbury", Layout(container="zip", unit_prefix="#")),
    Source(
        "2026-10-11_farmington_valley.csv",
        "farmington",
        Layout(
            columns=_WITH_EXTRAS,
            empty=frozenset({"DISTRICT", "REGION", "ID", "HASH"}),
            spelling=Spelling.MIXED,
        ),
    ),
    Source(
        "2026-10-12_windham_assessor.csv",
        "windham",
        Layout(spelling=Spelling.LONG, unit_prefix="Apt ", newline=b"\r\n", shift_m=0.8),
        every=2,
    ),
)
"""The last one knows half of what the windham file knows, spelled out, with towns, a step to the east."""


@dataclass(frozen=True)
class AddressFile:
    """One object: its key, its bytes, and what a right reading finds in it."""

    key: str
    blocks: Iterator[bytes]
    rows: int
    """Records that can be loaded."""
    rejects: tuple[Reject, ...] = ()
    is_readable: bool = True


def address_files(dwellings: Dwellings) -> Iterator[AddressFile]:
    """All files in the order of their names; blocks are made when they are read."""
    for source in SOURCES:
        rows = _rows(dwellings, source)
        blocks = write(dwellings, rows, source.layout, source.area)
        yield AddressFile(PREFIX + source.name, blocks, len(rows))
    for trap in address_traps.files(
        dwellings, rows_of(dwellings, "panhandle"), rows_of(dwellings, "litchfield")
    ):
        yield AddressFile(
            PREFIX + trap.name, iter((trap.content,)), trap.rows, trap.rejects, trap.is_readable
        )


def rows_of(dwellings: Dwellings, area: str) -> Ints:
    """Dwellings of the towns of an area."""
    in_area = np.array([town.area == area for town in TOWNS])
    return np.flatnonzero(in_area[dwellings.town])


def _rows(dwellings: Dwellings, source: Source) -> Ints:
    rows = rows_of(dwellings, source.area)
    known: Ints = rows[dwellings.building[rows] % source.every == 0]
    return known
