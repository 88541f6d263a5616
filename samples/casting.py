"""Who plays which part in the scenes: customers by the kind of home, strangers, and who keeps quiet.

Choices only; what they say and where they stand is in `scenes`, arrivals speak for the quiet ones.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from random import Random

import numpy as np

from samples.dwellings import Dwellings
from samples.nearest import Grid
from samples.people import Customer
from samples.scenes import Stage

_TALKATIVE = 6
"""In six of ten buildings customers may tweet; the others are left to arrivals."""


def stage(seed: int, dwellings: Dwellings, grid: Grid, people: Sequence[Customer]) -> Stage:
    """Everything that scenes draw from."""
    ordinary = np.arange(len(dwellings.size)) >= len(dwellings.traps)
    lived_in = np.unique(dwellings.building[[person.dwelling for person in people]])
    ordinary[lived_in] = False
    return Stage(
        rng=Random(f"{seed}:tweets"),
        dwellings=dwellings,
        grid=grid,
        authors=_authors(dwellings, people),
        strangers=np.flatnonzero(ordinary & (dwellings.size == 1)).tolist(),
        blocks=np.flatnonzero(ordinary & (dwellings.size > 1)).tolist(),
    )


def quiet(dwellings: Dwellings, people: Sequence[Customer]) -> list[Customer]:
    """Customers alone in their house who have not tweeted and whose home is certain, in the order of their ids."""
    at_home = Counter(person.dwelling for person in people)
    return [
        person
        for person in people
        if _kind(dwellings, person) == "house"
        and not _may_speak(dwellings, person)
        and at_home[person.dwelling] == 1
    ]


def _authors(dwellings: Dwellings, people: Sequence[Customer]) -> Mapping[str, Sequence[Customer]]:
    found: dict[str, list[Customer]] = defaultdict(list)
    names = Counter((person.trap, person.full_name) for person in people)
    for person in people:
        kind = _kind(dwellings, person)
        if kind == "tower" and names[person.trap, person.full_name] > 1:
            kind = "namesakes"
        if kind != "house" or _may_speak(dwellings, person):
            found[kind].append(person)
    return found


def _may_speak(dwellings: Dwellings, person: Customer) -> bool:
    return int(dwellings.building[person.dwelling]) % 10 < _TALKATIVE


def _kind(dwellings: Dwellings, person: Customer) -> str:
    building = int(dwellings.building[person.dwelling])
    if person.trap in ("block_without_units", "institution"):
        return "crowd"
    if building in dwellings.traps:
        return dwellings.traps[building]
    if person.trap == "two_records":
        return "copy" if person.variation else "two_records"
    if person.expected != "exact":
        return "fuzzy" if person.expected == "fuzzy" else "unknown"
    return "unit" if dwellings.size[building] > 1 else "house"
