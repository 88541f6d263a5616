"""The one spatial rule that domains share: which quadrant of Connecticut a point lies in.

The box, the split lines and the rule belong here; whoever asks, in SQL or in Python, does not.
"""

from typing import Final, Literal, TypeAlias

Quadrant: TypeAlias = Literal["northeast", "northwest", "southeast", "southwest"]
QUADRANTS: Final[tuple[Quadrant, ...]] = ("northeast", "northwest", "southeast", "southwest")

SPLIT_LON: Final = -72.644537
SPLIT_LAT: Final = 41.683924

# Connecticut reaches from -73.728 (Greenwich) to -71.787 (the border of Rhode Island) and from 40.951 (Great
# Captain Island) to 42.051 (Granby). Two hundredths of a degree (2 km)
# keep points on the shore and the border inside.
WEST: Final = -73.75
SOUTH: Final = 40.93
EAST: Final = -71.76
NORTH: Final = 42.07

PARAMETERS: Final[dict[str, float]] = {
    "split_lon": SPLIT_LON,
    "split_lat": SPLIT_LAT,
    "west": WEST,
    "south": SOUTH,
    "east": EAST,
    "north": NORTH,
}
"""The same numbers by name, to bind as parameters of a query."""


def quadrant_of(lon: float, lat: float) -> Quadrant | None:
    """Quadrant of a point in degrees (WGS 84), or None outside the box (or where a coordinate is NaN).

    West and south edges belong to a box, east and north edges do not; so a point on a split line lies east or
    north of it, and each point of the whole box lies in exactly one quadrant.
    """
    if not (WEST <= lon < EAST and SOUTH <= lat < NORTH):
        return None
    if lat >= SPLIT_LAT:
        return "northeast" if lon >= SPLIT_LON else "northwest"
    return "southeast" if lon >= SPLIT_LON else "southwest"
