"""Places that are hard to get right, put into towns by hand: split lines, towers, blocks, the same address twice.

Data only; `addresses` builds them before the ordinary streets and keeps those away from them.
"""

from typing import NamedTuple

from samples.street_names import StreetName

SPLIT_LON, SPLIT_LAT = -72.644537, 41.683924
"""Where the four quadrants meet (the original's split lines)."""


class Landmark(NamedTuple):
    """A short straight street: its houses, the units in each, its first point, which way it runs."""

    trap: str
    town: str
    street: StreetName
    numbers: tuple[int, ...]
    units: int
    lon: float
    lat: float
    north_m: float = 0.0
    east_m: float = 0.0


_MAIN = StreetName("", "Main", "St")
_SIX_METRES_LON, _SIX_METRES_LAT = 0.0000723, 0.0000540

LANDMARKS: tuple[Landmark, ...] = (
    Landmark(
        "on_both_split_lines", "Rocky Hill", StreetName("", "Compass", "Ct"), (1,), 0, SPLIT_LON, SPLIT_LAT
    ),
    Landmark("on_split_lon", "Rocky Hill", StreetName("", "Beacon", "Ct"), (2,), 0, SPLIT_LON, 41.6700000),
    Landmark("on_split_lat", "Newington", StreetName("", "Beacon", "Pl"), (4,), 0, -72.7237000, SPLIT_LAT),
    Landmark(
        "west_of_split_lon",
        "Rocky Hill",
        StreetName("", "Anchor", "Ln"),
        (3, 5, 7, 9),
        0,
        SPLIT_LON - _SIX_METRES_LON,
        41.6600000,
        north_m=30.0,
    ),
    Landmark(
        "south_of_split_lat",
        "Newington",
        StreetName("", "Harbor", "Ter"),
        (12, 14, 16, 18),
        0,
        -72.7200000,
        SPLIT_LAT - _SIX_METRES_LAT,
        east_m=30.0,
    ),
    Landmark("tower", "Stamford", StreetName("", "Washington", "Pl"), (100,), 40, -73.5400000, 41.0520000),
    Landmark("tower", "Hartford", StreetName("", "Constitution", "Pl"), (250,), 40, -72.6790000, 41.7660000),
    Landmark(
        "block_without_units",
        "New London",
        StreetName("", "Huntington", "Ct"),
        (88,),
        0,
        -72.0990000,
        41.3560000,
    ),
    Landmark(
        "institution", "Hartford", StreetName("", "Hawthorne", "Cir"), (200,), 0, -72.6860000, 41.7580000
    ),
    Landmark(
        "same_address_two_towns", "Putnam", _MAIN, (2, 4, 6, 8, 10, 12), 0, -71.9090000, 41.9140000, 25.0, 4.0
    ),
    Landmark(
        "same_address_two_towns",
        "Danielson",
        _MAIN,
        (2, 4, 6, 8, 10, 12),
        0,
        -71.8859000,
        41.8020000,
        22.0,
        9.0,
    ),
)
