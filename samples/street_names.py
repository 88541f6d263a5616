"""Street names that towns share, and how sources spell them.

Data and spelling only; which town has which street is decided in `addresses`.
"""

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa


class Spelling(Enum):
    """How a source writes a street."""

    SHORT = "N ELM ST"
    LONG = "North Elm Street"
    MIXED = "N. Elm St"
    TYPED = "N Elm St."


class StreetName(NamedTuple):
    """One name in its parts, such as ("N", "Elm", "St")."""

    direction: str
    base: str
    suffix: str

    def spelled(self, spelling: Spelling) -> str:
        """The name as a source of that habit writes it."""
        long = spelling is Spelling.LONG
        direction = DIRECTIONS[self.direction] if long else self.direction
        suffix = SUFFIXES[self.suffix] if long else self.suffix
        if spelling is Spelling.MIXED and direction:
            direction += "."
        if spelling is Spelling.TYPED:
            suffix += "."
        text = " ".join(part for part in (direction, self.base, suffix) if part)
        return text.upper() if spelling is Spelling.SHORT else text


DIRECTIONS = {"": "", "N": "North", "S": "South", "E": "East", "W": "West"}
SUFFIXES = {
    "St": "Street",
    "Ave": "Avenue",
    "Rd": "Road",
    "Ln": "Lane",
    "Dr": "Drive",
    "Ct": "Court",
    "Pl": "Place",
    "Ter": "Terrace",
    "Cir": "Circle",
}
_BASES = """
Main Elm Church Maple Oak Pleasant Prospect Chestnut Franklin Washington Lincoln Jefferson Madison Monroe
Jackson Walnut Cedar Birch Hickory Spruce Sycamore Willow Juniper Magnolia Laurel Hawthorne Linden Poplar
Dogwood Cherry Whitney Edgewood Orchard Meadow Riverside Hillside Lakeview Fairview Summit Crescent Sunset
Sunrise Evergreen Woodland Brookside Ridgewood Glenwood Greenwood Westwood Stonewall Fieldstone Cobblestone
Quarry Foundry Harbor Seaview Lighthouse Anchor Mariner Captain Clipper Schooner Whaler Compass Beacon
Liberty Independence Patriot Constitution Charter Yankee Pilgrim Puritan Colonial Governor Senator Trumbull
Wolcott Huntington Ellsworth Sherman Putnam Nathan Webster Twain Stowe Barnum Colt Sikorsky Whalley Dixwell
Farnam Hooker Davenport Winthrop Saltonstall Talcott Goodwin Wadsworth Buckingham Canterbury Cambridge
Oxford Windsor Berkshire Suffolk Norfolk Essex Sussex Devonshire Yorkshire Cornwall Bristol Plymouth Salem
Concord Lexington Bedford Fairfield Litchfield Somerset Hemlock Larch Aspen Cypress Acorn Partridge Pheasant
Falcon Heron Osprey Sparrow Robin Cardinal Bluebird Nightingale Foxglove Primrose Bayberry Blueberry
Raspberry Cranberry Clover Thistle Heather Lavender Marigold Violet Daisy
"""
BASES = tuple(_BASES.split())
_USUAL = ("St", "Ave", "Rd")


@lru_cache(maxsize=1)
def names() -> tuple[StreetName, ...]:
    """Every name in a fixed order: those without a direction first."""
    return tuple(StreetName(d, b, s) for d in DIRECTIONS for s in SUFFIXES for b in BASES)


def position(name: StreetName) -> int:
    """Where `name` stands in `names()`."""
    per_suffix, per_direction = len(BASES), len(BASES) * len(SUFFIXES)
    return (
        list(DIRECTIONS).index(name.direction) * per_direction
        + list(SUFFIXES).index(name.suffix) * per_suffix
        + BASES.index(name.base)
    )


@lru_cache(maxsize=1)
def rarity() -> tuple[float, ...]:
    """How rare each name is, 1 for the commonest; towns draw names in proportion."""
    by_base = {base: (1 + i / 4) ** 1.5 for i, base in enumerate(BASES)}
    return tuple(
        by_base[n.base] * (1 if n.suffix in _USUAL else 6) * (25 if n.direction else 1) for n in names()
    )


@lru_cache(maxsize=len(Spelling))
def spellings(spelling: Spelling) -> pa.StringArray:
    """Every name in one spelling, in the order of `names()`."""
    return pa.array([name.spelled(spelling) for name in names()], pa.string())
