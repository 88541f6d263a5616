"""Which building is nearest to a point: a grid of cells and exact distances on the sphere.

An answer of its own, so that the truth does not come from the code it judges.
"""

from typing import NamedTuple

import numpy as np

from samples.dwellings import Dwellings, Floats, Ints
from samples.landmarks import SPLIT_LAT, SPLIT_LON

RADIUS_M = 6_371_000.0
FAR_M = 100.0
"""Up to this distance answers are exact; beyond it a point counts as far from everything."""
_CELL_LAT, _CELL_LON = 0.001, 0.0014
_AROUND = np.array([(east, north) for east in (-1, 0, 1) for north in (-1, 0, 1)]).T[:, :, None]
"""Steps to a cell and its eight neighbours, each cell wider and higher than `FAR_M`."""
_STATE = (-73.75, 40.93, -71.76, 42.07)
"""West, south, east, north of a box that holds all of Connecticut with some margin."""


class Nearest(NamedTuple):
    """Per point: nearest building (-1 when none is near), its distance and that of the next one, metres."""

    building: Ints
    distance_m: Floats
    next_m: Floats


class Grid:
    """All buildings of a world, by cell."""

    def __init__(self, dwellings: Dwellings) -> None:
        self._lon, self._lat = dwellings.lon[dwellings.first], dwellings.lat[dwellings.first]
        keys = _key(*_cell(self._lon, self._lat))
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]

    def nearest(self, lon: Floats, lat: Floats) -> Nearest:
        """The two nearest buildings of each point, degrees."""
        query, building = self._candidates(lon, lat)
        distance = haversine_m(lon[query], lat[query], self._lon[building], self._lat[building])
        close = distance <= FAR_M
        query, building, distance = query[close], building[close], distance[close]
        order = np.lexsort((building, distance, query))
        query, building, distance = query[order], building[order], distance[order]
        found = Nearest(np.full(len(lon), -1), np.full(len(lon), np.inf), np.full(len(lon), np.inf))
        starts = np.flatnonzero(np.diff(query, prepend=-1))
        found.building[query[starts]], found.distance_m[query[starts]] = building[starts], distance[starts]
        seconds = starts[np.diff(starts, append=len(query)) > 1] + 1
        found.next_m[query[seconds]] = distance[seconds]
        return found

    def _candidates(self, lon: Floats, lat: Floats) -> tuple[Ints, Ints]:
        column, row = _cell(lon, lat)
        keys = _key(column + _AROUND[0], row + _AROUND[1])
        low, high = np.searchsorted(self._keys, keys, "left"), np.searchsorted(self._keys, keys, "right")
        counts = (high - low).ravel()
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        query = np.broadcast_to(np.arange(len(lon)), keys.shape).ravel()
        return np.repeat(query, counts), self._order[np.repeat(low.ravel(), counts) + within]


def haversine_m(lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats) -> Floats:
    """Great-circle distance, metres, radius 6371 km."""
    a, b = np.radians(lat_a), np.radians(lat_b)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon_b - lon_a) / 2) ** 2
    result: Floats = 2 * RADIUS_M * np.arcsin(np.sqrt(half))
    return result


def quadrant(lon: float, lat: float) -> str:
    """The quadrant of a point, empty outside the state; a point on a split line is on its east or north side."""
    west, south, east, north = _STATE
    if not (west <= lon < east and south <= lat < north):
        return ""
    return ("north" if lat >= SPLIT_LAT else "south") + ("east" if lon >= SPLIT_LON else "west")


def _cell(lon: Floats, lat: Floats) -> tuple[Ints, Ints]:
    return np.floor(lon / _CELL_LON).astype(np.int64), np.floor(lat / _CELL_LAT).astype(np.int64)


def _key(column: Ints, row: Ints) -> Ints:
    return row * 1_000_000 + column
