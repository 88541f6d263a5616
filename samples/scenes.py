"""Where tweets of the sample world come from: at home, near home, between towns, abroad, nowhere.

Here belong scenes and their shares; a scene becomes a tweet, and tweets a log, in `tweets`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

import numpy as np

from samples import phrases
from samples.dwellings import Dwellings
from samples.messages import Shape
from samples.nearest import Grid, quadrant
from samples.people import Customer
from samples.phrases import Phrase
from samples.towns import METRES_PER_DEGREE, TOWNS, neighbours

ELSEWHERE = (
    ("Boston, MA", -71.0589, 42.3601),
    ("Manhattan, NY", -73.9857, 40.7484),
    ("Springfield, MA", -72.5898, 42.1015),
    ("Providence, RI", -71.4128, 41.8240),
    ("London, England", -0.1276, 51.5072),
)


class Spot(NamedTuple):
    """Where a tweet comes from and who writes: a point, a place or neither, and perhaps a customer."""

    lon: float | None = None
    lat: float | None = None
    place: str = ""
    customer: Customer | None = None


@dataclass(frozen=True)
class Stage:
    """What scenes draw from. `authors` are customers by the kind of their home."""

    rng: Random
    dwellings: Dwellings
    grid: Grid
    authors: Mapping[str, Sequence[Customer]]
    strangers: Sequence[int]
    """Buildings of one dwelling where no customer lives."""
    blocks: Sequence[int]
    """Buildings of many dwellings where no customer lives."""

    def near(self, building: int, most_m: float = 12.0) -> tuple[float, float]:
        """A point at most that far from a building, and nearer to it than to any other by more than two metres."""
        row = int(self.dwellings.first[building])
        lon, lat = float(self.dwellings.lon[row]), float(self.dwellings.lat[row])
        gap = float(self.grid.nearest(np.array([lon]), np.array([lat])).next_m[0])
        return shifted(self.rng, lon, lat, min(self.rng.random() * most_m, gap / 2 - 1.5))


class Scene(NamedTuple):
    """A kind of tweet: its trap label, how often among 1000, where, whose name is shown, in which shapes."""

    trap: str
    weight: int
    spot: Callable[[Stage], Spot]
    names_share: float = 0.6
    shapes: tuple[Shape, ...] = ("original", "v1.1", "v2")
    complaints: float = 0.22
    texts: tuple[str, ...] = ()
    """What is written instead of anything, in English and about nothing that matters to a bank."""

    def phrase(self, rng: Random) -> Phrase:
        """What is written in this scene."""
        if self.texts:
            return Phrase(rng.choice(self.texts), "other", False, "en")
        return phrases.anything(rng, self.complaints)


def shifted(rng: Random, lon: float, lat: float, metres: float) -> tuple[float, float]:
    """A point that far away in a random direction, to six decimals."""
    angle = rng.random() * 2 * math.pi
    east = metres * math.cos(angle) / (METRES_PER_DEGREE * math.cos(math.radians(lat)))
    return round(lon + east, 6), round(lat + metres * math.sin(angle) / METRES_PER_DEGREE, 6)


def _home(kind: str, most_m: float = 12.0) -> Callable[[Stage], Spot]:
    def spot(stage: Stage) -> Spot:
        author = stage.rng.choice(stage.authors[kind])
        lon, lat = stage.near(int(stage.dwellings.building[author.dwelling]), most_m)
        return Spot(lon, lat, customer=author)

    return spot


def _on_the_line(trap: str) -> Callable[[Stage], Spot]:
    """Exactly at a dwelling that stands on a split line."""

    def spot(stage: Stage) -> Spot:
        author = stage.rng.choice(stage.authors[trap])
        row = author.dwelling
        return Spot(float(stage.dwellings.lon[row]), float(stage.dwellings.lat[row]), customer=author)

    return spot


def _across(trap: str, east_m: float, north_m: float) -> Callable[[Stage], Spot]:
    """Some metres beyond a split line, the dwelling being on this side of it."""

    def spot(stage: Stage) -> Spot:
        author = stage.rng.choice(stage.authors[trap])
        lon, lat = float(stage.dwellings.lon[author.dwelling]), float(stage.dwellings.lat[author.dwelling])
        east = (east_m + stage.rng.random()) / (METRES_PER_DEGREE * math.cos(math.radians(lat)))
        north = (north_m and north_m + stage.rng.random()) / METRES_PER_DEGREE
        return Spot(round(lon + (east if east_m else 0), 6), round(lat + north, 6), customer=author)

    return spot


def _stranger(stage: Stage) -> Spot:
    return Spot(*stage.near(stage.rng.choice(stage.strangers)))


def _stranger_in_a_block(stage: Stage) -> Spot:
    return Spot(*stage.near(stage.rng.choice(stage.blocks)))


def _wild(stage: Stage) -> Spot:
    """Between two towns, more than 60 m from any dwelling."""
    while True:
        town = stage.rng.randrange(len(TOWNS))
        here, there = TOWNS[town], TOWNS[neighbours()[town]]
        part = stage.rng.uniform(0.3, 0.7)
        lon = round(here.lon + (there.lon - here.lon) * part + stage.rng.uniform(-0.002, 0.002), 6)
        lat = round(here.lat + (there.lat - here.lat) * part + stage.rng.uniform(-0.002, 0.002), 6)
        if stage.grid.nearest(np.array([lon]), np.array([lat])).distance_m[0] > 60 and quadrant(lon, lat):
            return Spot(lon, lat)


def _abroad(stage: Stage) -> Spot:
    place, lon, lat = stage.rng.choice(ELSEWHERE)
    return Spot(*shifted(stage.rng, lon, lat, 400), place)


def _abroad_without_place(stage: Stage) -> Spot:
    return _abroad(stage)._replace(place="")


def _place_only(stage: Stage) -> Spot:
    return Spot(place=f"{stage.rng.choice(TOWNS).name}, CT")


def _place_elsewhere(stage: Stage) -> Spot:
    return Spot(place=stage.rng.choice(ELSEWHERE)[0])


def nowhere(_stage: Stage) -> Spot:
    """Neither point nor place."""
    return Spot()


PLACED: tuple[Shape, ...] = ("v1.1", "v2")
SCENES: tuple[Scene, ...] = (
    Scene("", 360, _home("house"), complaints=0.25),
    Scene("name_in_a_building_of_many", 40, _home("unit"), 1.0, PLACED),
    Scene("no_name_in_a_building_of_many", 30, _home("unit"), 0.0),
    Scene("fuzzy_home", 20, _home("fuzzy")),
    Scene("home_cannot_be_found", 12, _home("unknown")),
    Scene("two_records", 10, _home("two_records")),
    Scene("namesakes_in_a_tower", 4, _home("namesakes"), 1.0, PLACED),
    Scene("block_without_units", 6, _home("crowd"), 1.0, PLACED),
    Scene("same_address_two_towns", 8, _home("same_address_two_towns")),
    Scene("on_both_split_lines", 3, _on_the_line("on_both_split_lines")),
    Scene("on_split_lon", 3, _on_the_line("on_split_lon")),
    Scene("on_split_lat", 3, _on_the_line("on_split_lat")),
    Scene("across_split_lon", 6, _across("west_of_split_lon", 8.0, 0.0)),
    Scene("across_split_lat", 6, _across("south_of_split_lat", 0.0, 8.0)),
    Scene("", 190, _stranger, 0.0, complaints=0.08),
    Scene("stranger_in_a_building_of_many", 30, _stranger_in_a_block, 0.0, complaints=0.08),
    Scene("away_from_dwellings", 90, _wild, 0.0, complaints=0.08),
    Scene("", 50, _abroad_without_place, 0.0, complaints=0.05),
    Scene("point_and_place_elsewhere", 20, _abroad, 0.0, PLACED, 0.05),
    Scene("place_only", 60, _place_only, 0.0, PLACED, 0.1),
    Scene("place_only_elsewhere", 20, _place_elsewhere, 0.0, PLACED, 0.05),
    Scene("", 30, nowhere, 0.0, complaints=0.05),
    Scene("tracked_word_of_the_world", 12, nowhere, 0.0, texts=phrases.WORLD),
)
