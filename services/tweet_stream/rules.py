"""The rules of the filtered stream: what X is asked to send for a quadrant.

Boxes, words, languages and X's limits belong here; sending rules to X does not. Source: docs.x.com, Operators.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from platform_assets.geo import quadrants
from platform_assets.geo.quadrants import Quadrant
from resources.unavailable import Unavailable

MAX_LENGTH: Final = 1024
"""Characters of a rule in the smallest plan."""
MAX_MILES: Final = 25.0
"""A box must be smaller than this, each way."""

_MILES_PER_DEGREE: Final = 69.5
"""At least, of latitude anywhere and of longitude at the equator (an ellipsoid has 69.41 at most)."""
_PLAIN: Final = re.compile(r"[#$@]?\w+")
_RESERVED: Final = frozenset({"OR", "AND", "NOT"})


class Rule(NamedTuple):
    """A rule of the app; `id` is X's, empty before it was added."""

    value: str
    tag: str
    id: str = ""


class Box(NamedTuple):
    """West, south, east, north, in degrees."""

    west: float
    south: float
    east: float
    north: float


def tag_of(quadrant: Quadrant) -> str:
    """The tag by which a quadrant's rules are known; rules with other tags are never touched."""
    return f"quadrant/{quadrant}"


def box_of(quadrant: Quadrant) -> Box:
    """The whole quadrant."""
    is_north, is_east = quadrant.startswith("north"), quadrant.endswith("east")
    return Box(
        quadrants.SPLIT_LON if is_east else quadrants.WEST,
        quadrants.SPLIT_LAT if is_north else quadrants.SOUTH,
        quadrants.EAST if is_east else quadrants.SPLIT_LON,
        quadrants.NORTH if is_north else quadrants.SPLIT_LAT,
    )


def boxes(whole: Box) -> Iterator[Box]:
    """A grid over a box of the northern hemisphere, as coarse as X allows; neighbours share their edges."""
    widest = math.cos(math.radians(whole.south)) * _MILES_PER_DEGREE
    lons = _edges(whole.west, whole.east, widest)
    lats = _edges(whole.south, whole.north, _MILES_PER_DEGREE)
    for south, north in zip(lats, lats[1:], strict=False):
        for west, east in zip(lons, lons[1:], strict=False):
            yield Box(west, south, east, north)


def rules_of(
    quadrant: Quadrant, words: Sequence[str], anywhere: Sequence[str], languages: Sequence[str]
) -> list[Rule]:
    """One rule per box, more where the words do not fit into one; `anywhere` matches without a box.

    No words means every tweet of the box, no languages every language. Raises Unavailable for a word that
    cannot be in a rule.
    """
    spoken = _any_of([f"lang:{language}" for language in languages])
    tag = tag_of(quadrant)
    rules = []
    for box in boxes(box_of(quadrant)):
        place = f"bounding_box:[{' '.join(f'{degrees:.6f}' for degrees in box)}]"
        rules += [Rule(_all_of(place, part, spoken), tag) for part in _parts(words, place, spoken)]
    if anywhere:
        # A box never matches a retweet; words do, and a retweet holds the words of somebody else.
        rest = _all_of(spoken, "-is:retweet")
        rules += [Rule(_all_of(part, rest), tag) for part in _parts(anywhere, rest)]
    return rules


def changes(
    existing: Iterable[Rule], wanted: Iterable[Rule], tags: Iterable[str]
) -> tuple[list[Rule], list[Rule]]:
    """What to add and what to delete so that the rules with these tags are the wanted ones."""
    own = [rule for rule in existing if rule.tag in set(tags)]
    there = {(rule.value, rule.tag) for rule in own}
    wished = {(rule.value, rule.tag) for rule in wanted}
    added = [Rule(value, tag) for value, tag in sorted(wished - there)]
    return added, [rule for rule in own if (rule.value, rule.tag) not in wished]


def _edges(low: float, high: float, miles_per_degree: float) -> list[float]:
    parts = math.floor((high - low) * miles_per_degree / MAX_MILES) + 1
    return [round(low + (high - low) * part / parts, 6) for part in range(parts + 1)]


def _parts(words: Sequence[str], *rest: str) -> list[str]:
    """The words as groups joined by OR, each short enough to stand in a rule with the rest."""
    room = MAX_LENGTH - sum(len(text) + 1 for text in rest if text)
    groups: list[list[str]] = [[]]
    for word in map(_operand, words):
        if len(word) + 2 > room:
            raise Unavailable(
                f"The tracked word {word[:40]!r} is too long for a rule: shorten it to {room - 4}."
            )
        if len(_any_of([*groups[-1], word])) > room:
            groups.append([])
        groups[-1].append(word)
    return [_any_of(group) for group in groups]


def _operand(word: str) -> str:
    """A word, hashtag, cashtag or mention as it is, everything else as an exact phrase."""
    if '"' in word or not word.isprintable():
        raise Unavailable(
            f"The tracked word {word!r} cannot be in a rule: leave out quotes and control characters."
        )
    return word if _PLAIN.fullmatch(word) and word.upper() not in _RESERVED else f'"{word}"'


def _any_of(operands: Sequence[str]) -> str:
    return operands[0] if len(operands) == 1 else f"({' OR '.join(operands)})" if operands else ""


def _all_of(*clauses: str) -> str:
    return " ".join(clause for clause in clauses if clause)
