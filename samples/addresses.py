"""Where houses stand: towns are discs of parallel, gently curved streets, with landmarks put in first.

Made with numpy, town by town, so that millions take seconds. By construction buildings lie at least 15 m apart.
"""

import math
from dataclasses import dataclass

import numpy as np

from samples.dwellings import MOST_UNITS, Bools, Dwellings, Floats, Ints
from samples.landmarks import LANDMARKS, Landmark
from samples.street_names import names, position, rarity
from samples.towns import METRES_PER_DEGREE, SPECIAL, TOWNS, Town, radii_m

FEWEST = 1_000
_ROW_M, _SEGMENT_M, _GAP_M, _SETBACK_M = 70.0, 320.0, 40.0, 14.0
_NEAREST_M, _FARTHEST_M, _LOTS = 15.5, 35.0, 22
_BEND_M, _BEND_LENGTH_M = 35.0, 1_500.0
_EDGE_M, _KEEP_OUT_M = 80.0, 70.0
_M2_PER_BUILDING = 1_250.0
_FEWEST_UNITS, _USUAL_BLOCKS = 10, 0.012


@dataclass(frozen=True)
class _Buildings:
    """Buildings of one town: street counted from 0 in the town, the number, units (1 for a house), the point."""

    street: Ints
    number: Ints
    units: Ints
    lon: Floats
    lat: Floats


