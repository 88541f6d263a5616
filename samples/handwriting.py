"""How people write their address into a form, and whether it can still be found.

Here belong the habits and their shares; whose address it is belongs to `people`.
"""

from collections.abc import Callable
from random import Random
from typing import Literal, NamedTuple

from samples.dwellings import Dwelling
from samples.street_names import DIRECTIONS, SUFFIXES

Expected = Literal["exact", "fuzzy", "none"]


class Written(NamedTuple):
    """The address columns of a CRM row."""

    street: str
    unit: str
    city: str
    state: str
    postcode: str


class Habit(NamedTuple):
    """One way to write: its trap label (empty when ordinary), how often among 1000, whether it can be found, how."""

    trap: str
    weight: int
    expected: Expected
    write: Callable[[Random, Dwelling], Written]


def _short(text: str) -> str:
    words = {long: short for table in (SUFFIXES, DIRECTIONS) for short, long in table.items() if short}
    return " ".join(words.get(word, word) for word in text.split())


def _plain(rng: Random, home: Dwelling) -> Written:
    street = rng.choice((home.street, _short(home.street), _short(home.street) + "."))
    unit = home.unit and rng.choice(("{}", "Apt {}", "APT {}", "#{}", "# {}", "Unit {}")).format(home.unit)
    return Written(f"{home.house_number} {street}", unit, home.city, "CT", home.postcode)


def _lower(rng: Random, home: Dwelling) -> Written:
    return Written(*(text.lower() for text in _plain(rng, home)))


def _upper(rng: Random, home: Dwelling) -> Written:
    return Written(*(text.upper() for text in _plain(rng, home)))


def _zip_plus_4(rng: Random, home: Dwelling) -> Written:
    return _plain(rng, home)._replace(postcode=f"{home.postcode}-{rng.randrange(1000, 9999)}")


def _no_postcode(rng: Random, home: Dwelling) -> Written:
    return _plain(rng, home)._replace(postcode="")


def _no_city(rng: Random, home: Dwelling) -> Written:
    return _plain(rng, home)._replace(city="")


def _blanks(rng: Random, home: Dwelling) -> Written:
    plain = _plain(rng, home)
    return plain._replace(street="  " + plain.street.replace(" ", "  ", 1), city=plain.city + " ")


def _lost_zero(rng: Random, home: Dwelling) -> Written:
    return _plain(rng, home)._replace(postcode=home.postcode.lstrip("0"))


def _unit_in_street(rng: Random, home: Dwelling) -> Written:
    plain = _plain(rng, home)
    designator = rng.choice((", Apt ", " Apt ", " #", " APT "))
    return plain._replace(street=plain.street.rstrip(".") + designator + home.unit, unit="")


def _unit_left_out(rng: Random, home: Dwelling) -> Written:
    return _plain(rng, home)._replace(unit="")


def _typo(rng: Random, home: Dwelling) -> Written:
    plain = _plain(rng, home)
    name = longest_word(home.street)
    return plain._replace(street=plain.street.replace(name, misspelled(rng, name)))


def _po_box(rng: Random, home: Dwelling) -> Written:
    return Written(f"PO Box {rng.randrange(10, 4000)}", "", home.city, "CT", home.postcode)


def _moved_away(rng: Random, _home: Dwelling) -> Written:
    name = rng.choice(("Boylston", "Tremont", "Newbury"))
    return Written(f"{rng.randrange(5, 900)} {name} St", "", "Boston", "MA", "02116")


def _nonsense(rng: Random, home: Dwelling) -> Written:
    return Written(
        rng.choice(("unknown", "see notes", "asdf", "??", "n/a")), "", home.city, "CT", home.postcode
    )


def _empty(_rng: Random, _home: Dwelling) -> Written:
    return Written("", "", "", "", "")


def _no_such_number(_rng: Random, home: Dwelling) -> Written:
    return Written(f"9{home.house_number.zfill(4)} {home.street}", "", home.city, "CT", home.postcode)


HOUSE_HABITS: tuple[Habit, ...] = (
    Habit("", 600, "exact", _plain),
    Habit("lower_case", 60, "exact", _lower),
    Habit("upper_case", 60, "exact", _upper),
    Habit("zip_plus_4", 40, "exact", _zip_plus_4),
    Habit("no_postcode", 30, "exact", _no_postcode),
    Habit("no_city", 20, "exact", _no_city),
    Habit("blanks", 10, "exact", _blanks),
    Habit("lost_zero", 10, "exact", _lost_zero),
    Habit("typo_in_street", 90, "fuzzy", _typo),
    Habit("po_box", 20, "none", _po_box),
    Habit("moved_away", 20, "none", _moved_away),
    Habit("nonsense", 10, "none", _nonsense),
    Habit("empty", 15, "none", _empty),
    Habit("no_such_number", 15, "none", _no_such_number),
)
UNIT_HABITS: tuple[Habit, ...] = (
    Habit("", 550, "exact", _plain),
    Habit("unit_in_street", 300, "exact", _unit_in_street),
    Habit("lower_case", 100, "exact", _lower),
    Habit("unit_left_out", 50, "none", _unit_left_out),
)
PLAIN = HOUSE_HABITS[0]


def longest_word(street: str) -> str:
    """The base of a spelled-out street, which is what people misspell."""
    known = {*SUFFIXES.values(), *DIRECTIONS.values()}
    return max((word for word in street.split() if word not in known), key=len, default="")


def misspelled(rng: Random, word: str) -> str:
    """The word with one slip of the hand inside it: a letter lost, doubled or changed places with the next."""
    place = rng.randrange(1, len(word) - 2)
    slips = [word[:place] + word[place + 1 :], word[:place] + word[place] + word[place:]]
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return rng.choice([slip for slip in (*slips, swapped) if slip != word])


def can_misspell(home: Dwelling) -> bool:
    """Whether the street's name is long enough to be recognised with a slip, and has no direction to confuse it."""
    return len(longest_word(home.street)) >= 7 and home.street.split()[0] not in DIRECTIONS.values()
