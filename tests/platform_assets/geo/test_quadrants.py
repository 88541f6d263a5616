"""The four boxes: known places, the split lines, and that no point lies in two."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_assets.geo.quadrants import (
    EAST,
    NORTH,
    PARAMETERS,
    QUADRANTS,
    SOUTH,
    SPLIT_LAT,
    SPLIT_LON,
    WEST,
    quadrant_of,
)


@pytest.mark.parametrize(
    ("place", "lat", "lon", "quadrant"),
    [
        ("Hartford", 41.7658, -72.6734, "northwest"),
        ("Storrs", 41.8084, -72.2495, "northeast"),
        ("New London", 41.3557, -72.0995, "southeast"),
        ("New Haven", 41.3083, -72.9279, "southwest"),
        ("Danbury", 41.3948, -73.4540, "southwest"),
        ("Middletown", 41.5623, -72.6506, "southwest"),
        ("Stamford", 41.0534, -73.5387, "southwest"),
        ("Bridgeport", 41.1792, -73.1894, "southwest"),
        ("Norwalk", 41.1177, -73.4082, "southwest"),
        ("Greenwich", 41.0262, -73.6282, "southwest"),
    ],
)
def test_known_places_lie_in_their_quadrant(place: str, lat: float, lon: float, quadrant: str) -> None:
    assert quadrant_of(lon, lat) == quadrant, place


def test_a_point_on_a_split_line_belongs_to_the_east_and_to_the_north() -> None:
    assert quadrant_of(SPLIT_LON, SPLIT_LAT) == "northeast"
    assert quadrant_of(math.nextafter(SPLIT_LON, -180), SPLIT_LAT) == "northwest"
    assert quadrant_of(SPLIT_LON, math.nextafter(SPLIT_LAT, 0)) == "southeast"


def test_west_and_south_edges_belong_to_the_box_and_east_and_north_edges_do_not() -> None:
    assert quadrant_of(WEST, SOUTH) == "southwest"
    assert quadrant_of(EAST, SOUTH) is None
    assert quadrant_of(WEST, NORTH) is None
    assert quadrant_of(math.nextafter(EAST, -180), math.nextafter(NORTH, 0)) == "northeast"


def test_the_box_reaches_beyond_the_borders_of_the_state() -> None:
    assert WEST < -73.7278
    assert EAST > -71.7872
    assert SOUTH < 40.9509
    assert NORTH > 42.0506


@pytest.mark.parametrize(
    "point", [(math.nan, 41.5), (-72.5, math.nan), (math.inf, 41.5), (41.5, -72.5), (0, 0)]
)
def test_a_point_elsewhere_or_nowhere_lies_in_no_quadrant(point: tuple[float, float]) -> None:
    assert quadrant_of(*point) is None


@given(st.floats(WEST, EAST, exclude_max=True), st.floats(SOUTH, NORTH, exclude_max=True))
def test_every_point_of_the_box_lies_in_exactly_one_of_the_four(lon: float, lat: float) -> None:
    boxes = {
        "northeast": lon >= SPLIT_LON and lat >= SPLIT_LAT,
        "northwest": lon < SPLIT_LON and lat >= SPLIT_LAT,
        "southeast": lon >= SPLIT_LON and lat < SPLIT_LAT,
        "southwest": lon < SPLIT_LON and lat < SPLIT_LAT,
    }
    assert [name for name, holds in boxes.items() if holds] == [quadrant_of(lon, lat)]
    assert set(boxes) == set(QUADRANTS)


def test_the_parameters_for_queries_are_the_same_numbers() -> None:
    assert list(PARAMETERS.values()) == [SPLIT_LON, SPLIT_LAT, WEST, SOUTH, EAST, NORTH]
    assert list(PARAMETERS) == ["split_lon", "split_lat", "west", "south", "east", "north"]
