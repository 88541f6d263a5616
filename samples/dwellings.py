"""Every dwelling of the sample world, column by column, and what each is called.

Here belong the columns and their words; how houses come to stand where they do is in `addresses`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samples.street_names import Spelling, names, spellings
from samples.towns import TOWNS

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_LETTERED = tuple(f"{floor}{letter}" for floor in range(1, 11) for letter in "ABCD")
_NUMBERED = tuple(f"{floor}{door:02d}" for floor in range(1, 11) for door in range(1, 5))
UNITS: tuple[str, ...] = ("", *_LETTERED, *_NUMBERED)
"""Every unit by its code; 0 is a house without units."""
MOST_UNITS = 40


class Dwelling(NamedTuple):
    """One dwelling in words."""

    house_number: str
    street: str
    unit: str
    city: str
    postcode: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Dwellings:
    """Columns of equal length, one entry per dwelling; coordinates in degrees to seven decimals."""

    town: Ints
    street: Ints
    number: Ints
    unit: Ints
    lon: Floats
    lat: Floats
    building: Ints
    street_name: Ints
    """Per street: position in `street_names.names()`."""
    traps: Mapping[int, str]
    """Trap by building, for the few buildings that are one."""

    def __len__(self) -> int:
        return len(self.number)

    def __getitem__(self, row: int) -> Dwelling:
        name, town = names()[int(self.street_name[self.street[row]])], TOWNS[int(self.town[row])]
        return Dwelling(
            str(self.number[row]),
            name.spelled(Spelling.LONG),
            UNITS[int(self.unit[row])],
            town.name,
            town.postcodes[int(self.street[row]) % len(town.postcodes)],
            float(self.lon[row]),
            float(self.lat[row]),
        )

    @cached_property
    def first(self) -> Ints:
        """Per building: the row of its first dwelling; a building's rows follow each other."""
        return np.flatnonzero(np.diff(self.building, prepend=-1))

    @cached_property
    def size(self) -> Ints:
        """Per building: how many dwellings it has."""
        return np.diff(self.first, append=len(self))

    def streets(self, rows: Ints, spelling: Spelling) -> pa.StringArray:
        """Street of each row as that spelling writes it."""
        return spellings(spelling).take(pa.array(self.street_name[self.street[rows]]))

    def units(self, rows: Ints, prefix: str) -> pa.StringArray:
        """Unit of each row after a designator such as "APT ", empty for houses."""
        return pa.array([unit and prefix + unit for unit in UNITS]).take(pa.array(self.unit[rows]))

    def cities(self, rows: Ints) -> pa.StringArray:
        """Town of each row in capitals."""
        return pa.array([town.name.upper() for town in TOWNS]).take(pa.array(self.town[rows]))

    def postcodes(self, rows: Ints) -> pa.StringArray:
        """Five-digit postcode of each row; a street lies in one."""
        counts = [len(town.postcodes) for town in TOWNS]
        starts = np.array([0, *accumulate(counts)][:-1])
        town = self.town[rows]
        codes = pa.array([code for t in TOWNS for code in t.postcodes])
        return codes.take(pa.array(starts[town] + self.street[rows] % np.array(counts)[town]))
