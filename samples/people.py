"""Customers of the sample bank: who they are, with whom they live, how the CRM writes them down.

Here belongs the truth about people and homes; rows of the CRM's tables are made in `crm`.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from random import Random

from samples.dwellings import Dwellings
from samples.handwriting import (
    HOUSE_HABITS,
    PLAIN,
    UNIT_HABITS,
    Expected,
    Habit,
    Written,
    can_misspell,
    misspelled,
)
from samples.households import AMBIGUOUS, CROWDS, RECIPES, Homes, Recipe, Variation, endless
from samples.names import GIVEN, SHORT, SURNAMES

FEWEST = 200
_LATEST = dt.datetime(2026, 10, 30, 18, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Customer:
    """One row of the CRM with what it truly means; `dwelling` is where the person really lives."""

    customer_id: str
    person: int
    family: int
    first_name: str
    last_name: str
    birth_date: dt.date
    email: str
    phone: str
    dwelling: int
    written: Written
    expected: Expected
    home_trap: str
    managed_household: str
    has_consent: bool
    created_at: dt.datetime
    updated_at: dt.datetime
    variation: Variation
    trap: str

    @property
    def full_name(self) -> str:
        """Name as an account shows it."""
        return f"{self.first_name} {self.last_name}"


def customers(seed: int, count: int, dwellings: Dwellings) -> list[Customer]:
    """`count` customers, those at landmarks first; every recipe occurs.

    Raises ValueError when there are too few for that or more than every fourth dwelling can hold.
    """
    if not FEWEST <= count <= len(dwellings) // 4:
        raise ValueError(
            f"{count} customers do not fit {len(dwellings):,} addresses; ask for {FEWEST} to {len(dwellings) // 4:,}."
        )
    rng = Random(f"{seed}:people")
    register = _Register(rng, dwellings)
    for home in _single_landmarks(dwellings):
        register.move_in(RECIPES[0], [home], home_trap=dwellings.traps[int(dwellings.building[home])])
    for crowd in CROWDS:
        register.move_in(crowd, _crowded(dwellings, crowd), home_trap=crowd.trap)
    homes = Homes(seed, dwellings)
    for recipe in chain(RECIPES, endless(rng)):
        left = count - len(register.customers)
        if left <= 0:
            break
        fits = recipe.people + bool(recipe.variation) <= left
        chosen = homes.take(recipe) if fits else None
        if chosen is None:
            recipe, chosen = RECIPES[0], homes.take(RECIPES[0])
        register.move_in(recipe, chosen or [])
    return register.customers


def residents(dwellings: Dwellings, found: Sequence[Customer]) -> dict[int, list[Customer]]:
    """Customers by building, of those whose address can be found."""
    by_building: dict[int, list[Customer]] = defaultdict(list)
    for customer in found:
        if customer.expected != "none":
            by_building[int(dwellings.building[customer.dwelling])].append(customer)
    return by_building


def _single_landmarks(dwellings: Dwellings) -> list[int]:
    crowds = {crowd.place for crowd in CROWDS}
    return [int(dwellings.first[b]) for b, trap in dwellings.traps.items() if trap not in crowds]


def _crowded(dwellings: Dwellings, crowd: Recipe) -> list[int]:
    building = next(b for b, trap in dwellings.traps.items() if trap == crowd.place)
    first, size = int(dwellings.first[building]), int(dwellings.size[building])
    return [first + i % size for i in range(crowd.people)]


class _Register:
    """Takes people in and gives them names, numbers and papers."""

    def __init__(self, rng: Random, dwellings: Dwellings) -> None:
        self.customers: list[Customer] = []
        self._rng, self._dwellings = rng, dwellings
        self._people = self._families = self._managed = 0
        self._seen: set[Habit] = set()

    def move_in(self, recipe: Recipe, homes: Sequence[int], home_trap: str = "") -> None:
        """Add one household, each member at its home."""
        givens = self._rng.sample(GIVEN, len(homes))
        surnames = self._surnames(recipe, len(homes))
        if recipe.place == "tower":
            givens[1], surnames[1] = givens[0], surnames[0]
        managed = self._management(recipe, len(homes))
        lives_together = recipe.one_surname and len(set(homes)) == 1
        for i, home in enumerate(homes):
            if i == 0 or not (lives_together or surnames[i] in surnames[:i] and homes[i] == homes[i - 1]):
                self._families += 1
            habit = self._habit(recipe, home, is_plain=bool(home_trap))
            person = self._person(givens[i], surnames[i], home, habit, managed[i], recipe.trap)
            self.customers.append(replace(person, home_trap=home_trap or habit.trap))
        if recipe.variation:
            self.customers.append(self._copy(self.customers[-1], recipe.variation))

    def _surnames(self, recipe: Recipe, count: int) -> list[str]:
        if recipe.one_surname:
            return [self._rng.choice(SURNAMES)] * count
        surnames = self._rng.sample(SURNAMES, count)
        if recipe.place in AMBIGUOUS:
            surnames[1] = surnames[0]
        return surnames

    def _management(self, recipe: Recipe, count: int) -> list[str]:
        self._managed += 2
        one, other = f"H{self._managed:05d}", f"H{self._managed + 1:05d}"
        is_alone = bool(recipe.variation) or (count == 1 and self._rng.random() < 0.2)
        pattern = {
            "none": [""],
            "together": [one],
            "partly": [one] * (count - 1) + [""],
            "apart": [one, other],
        }
        chosen = [one] if is_alone else pattern[recipe.managed]
        return [chosen[i % len(chosen)] for i in range(count)]

    def _habit(self, recipe: Recipe, home: int, *, is_plain: bool) -> Habit:
        """Only people who live alone in the records write oddly: whether a family is found must be certain."""
        if is_plain or recipe.people > 1 or recipe.variation:
            return PLAIN
        possible = UNIT_HABITS if self._dwellings.unit[home] else HOUSE_HABITS
        habits = [h for h in possible if h.expected != "fuzzy" or can_misspell(self._dwellings[home])]
        # Every habit once before any twice, so that a small world has them all.
        unseen = [habit for habit in habits if habit not in self._seen]
        habit = unseen[0] if unseen else self._rng.choices(habits, [habit.weight for habit in habits])[0]
        self._seen.add(habit)
        return habit

    def _person(self, first: str, last: str, home: int, habit: Habit, managed: str, trap: str) -> Customer:
        rng, number = self._rng, len(self.customers) + 1
        self._people += 1
        created = dt.datetime(2008, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=rng.randrange(9_300_000))
        return Customer(
            customer_id=f"C{number:07d}",
            person=self._people,
            family=self._families,
            first_name=first,
            last_name=last,
            birth_date=_birthday(rng, may_swap=trap == "two_records"),
            email=f"{first}.{last}{number}@example.com".lower().replace("'", ""),
            phone=f"{rng.choice((203, 475, 860, 959))}-555-{rng.randrange(10_000):04d}",
            dwelling=home,
            written=habit.write(rng, self._dwellings[home]),
            expected=habit.expected,
            home_trap=habit.trap,
            managed_household=managed,
            has_consent=rng.random() < 0.6,
            created_at=created,
            updated_at=min(created + dt.timedelta(minutes=rng.randrange(2_000_000)), _LATEST),
            variation="",
            trap=trap,
        )

    def _copy(self, original: Customer, variation: Variation) -> Customer:
        """A second record of the same person, opened later at another desk."""
        number = len(self.customers) + 1
        first, last, birth = original.first_name, original.last_name, original.birth_date
        if variation == "nickname":
            first = SHORT.get(first, first[0] + ".")
        if variation == "surname_typo":
            last = misspelled(self._rng, last) if len(last) > 3 else last + "e"
        if variation == "swapped_day_month":
            birth = birth.replace(day=birth.month, month=birth.day)
        return replace(
            original,
            customer_id=f"C{number:07d}",
            first_name=first,
            last_name=last,
            birth_date=birth,
            email=f"{first[0]}{last}{number}@EXAMPLE.org".replace("'", ""),
            phone="(" + original.phone[:3] + ") " + original.phone[4:],
            created_at=min(original.created_at + dt.timedelta(days=400), _LATEST),
            updated_at=_LATEST,
            variation=variation,
        )


def _birthday(rng: Random, *, may_swap: bool) -> dt.date:
    """A day that also reads as another day of the year with day and month changed, when it may."""
    month = rng.randrange(1, 13)
    day = rng.choice([d for d in range(1, 13) if d != month]) if may_swap else rng.randrange(1, 29)
    return dt.date(rng.randrange(1936, 2006), month, day)
