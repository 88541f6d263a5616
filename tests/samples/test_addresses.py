import math
from collections import Counter

import numpy as np
import pytest

from platform_assets.geo.quadrants import quadrant_of
from samples import addresses
from samples.dwellings import Dwellings
from samples.landmarks import LANDMARKS
from samples.nearest import Grid, haversine_m
from samples.street_names import Spelling, names, position
from samples.towns import AREAS, TOWNS, metres, radii_m
from samples.world import World


@pytest.mark.parametrize("count", [1_000, 2_000, 20_000])
def test_there_are_as_many_dwellings_as_were_asked_for(count: int) -> None:
    dwellings = addresses.build(7, count)
    assert len(dwellings) == count
    assert int(dwellings.size.sum()) == count


def test_buildings_stand_at_least_12_metres_apart(small_world: World) -> None:
    found = small_world.dwellings
    lon, lat = found.lon[found.first], found.lat[found.first]
    # Each against all others, so that the grid that other tests rely on is checked too.
    gaps = []
    for i in range(len(lon)):
        distance = haversine_m(lon[i], lat[i], lon, lat)
        distance[i] = math.inf
        gaps.append(distance.min())
    assert min(gaps) >= 12
    grid = Grid(found).nearest(lon, lat)
    near = np.array(gaps) < 100
    assert np.allclose(grid.next_m[near], np.array(gaps)[near])
    assert (grid.building == np.arange(len(lon))).all()


def test_all_dwellings_lie_in_the_quadrants_of_the_state(small_world: World) -> None:
    points = zip(small_world.dwellings.lon, small_world.dwellings.lat, strict=True)
    assert Counter(quadrant_of(lon, lat) for lon, lat in points).keys() == {
        "northeast",
        "northwest",
        "southeast",
        "southwest",
    }


def test_an_address_names_one_dwelling(small_world: World) -> None:
    found = small_world.dwellings
    written = Counter(
        (d.house_number, d.street, d.unit, d.city) for d in (found[i] for i in range(len(found)))
    )
    assert max(written.values()) == 1


def test_a_street_name_occurs_in_many_towns_but_never_twice_in_one() -> None:
    dwellings = addresses.build(7, 20_000)
    streets = {int(s): int(t) for s, t in zip(dwellings.street, dwellings.town, strict=True)}
    by_town = Counter((town, int(dwellings.street_name[street])) for street, town in streets.items())
    assert max(by_town.values()) == 1
    assert max(Counter(name for _, name in by_town).values()) > 10


def test_blocks_have_two_to_forty_dwellings_at_one_point(small_world: World) -> None:
    found = small_world.dwellings
    blocks = np.flatnonzero(found.size > 1)
    assert len(blocks) > 5
    assert int(found.size.max()) == 40
    for block in blocks:
        rows = range(int(found.first[block]), int(found.first[block] + found.size[block]))
        assert len({(found[i].lon, found[i].lat, found[i].house_number) for i in rows}) == 1
        assert len({found[i].unit for i in rows} - {""}) == len(rows)


def test_landmarks_stand_exactly_where_they_were_put(small_world: World) -> None:
    found: Dwellings = small_world.dwellings
    points = {(found[i].lon, found[i].lat) for i in range(200)}
    assert all((round(mark.lon, 7), round(mark.lat, 7)) in points for mark in LANDMARKS)
    assert set(found.traps.values()) == {mark.trap for mark in LANDMARKS}


def test_two_million_dwellings_are_as_many_as_were_asked_for() -> None:
    assert len(addresses.build(7, 2_000_000)) == 2_000_000


def test_too_small_a_world_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"999 addresses is too small; ask for 1,000 or more\.$"):
        addresses.build(7, 999)


def test_towns_are_many_and_apart() -> None:
    assert len(TOWNS) >= 60
    assert len({town.name for town in TOWNS}) == len(TOWNS)
    assert len(AREAS) == 11
    reach = radii_m()
    for i, one in enumerate(TOWNS):
        for j, other in enumerate(TOWNS[:i]):
            assert metres(one.lon, one.lat, other.lon, other.lat) > reach[i] + reach[j] + 250


def test_every_name_is_found_at_its_position_and_spelled_in_each_way() -> None:
    assert all(position(name) == i for i, name in enumerate(names()))
    north_elm = next(n for n in names() if n == ("N", "Elm", "St"))
    assert [north_elm.spelled(s) for s in Spelling] == [
        "N ELM ST",
        "North Elm Street",
        "N. Elm St",
        "N Elm St.",
    ]
