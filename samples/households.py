"""Kinds of households, how often each occurs, and the dwellings that are still free for them.

Here belongs who may live with whom; the people themselves are made in `people`.
"""

from collections.abc import Iterator
from random import Random
from typing import Literal, NamedTuple

import numpy as np

from samples.dwellings import Dwellings

AMBIGUOUS = frozenset({"block_without_units", "institution"})
"""Landmarks where sharing an address says nothing about sharing a dwelling."""


Managed = Literal["none", "together", "partly", "apart"]
Place = Literal["house", "unit", "neighbour_units", "block_without_units", "institution", "tower"]
Variation = Literal["", "exact_duplicate", "nickname", "surname_typo", "swapped_day_month"]


class Recipe(NamedTuple):
    """One kind of household and how often it occurs among 1000."""

    trap: str
    weight: int
    people: int
    one_surname: bool
    managed: Managed
    place: Place
    variation: Variation = ""


RECIPES: tuple[Recipe, ...] = (
    Recipe("", 560, 1, True, "none", "house"),
    Recipe("", 70, 1, True, "none", "unit"),
    Recipe("family_managed", 80, 2, True, "together", "house"),
    Recipe("family_managed", 30, 4, True, "together", "house"),
    Recipe("family_unmanaged", 60, 2, True, "none", "house"),
    Recipe("family_unmanaged", 30, 3, True, "none", "house"),
    Recipe("family_unmanaged", 20, 2, True, "none", "unit"),
    Recipe("family_partly_managed", 30, 3, True, "partly", "house"),
    Recipe("family_managed_apart", 15, 3, True, "apart", "house"),
    Recipe("room_mates", 40, 3, False, "none", "house"),
    Recipe("same_surname_other_unit", 15, 3, True, "none", "neighbour_units"),
    Recipe("two_records", 15, 1, True, "none", "house", "exact_duplicate"),
    Recipe("two_records", 15, 1, True, "none", "house", "nickname"),
    Recipe("two_records", 10, 1, True, "none", "house", "surname_typo"),
    Recipe("two_records", 10, 1, True, "none", "house", "swapped_day_month"),
)
CROWDS: tuple[Recipe, ...] = (
    Recipe("block_without_units", 0, 10, False, "none", "block_without_units"),
    Recipe("institution", 0, 14, False, "none", "institution"),
    Recipe("tower", 0, 12, False, "none", "tower"),
)
"""Households, if that is the word, of the landmarks."""


def endless(rng: Random) -> Iterator[Recipe]:
    """Recipes by their weights, for ever."""
    weights = [recipe.weight for recipe in RECIPES]
    while True:
        yield from rng.choices(RECIPES, weights, k=100)


class Homes:
    """Free dwellings away from the landmarks, each given away once."""

    def __init__(self, seed: int, dwellings: Dwellings) -> None:
        rng = np.random.default_rng([seed, 2])
        ordinary = np.arange(len(dwellings.first)) >= len(dwellings.traps)
        self._houses = iter(rng.permutation(dwellings.first[ordinary & (dwellings.size == 1)]).tolist())
        blocks = rng.permutation(np.flatnonzero(ordinary & (dwellings.size > 3)))
        whole, split = blocks[::2], blocks[1::2]
        self._neighbours = iter([int(dwellings.first[b]) for b in whole])
        apart = [int(dwellings.first[b]) + i for i in range(0, 10, 2) for b in split if i < dwellings.size[b]]
        self._units = iter(apart)

    def take(self, recipe: Recipe) -> list[int] | None:
        """Dwelling of each member, or None when none is left."""
        if recipe.place == "neighbour_units":
            first = next(self._neighbours, None)
            return None if first is None else [first + i for i in range(recipe.people)]
        home = next(self._units if recipe.place == "unit" else self._houses, None)
        return None if home is None else [home] * recipe.people
