"""Street lines and units in the form under which addresses are compared (USPS Publication 28).

A grammar finds the parts, fixed tables spell them; whether two addresses are one is not decided here.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from platform_assets.geo.grammar import labelled
from resources import catalog

if TYPE_CHECKING:
    import pyarrow as pa

VERSION: Final = "1"
"""Changes whenever the same text may give another result, so that stored results are made anew."""


class StreetLine(NamedTuple):
    """One row of `geo.streets`."""

    street_text: str
    house_number: str | None
    street: str
    unit: str | None
    method: Literal["usps", "folded"]


class _Parts(NamedTuple):
    house_number: str | None
    street: str
    unit: str
    method: Literal["usps", "folded"]


_MAX_GRAMMAR_CHARACTERS: Final = 200
_SILENT: Final = re.compile(r"['’`.\u0300-\u036f]")
_NOISE: Final = re.compile(r"[^A-Z0-9#&/,-]+")
_HOUSE_NUMBER: Final = re.compile(r"(\d+[A-Z]?(?:-\d+[A-Z]?)?(?: \d/\d)?),? (?=\S)")
_UNIT_AT_END: Final = re.compile(
    r"(?<=\S) ((?:APARTMENT|APT|UNIT|SUITE|STE|ROOM|RM|FLOOR|FLR|FL|LOT|TRLR|SPC|BLDG|#) ?(?:# ?)?"
    r"[A-Z]?\d*-?[A-Z]?|\d+(?:ST|ND|RD|TH) (?:FLOOR|FLR|FL)|PENTHOUSE|BASEMENT|BSMT)$"
)
_UNIT_LABELS: Final = frozenset(
    {"OccupancyType", "OccupancyIdentifier", "SubaddressType", "SubaddressIdentifier"}
)
_LAST_LINE_LABELS: Final = frozenset({"PlaceName", "StateName", "ZipCode"})
_NEAR_STREET: Final = frozenset(
    {
        "AddressNumber",
        "AddressNumberPrefix",
        "AddressNumberSuffix",
        "BuildingName",
        "CornerOf",
        "IntersectionSeparator",
        "LandmarkName",
    }
)

# Suffixes that are hardly ever names themselves: NORTH ST is named north, N LAKE RD is a lake's.
_PLAIN: Final = frozenset(
    {"ST", "AVE", "RD", "DR", "LN", "BLVD", "CT", "PL", "TER", "CIR", "EXT", "SQ", "WAY"}
)
_ORDINALS: Final = dict(
    zip(
        ("FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "SIXTH", "SEVENTH", "EIGHTH", "NINTH", "TENTH"),
        ("1ST", "2ND", "3RD", "4TH", "5TH", "6TH", "7TH", "8TH", "9TH", "10TH"),
        strict=True,
    )
)
_ORDINAL: Final = re.compile(r"0*(\d+)(?:ST|ND|RD|TH)")

# They say nothing: apartment 4 and suite 4 of one house are the same door.
_NEUTRAL: Final = frozenset({"APT", "UNIT", "STE", "#"})
_GLUED: Final = re.compile(r"(APT|UNIT|STE|SUITE|FL|FLR|PH|LOT|BLDG|RM)(\d.*)")
_SEPARATED: Final = re.compile(r"(?<=\d)[ -](?=[A-Z]\b)|(?<=\b[A-Z])[ -](?=\d)")


class _Tables(NamedTuple):
    """Spellings of Publication 28, in capitals: abbreviations by word; `spelled` is suffixes written out."""

    directions: Mapping[str, str]
    suffixes: Mapping[str, str]
    spelled: Mapping[str, str]
    designators: Mapping[str, str]


@cache
def _tables() -> _Tables:
    """The tables of the library, made closed: an abbreviation stands for itself."""
    from scourgify import address_constants as usps_tables

    directions: dict[str, str] = usps_tables.DIRECTIONAL_REPLACEMENTS
    designators: dict[str, str] = usps_tables.OCCUPANCY_TYPE_ABBREVIATIONS
    types: dict[str, str] = usps_tables.STREET_TYPE_ABBREVIATIONS
    suffixes = {long: short for long, short in types.items() if " " not in long}
    spelled = {
        short: long
        for short, long in usps_tables.LONGHAND_STREET_TYPES.items()
        if suffixes.get(long) == short and long not in (short, f"{short}S") and " " not in long
    }
    extra = {"FLR": "FL", "NO": "#", "NUM": "#", "NUMBER": "#"}
    return _Tables(
        directions | {short: short for short in directions.values()},
        suffixes,
        spelled,
        designators | {short: short for short in designators.values()} | extra,
    )


def usps(text: str) -> StreetLine:
    """The parts of a street text: a street alone, or a whole line with number and unit, perhaps even a city.

    `method` is "folded" where the grammar could not read it. Never raises; a street is read as itself.
    """
    found = _parts(_clean(text))
    # Part of a street may look like a number or a unit once its neighbours are gone; what is left when
    # nothing more is taken away is the street, and stays so when read again.
    while len((again := _parts(found.street)).street.split()) < len(found.street.split()):
        number = found.house_number or again.house_number
        found = _Parts(number, again.street, f"{again.unit} {found.unit}", found.method)
    return StreetLine(text, found.house_number, found.street, unit(found.unit) or None, found.method)


def usps_table(texts: Sequence[str]) -> "pa.Table":
    """Rows of `geo.streets`, one per text and in their order; give each distinct text once."""
    import pyarrow as pa

    return pa.Table.from_pylist([usps(text)._asdict() for text in texts], catalog.schema("geo.streets"))


def units_table(texts: Sequence[str]) -> "pa.Table":
    """Rows of `geo.units`, one per text and in their order; give each distinct text once."""
    import pyarrow as pa

    rows = [{"unit_text": text, "unit": unit(text)} for text in texts]
    return pa.Table.from_pylist(rows, catalog.schema("geo.units"))


@lru_cache(maxsize=20_000)
def unit(text: str) -> str:
    """A unit in comparable form, empty for none: `# 233` is 233, `APT 4-B` is 4B, `2ND FLOOR` is FL 2."""
    words = [part for word in _clean(text).replace(",", " ").split() for part in _unglued(word)]
    designators = _tables().designators
    named: list[str] = []
    plain: list[str] = []
    position = 0
    while position < len(words):
        word, follower = words[position], words[position + 1] if position + 1 < len(words) else ""
        designator = designators.get(word)
        position += 1
        if designator in _NEUTRAL or word == "&":
            continue
        if designator and follower and follower not in designators:
            named.append(f"{designator} {_cardinal(follower)}")
            position += 1
        elif designators.get(follower) == "FL" and _cardinal(word) != word:
            named.append(f"FL {_cardinal(word)}")
            position += 1
        elif designator:
            named.append(designator)
        else:
            plain.append(word.lstrip("0") or word)
    return " ".join([*sorted(named), _SEPARATED.sub("", " ".join(plain))]).strip()


def _clean(text: str) -> str:
    """Upper-case ASCII letters, digits and the few signs that carry meaning, one blank between words."""
    letters = _SILENT.sub("", unicodedata.normalize("NFKD", text).upper())
    return " ".join(_NOISE.sub(" ", letters).replace("#", " # ").replace("&", " & ").split())


@lru_cache(maxsize=20_000)
def _parts(line: str) -> _Parts:
    # Kept, because a street is read again as itself, and so are its other spellings.
    number = None
    if (match := _HOUSE_NUMBER.match(line)) and not _is_suffix(line[match.end() :]):
        number, line = match[1], line[match.end() :]
    labels = labelled(f"1 {line}")[1:] if len(line) <= _MAX_GRAMMAR_CHARACTERS else []
    kinds = {label for _word, label in labels}
    has_last_line = "PlaceName" in kinds and bool(kinds & {"StateName", "ZipCode"})
    aside = _UNIT_LABELS | _LAST_LINE_LABELS if has_last_line else _UNIT_LABELS
    street = [word for word, label in labels if label not in aside]
    if street and "StreetName" in kinds and all(label in aside or _is_street(label) for label in kinds):
        units = " ".join(word for word, label in labels if label in _UNIT_LABELS)
        return _Parts(number, _spelled(street), units, "usps")
    match = _UNIT_AT_END.search(line)
    street = (line[: match.start()] if match else line).split()
    return _Parts(number, _spelled(street), match[1] if match else "", "folded")


def _is_street(label: str) -> bool:
    return label in _NEAR_STREET or label.startswith(("Street", "SecondStreet"))


def _spelled(words: Sequence[str]) -> str:
    """A street's words in the spelling of Publication 28: no more words than before, stable when repeated."""
    directions, suffixes, spelled, _designators = _tables()
    core = [_ORDINALS.get(word, word) for word in (word.strip(",-/") for word in words) if word]
    before = after = ""
    if len(core) > 1 and core[0] in directions and not all(map(_is_suffix, core[1:])):
        before = directions[core.pop(0)]
    if len(core) > 1 and core[-1] in directions:
        after = directions[core.pop()]
    if len(core) > 1:
        if core[0] == "SAINT" and core[1] not in suffixes:
            core[0] = "ST"
        if core[-1] in suffixes:
            core[-1] = suffixes[core[-1]]
            # Of two suffixes the first belongs to the name and is spelled out (Publication 28, 234).
            core[-2] = spelled.get(core[-2], core[-2])
        elif core[-1][0].isdigit():
            core[-2] = suffixes.get(core[-2], core[-2])
        if core[0].isdecimal() and len(core) == 2 and _is_suffix(core[1]):
            core[0] = _ordinal(int(core[0]))
    return " ".join(filter(None, (before, *core, after)))


def _is_suffix(word: str) -> bool:
    return _tables().suffixes.get(word) in _PLAIN


def _ordinal(number: int) -> str:
    ending = "TH" if number % 100 in (11, 12, 13) else {1: "ST", 2: "ND", 3: "RD"}.get(number % 10, "TH")
    return f"{number}{ending}"


def _cardinal(word: str) -> str:
    """2 for 2ND and SECOND; other words as they are, without leading zeros."""
    match = _ORDINAL.fullmatch(_ORDINALS.get(word, word))
    return match[1] if match else word.lstrip("0") or word


def _unglued(word: str) -> Sequence[str]:
    match = _GLUED.fullmatch(word)
    return match.groups() if match else (word,)