def build(seed: int, count: int) -> Dwellings:
    """Exactly `count` dwellings, landmarks first; the same for the same arguments.

    Raises ValueError below 1,000, where there is no room for the landmarks.
    """
    if count < FEWEST:
        raise ValueError(f"A sample world of {count} addresses is too small; ask for {FEWEST:,} or more.")
    landmarks = _landmarks()
    towns = min(len(TOWNS), max(SPECIAL, count // 400))
    areas = (np.array(radii_m()[:towns]) - _EDGE_M) ** 2
    blocks = max(
        _USUAL_BLOCKS, (count * _M2_PER_BUILDING / (math.pi * areas.sum()) - 1) / (_FEWEST_UNITS + 14)
    )
    ordinary = count - int(landmarks.units.sum())
    shares = np.diff(np.rint(np.cumsum(areas) / areas.sum() * ordinary), prepend=0)
    parts, town_of, name_of = [landmarks], [_landmark_towns()], [_landmark_names()]
    for index in range(towns):
        rng = np.random.default_rng([seed, 1, index])
        parts.append(_town(rng, index, int(shares[index]), blocks))
        street_count = int(parts[-1].street.max(initial=-1)) + 1
        name_of.append(_street_names(rng, index, street_count))
        town_of.append(np.full(street_count, index))
    return _columns(parts, np.concatenate(town_of), name_of)


def _columns(parts: list[_Buildings], street_town: Ints, name_of: list[Ints]) -> Dwellings:
    offsets = np.cumsum([0, *(len(n) for n in name_of)])
    street = np.concatenate([part.street + offset for part, offset in zip(parts, offsets, strict=False)])
    units = np.concatenate([part.units for part in parts])
    building = np.repeat(np.arange(len(units)), units)
    within = np.arange(len(building)) - np.repeat(np.cumsum(units) - units, units)
    numbered = (building % 2) * MOST_UNITS
    return Dwellings(
        town=street_town[street][building],
        street=street[building],
        number=np.concatenate([part.number for part in parts])[building],
        unit=np.where(units[building] > 1, 1 + numbered + within, 0),
        lon=np.round(np.concatenate([part.lon for part in parts])[building], 7),
        lat=np.round(np.concatenate([part.lat for part in parts])[building], 7),
        building=building,
        street_name=np.concatenate(name_of),
        traps={i: mark.trap for i, mark in enumerate(mark for mark in LANDMARKS for _ in mark.numbers)},
    )


def _town(rng: np.random.Generator, index: int, dwellings: int, blocks: float) -> _Buildings:
    if dwellings <= 0:
        none = np.zeros(0, np.int64)
        return _Buildings(none, none, none, np.zeros(0), np.zeros(0))
    units = np.where(rng.random(dwellings) < blocks, rng.integers(_FEWEST_UNITS, MOST_UNITS, dwellings), 1)
    needed = int(np.searchsorted(np.cumsum(units), dwellings)) + 1
    units = units[:needed]
    units[-1] -= int(units.sum()) - dwellings
    x, y, street, number = _lots(rng, radii_m()[index], needed + 60)
    lon, lat = _placed(TOWNS[index], x, y, rng.uniform(0, math.pi))
    free = np.flatnonzero(_is_free(lon, lat))[:needed]
    if len(free) < needed:
        raise ValueError(
            f"{TOWNS[index].name} has no room for {needed:,} buildings; ask for fewer addresses."
        )
    return _Buildings(street[free], number[free], units, lon[free], lat[free])


def _lots(rng: np.random.Generator, radius: float, wanted: int) -> tuple[Floats, Floats, Ints, Ints]:
    """At least `wanted` lots where the disc has them: metres east and north of the centre, street, house number."""
    start, length, row = _segments(radius)
    enough = int(np.searchsorted(np.cumsum(length) * 2 / 26.5, wanted)) + 2
    start, length, row = start[:enough], length[:enough], row[:enough]
    shape = (len(start), 2, _LOTS)
    along = np.cumsum(rng.uniform(_NEAREST_M, _FARTHEST_M, shape), axis=2) - _NEAREST_M
    number = (
        2 * np.cumsum(rng.choice(np.array([1, 1, 1, 2, 3]), shape), axis=2) - np.array([0, 1])[None, :, None]
    )
    inside = along < length[:, None, None]
    x = (start[:, None, None] + along)[inside]
    bend = _BEND_M * np.sin(2 * np.pi * x / _BEND_LENGTH_M + rng.uniform(0, 2 * np.pi))
    side = np.broadcast_to(np.array([_SETBACK_M, -_SETBACK_M])[None, :, None], shape)[inside]
    y = np.broadcast_to(row[:, None, None], shape)[inside] + bend + side
    street = np.broadcast_to(np.arange(len(start))[:, None, None], shape)[inside]
    return x, y, street, number[inside]


def _segments(radius: float) -> tuple[Floats, Floats, Floats]:
    """Streets of a disc, the most central first: where they start, how long they are, in which row, metres."""
    reach = radius - _EDGE_M
    rows = np.arange(-math.floor(reach / _ROW_M), math.floor(reach / _ROW_M) + 1) * _ROW_M
    pitch = _SEGMENT_M + _GAP_M
    starts = np.arange(-math.ceil(reach / pitch) - 1, math.ceil(reach / pitch) + 1) * pitch + pitch / 2
    row, start = (grid.ravel() for grid in np.meshgrid(rows, starts, indexing="ij"))
    half = np.sqrt(reach**2 - row**2)
    west, east = np.maximum(start, -half), np.minimum(start + _SEGMENT_M, half)
    long = east - west > 100
    row, west, east = row[long], west[long], east[long]
    order = np.argsort(np.hypot((west + east) / 2, row), kind="stable")
    return west[order], (east - west)[order], row[order]


def _placed(town: Town, x: Floats, y: Floats, turn: float) -> tuple[Floats, Floats]:
    east, north = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
    return town.lon + east / (
        METRES_PER_DEGREE * math.cos(math.radians(town.lat))
    ), town.lat + north / METRES_PER_DEGREE


def _is_free(lon: Floats, lat: Floats) -> Bools:
    """Whether each point lies clear of every landmark."""
    free = np.ones(len(lon), np.bool_)
    marks = _landmarks()
    for mark_lon, mark_lat in zip(marks.lon, marks.lat, strict=True):
        east = (lon - mark_lon) * math.cos(math.radians(mark_lat))
        free &= np.hypot(east, lat - mark_lat) * METRES_PER_DEGREE > _KEEP_OUT_M
    return free


def _street_names(rng: np.random.Generator, town: int, count: int) -> Ints:
    """Distinct names, the common ones likelier; names of the town's landmarks are left out."""
    order = rng.exponential(size=len(names())) * np.array(rarity())
    order[[position(m.street) for m in LANDMARKS if m.town == TOWNS[town].name]] = np.inf
    if count > len(order) - len(LANDMARKS):
        raise ValueError(f"{TOWNS[town].name} would need {count:,} street names; ask for fewer addresses.")
    return np.argsort(order, kind="stable")[:count]


def _landmarks() -> _Buildings:
    rows = [
        (i, mark, step, number)
        for i, mark in enumerate(LANDMARKS)
        for step, number in enumerate(mark.numbers)
    ]
    points = [_step(mark, step) for _, mark, step, _ in rows]
    return _Buildings(
        np.array([i for i, *_ in rows]),
        np.array([number for *_, number in rows]),
        np.array([max(mark.units, 1) for _, mark, *_ in rows]),
        np.array([lon for lon, _ in points]),
        np.array([lat for _, lat in points]),
    )


def _step(mark: Landmark, step: int) -> tuple[float, float]:
    per_lon = METRES_PER_DEGREE * math.cos(math.radians(mark.lat))
    return mark.lon + step * mark.east_m / per_lon, mark.lat + step * mark.north_m / METRES_PER_DEGREE


def _landmark_towns() -> Ints:
    by_name = {town.name: i for i, town in enumerate(TOWNS)}
    return np.array([by_name[mark.town] for mark in LANDMARKS])


def _landmark_names() -> Ints:
    return np.array([position(mark.street) for mark in LANDMARKS])
