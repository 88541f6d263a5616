"""The nearest address of `located_tweets.sql` against a brute-force oracle: every pair measured on the sphere."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platform_assets.geo.quadrants import (
    EAST,
    NORTH,
    QUADRANTS,
    SOUTH,
    SPLIT_LAT,
    SPLIT_LON,
    WEST,
    quadrant_of,
)
from platform_assets.tweets.located_tweets import LOCATED_TWEETS
from resources.sql import statement
from resources.warehouse import DuckDbWarehouse, Session

RADIUS_M = 6_371_000
CELL_LON, CELL_LAT = 0.00061, 0.00045
MILLIMETRE = 0.001


class Site(NamedTuple):
    lon: float
    lat: float


class Home(NamedTuple):
    """An address: its id, its place, and the building that it shares with the others of its number."""

    address_id: str
    place: Site
    building_id: str


def metres(one: Site, other: Site) -> float:
    x, y, other_x, other_y = map(math.radians, (*one, *other))
    root = (
        math.sin((other_y - y) / 2) ** 2 + math.cos(y) * math.cos(other_y) * math.sin((other_x - x) / 2) ** 2
    )
    return 2 * RADIUS_M * math.asin(math.sqrt(root))


def moved(site: Site, distance_m: float, bearing: float) -> Site:
    """A place about so far away; exactly so far to the north and the south."""
    lat = site.lat + math.degrees(distance_m / RADIUS_M) * math.cos(bearing)
    east = distance_m * math.sin(bearing) / (RADIUS_M * math.cos(math.radians(site.lat)))
    return Site(site.lon + math.degrees(east), lat)


# Where a cell or a quadrant ends, at the edges of the state's box, and anywhere.
CORNERS = (
    Site(SPLIT_LON, SPLIT_LAT),
    Site(SPLIT_LON, 41.2),
    Site(-73.1, SPLIT_LAT),
    Site(-118_852 * CELL_LON, 92_666 * CELL_LAT),
    Site(WEST, NORTH - 1e-9),
    Site(EAST - 1e-9, SOUTH),
)
ANCHORS = st.sampled_from(CORNERS) | st.builds(Site, st.floats(-73.7, -71.8), st.floats(40.95, 42.05))
DISTANCES = st.sampled_from((0, 10, 25, 49.99, 49.999, 50.001, 50.01)) | st.floats(0, 120)
BEARINGS = st.sampled_from((0, math.pi / 2, math.pi, -math.pi / 2)) | st.floats(-math.pi, math.pi)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Site], list[Home]]:
    """Points and homes around a few anchors; many homes share a place or lie equally far from a point."""
    anchors = draw(st.lists(ANCHORS, min_size=1, max_size=3))
    near = st.builds(moved, st.sampled_from(anchors), DISTANCES, BEARINGS)
    points = draw(st.lists(near | st.sampled_from(anchors), min_size=1, max_size=12))
    places = draw(st.lists(near | st.sampled_from(anchors), max_size=12))
    units = draw(st.lists(st.sampled_from(places), max_size=12)) if places else []
    named = draw(st.permutations(range(len(places) + len(units))))
    homes = [
        Home(f"a{number:02}", place, f"b{places.index(place):02}")
        for number, place in zip(named, [*places, *units], strict=True)
    ]
    return points, homes


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One open warehouse for all examples."""
    warehouse = DuckDbWarehouse(tmp_path_factory.mktemp("nearest") / "warehouse.duckdb")
    with warehouse.session() as opened:
        yield opened


def located(
    session: Session, points: list[Site], homes: list[Home], folder: Path
) -> dict[str, dict[str, object]]:
    """What the model says of each point that has a match, by the point's number."""
    warehouse = DuckDbWarehouse(folder / "spools.duckdb")
    for table in ("tweets.tweets", "geo.addresses"):
        session.execute(statement(f"DELETE FROM {table}"), {})
    with warehouse.spool("tweets.tweets") as tweets, warehouse.spool("geo.addresses") as addresses:
        tweets.write(
            pa.table(
                {
                    "tweet_id": [str(number) for number in range(len(points))],
                    "lon": [point.lon for point in points],
                    "lat": [point.lat for point in points],
                    "quadrant": pa.array([quadrant_of(*point) for point in points], pa.string()),
                }
            ),
            text="", copies=1, topic="tweets", log_partition=0, log_offset=0,
        )  # fmt: skip
        addresses.write(
            pa.table(
                {
                    "address_id": pa.array([home.address_id for home in homes], pa.string()),
                    "building_id": pa.array([home.building_id for home in homes], pa.string()),
                    "lon": pa.array([home.place.lon for home in homes], pa.float64()),
                    "lat": pa.array([home.place.lat for home in homes], pa.float64()),
                }
            ),
            house_number="", street="", unit="", city="", building_dwellings=1, sources=1, files="",
        )  # fmt: skip
        session.append(tweets)
        session.append(addresses)
    rows = [row for quadrant in QUADRANTS for row in session.rows(LOCATED_TWEETS.text, quadrant=quadrant)]
    assert len({row["tweet_id"] for row in rows}) == len(rows)
    return {str(row["tweet_id"]): row for row in rows}


@given(worlds())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_match_is_the_brute_force_nearest_to_the_centimetre_and_ties_go_to_the_smaller_id(
    session: Session, tmp_path: Path, world: tuple[list[Site], list[Home]]
) -> None:
    points, homes = world
    found = located(session, points, homes, tmp_path)
    for number, point in enumerate(points):
        distances = {home: metres(point, home.place) for home in homes}
        nearest_m = min(distances.values(), default=math.inf)
        match = found.get(str(number))
        if match is None:
            assert quadrant_of(*point) is None or nearest_m > 50 - MILLIMETRE
            continue
        assert quadrant_of(*point) == match["quadrant"]
        assert float(str(match["distance_m"])) == pytest.approx(nearest_m, abs=0.01)
        assert nearest_m < 50 + MILLIMETRE
        chosen = next(home for home in homes if home.address_id == match["address_id"])
        assert distances[chosen] <= nearest_m + MILLIMETRE
        # Units of one point tie exactly; the smallest id stands for all.
        assert chosen.address_id == min(home.address_id for home in homes if home.place == chosen.place)
        others = [metre for home, metre in distances.items() if home.building_id != chosen.building_id]
        runner_up_m = min(others, default=math.inf)
        if match["runner_up_distance_m"] is None:
            assert runner_up_m > 50 - MILLIMETRE
        else:
            assert float(str(match["runner_up_distance_m"])) == pytest.approx(runner_up_m, abs=0.01)
