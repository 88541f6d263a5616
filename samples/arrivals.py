"""New data for a world that runs: a new street in a town, and some tweets that make something happen.

Each arrival is a function of the world and its number. The first world is made elsewhere and never changes.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

import numpy as np

from resources.message_log import NewMessage
from resources.object_store import ObjectStore
from samples import casting, phrases
from samples.address_files import PREFIX
from samples.crm import tables
from samples.dwellings import Dwellings
from samples.messages import Shape, Tweet, encode
from samples.nearest import Grid
from samples.people import Customer
from samples.phrases import Phrase
from samples.scenes import SCENES, Scene, Spot, Stage, shifted
from samples.source_formats import STANDARD
from samples.towns import METRES_PER_DEGREE, TOWNS, Town, metres
from samples.tweets import Entry, tell

FIRST_DAY = dt.date(2026, 11, 1)
ASKED_PRODUCT = "retirement"
_FIRST_NUMBER, _NUMBERS = 10_000_000, 100
_BASES = (
    "Harvest",
    "Homestead",
    "Stone Bridge",
    "Fox Hollow",
    "Winding Brook",
    "Old Orchard",
    "Hilltop",
    "Cider Mill",
)
_SUFFIXES = ("Lane", "Drive", "Road", "Circle", "Court")
_HOUSES, _APART_M, _CLEAR_M, _DIRECTIONS = 12, 24.0, 40.0, 16
_ORDINARY = 11
_COMPLAINTS = (
    "@examplebank charged me twice again and nobody picks up the phone. Terrible.",
    "45 minutes on hold with @examplebank and then they hung up on me. Unacceptable.",
    "The @examplebank app is down again and I can't pay my bills. So frustrating.",
)
_QUESTIONS = (
    "Time to make a retirement plan. Can @examplebank recommend a good financial advisor?",
    "How much should I be saving for retirement? Would love some advice from @examplebank.",
    "Roth IRA or 401k first? Looking for good retirement advice.",
)


class Arrival(NamedTuple):
    """What arrived: key of the file, addresses in it, tweets; who complains, who asks for advice.

    `located_tweet` is the offset of an earlier tweet that now has a dwelling near it, -1 when there is none.
    """

    key: str
    addresses: int
    tweets: int
    complaining_customer_id: str
    asking_customer_id: str
    located_tweet: int


class Made(NamedTuple):
    """An arrival as bytes."""

    arrival: Arrival
    content: bytes
    messages: list[NewMessage]


@dataclass(frozen=True)
class Scenery:
    """The world into which something arrives."""

    seed: int
    dwellings: Dwellings
    grid: Grid
    people: Sequence[Customer]
    log: Sequence[Entry]


class _House(NamedTuple):
    number: int
    lon: float
    lat: float


def earlier(store: ObjectStore) -> int:
    """How many arrivals the store holds."""
    count, after = 0, f"{PREFIX}{FIRST_DAY.isoformat()}"
    while page := store.list(PREFIX, after=after):
        count, after = count + len(page), page[-1].key
    return count


def make(scenery: Scenery, number: int) -> Made:
    """The arrival of that number, from 0.

    A customer who never complained does, and one who agreed to offers asks for advice; both live alone.
    """
    rng = Random(f"{scenery.seed}:arrival:{number}")
    offset, point = _unlocated(scenery, number)
    town = min(TOWNS, key=lambda t: metres(t.lon, t.lat, *point))
    houses = _street(scenery.grid, *point)
    day = FIRST_DAY + dt.timedelta(days=number)
    key = f"{PREFIX}{day.isoformat()}_{town.name.lower().replace(' ', '_')}.csv"
    complaining, asking = _actors(scenery, number)
    stage = replace(casting.stage(scenery.seed, scenery.dwellings, scenery.grid, scenery.people), rng=rng)
    start = dt.datetime.combine(day, dt.time(8), dt.UTC)
    cast = [
        (_at_home(complaining), Phrase(rng.choice(_COMPLAINTS), "service", True, "en")),
        (_at_home(asking), Phrase(rng.choice(_QUESTIONS), "advice", False, "en")),
        *((_newcomer(house), phrases.about(rng, "other")) for house in houses[:2]),
        *(
            (scene, scene.phrase(rng))
            for scene in rng.choices(SCENES, [s.weight for s in SCENES], k=_ORDINARY)
        ),
    ]
    told = _told(stage, cast, _FIRST_NUMBER + number * _NUMBERS, start)
    messages = [NewMessage(None, encode(tweet), tweet.created_at) for tweet in told]
    arrival = Arrival(key, len(houses), len(messages), complaining.customer_id, asking.customer_id, offset)
    return Made(arrival, _file(houses, town, number), messages)


def _told(
    stage: Stage, cast: Sequence[tuple[Scene, Phrase]], number: int, start: dt.datetime
) -> Sequence[Tweet]:
    return [
        tell(stage.rng, scene, scene.spot(stage), number + i, start + dt.timedelta(minutes=i), phrase)
        for i, (scene, phrase) in enumerate(cast)
    ]


def _at_home(customer: Customer) -> Scene:
    def spot(stage: Stage) -> Spot:
        return Spot(*stage.near(int(stage.dwellings.building[customer.dwelling])), customer=customer)

    original: tuple[Shape, ...] = ("original",)
    return Scene("arrival", 0, spot, 0.0, original)


def _newcomer(house: _House) -> Scene:
    return Scene("new_street", 0, lambda stage: Spot(*shifted(stage.rng, house.lon, house.lat, 5.0)), 0.0)


def _actors(scenery: Scenery, number: int) -> tuple[Customer, Customer]:
    """Who complains and who asks: others each time until everybody has."""
    quiet = casting.quiet(scenery.dwellings, scenery.people)
    owners = {
        str(row[1])
        for row in tables(scenery.seed, scenery.people).portfolios
        if str(row[2]).lower() == ASKED_PRODUCT
    }
    able = [person for person in quiet if person.has_consent and person.customer_id not in owners]
    asking = able[number % len(able)]
    others = [person for person in quiet if person not in able]
    return others[number % len(others)], asking


def _unlocated(scenery: Scenery, number: int) -> tuple[int, tuple[float, float]]:
    """Offset and point of a tweet of the first world that no dwelling is near; later rounds build further north."""
    wild = [
        (offset, (entry.tweet.lon, entry.tweet.lat))
        for offset, entry in enumerate(scenery.log)
        if entry.tweet is not None and entry.tweet.trap == "away_from_dwellings" and not entry.is_copy
        if entry.tweet.lon is not None and entry.tweet.lat is not None
    ]
    rounds, place = divmod(number, len(wild))
    offset, (lon, lat) = wild[place]
    return (-1 if rounds else offset), (lon, lat + rounds * 400 / METRES_PER_DEGREE)


def _street(grid: Grid, lon: float, lat: float) -> list[_House]:
    """Houses in a straight line away from a point, in the direction with most room; the first is 10 m away."""
    lines = [_line(lon, lat, 2 * math.pi * i / _DIRECTIONS) for i in range(_DIRECTIONS)]
    free = []
    for line in lines:
        nearest = grid.nearest(np.array([h.lon for h in line]), np.array([h.lat for h in line]))
        free.append([house for house, gap in zip(line, nearest.distance_m, strict=True) if gap > _CLEAR_M])
    return max(free, key=len)


def _line(lon: float, lat: float, angle: float) -> list[_House]:
    per_lon = METRES_PER_DEGREE * math.cos(math.radians(lat))
    steps = [10 + i * _APART_M for i in range(_HOUSES)]
    return [
        _House(
            2 * i + 1,
            round(lon + step * math.cos(angle) / per_lon, 7),
            round(lat + step * math.sin(angle) / METRES_PER_DEGREE, 7),
        )
        for i, step in enumerate(steps)
    ]


def _file(houses: Sequence[_House], town: Town, number: int) -> bytes:
    street = f"{_BASES[number % len(_BASES)]} {_SUFFIXES[number // len(_BASES) % len(_SUFFIXES)]}"
    lines = [f"{h.lon},{h.lat},{h.number},{street},,{town.name},,CT,{town.postcodes[0]},," for h in houses]
    return ("\n".join([",".join(STANDARD), *lines]) + "\n").encode()
