"""What a right answer is, by rules of its own: the tables that lie beside a sample world.

`homes.csv`      one row per customer: can the address be found, and which dwelling is meant
`people.csv`     one row per customer: who is the same person, who is one family, whether it should be merged
`tweets.csv`     one row per tweet: by whom, from where, about what
`rejects.csv`    one row per record, message or row that must be refused
`dwellings.csv.gz`  every dwelling, when asked for
`summary.json`   size and seed of the world, and the counts that a right run arrives at; written last

Every row has a `trap`: what makes it hard, empty for the ordinary case. A tweet's `quadrant` is that of its point;
`lon`, `lat`, `house_number` are those of the nearest dwelling within 50 m. Here belong verdicts, nothing is made here.
"""

import csv
import gzip
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from samples.crm import bad_rows
from samples.dwellings import Dwellings
from samples.households import AMBIGUOUS
from samples.messages import Tweet
from samples.nearest import Grid, quadrant
from samples.people import Customer
from samples.tweets import Entry

MATCH_M = 50.0
Table = tuple[tuple[str, ...], Iterable[Sequence[object]]]
"""Column names and rows."""

HOMES = ("customer_id", "expected", "lon", "lat", "house_number", "unit", "city", "trap")
PEOPLE = ("customer_id", "person", "family", "managed_household", "variation", "merge", "trap")
TWEETS = (
    "log_offset",
    "tweet_id",
    "shape",
    "category",
    "quadrant",
    "lon",
    "lat",
    "house_number",
    "customer_id",
    "match_level",
    "topic",
    "is_complaint",
    "language",
    "copies",
    "trap",
)
REJECTS = ("source", "member", "line_or_offset_or_key", "reason", "trap")
DWELLINGS = ("house_number", "street", "unit", "city", "postcode", "lon", "lat", "quadrant")


class FileRejects(NamedTuple):
    """A file's key and, per record that must be refused, its line, reason and trap."""

    key: str
    rejects: Sequence[tuple[int, str, str]]


class Verdict(NamedTuple):
    """Whose a tweet is."""

    category: str
    match_level: str
    building: int
    """Nearest building within 50 m, -1 without one."""


def homes(dwellings: Dwellings, people: Sequence[Customer]) -> Table:
    """Where each customer lives; the dwelling is empty where the written address does not lead to it."""
    return HOMES, (_home(dwellings, person) for person in people)


def families(people: Sequence[Customer]) -> Table:
    """Who is whom, and `merge`: yes where a family of two or more people is not managed as one."""
    members: dict[int, list[Customer]] = defaultdict(list)
    for person in people:
        members[person.family].append(person)
    merge = {family: _should_merge(found) for family, found in members.items()}
    return PEOPLE, (
        (
            person.customer_id,
            person.person,
            person.family,
            person.managed_household,
            person.variation,
            merge[person.family],
            person.trap,
        )
        for person in people
    )


def tweets(
    dwellings: Dwellings, grid: Grid, residents: Mapping[int, Sequence[Customer]], log: Sequence[Entry]
) -> Table:
    """Every distinct tweet of the log in the order of its first message."""
    copies = Counter(entry.value for entry in log)
    firsts = [
        (offset, entry.tweet, copies[entry.value])
        for offset, entry in enumerate(log)
        if entry.tweet is not None and not entry.is_copy
    ]
    verdicts = judged(dwellings, grid, residents, [tweet for _, tweet, _ in firsts])
    return TWEETS, (
        _tweet(dwellings, offset, tweet, verdict, count)
        for (offset, tweet, count), verdict in zip(firsts, verdicts, strict=True)
    )


def rejects(files: Iterable[FileRejects], people: Sequence[Customer], log: Sequence[Entry]) -> Table:
    """Everything that must be refused; `member` is empty, no archive of the world holds a bad record."""
    rows: list[tuple[object, ...]] = [
        (file.key, "", line, reason, trap) for file in files for line, reason, trap in file.rejects
    ]
    rows += [("tweets", "", i, e.bad.reason, e.bad.trap) for i, e in enumerate(log) if e.bad is not None]
    rows += [(bad.table, "", bad.key, bad.reason, bad.trap) for bad in bad_rows(people)]
    return REJECTS, rows


def all_dwellings(dwellings: Dwellings) -> Table:
    """Every dwelling in words."""
    found = (dwellings[row] for row in range(len(dwellings)))
    return DWELLINGS, ((*dwelling, quadrant(dwelling.lon, dwelling.lat)) for dwelling in found)


def judged(
    dwellings: Dwellings, grid: Grid, residents: Mapping[int, Sequence[Customer]], found: Sequence[Tweet]
) -> list[Verdict]:
    """Category and match level of each tweet.

    A point counts for the nearest building within 50 m. In a house the author is one of its customers; in a
    building of many dwellings, or a block without units, only one whose name is shown and fits one person.
    """
    lon = np.array([0.0 if tweet.lon is None else tweet.lon for tweet in found])
    lat = np.array([0.0 if tweet.lat is None else tweet.lat for tweet in found])
    nearest = grid.nearest(lon, lat)
    verdicts = []
    for i, tweet in enumerate(found):
        building = int(nearest.building[i]) if nearest.distance_m[i] <= MATCH_M else -1
        if tweet.lon is None or tweet.lat is None:
            verdicts.append(Verdict(_by_place(tweet.place), "", -1))
        elif not quadrant(tweet.lon, tweet.lat):
            verdicts.append(Verdict("outside", "", -1))
        elif building < 0:
            verdicts.append(Verdict("unlocated", "", -1))
        else:
            level = _match_level(dwellings, building, residents.get(building, ()), _shown_name(tweet))
            verdicts.append(Verdict("customer" if level else "prospect", level, building))
    return verdicts


def written(table: Table) -> bytes:
    """A table as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table[0])
    writer.writerows(table[1])
    return text.getvalue().encode()


def packed(table: Table) -> bytes:
    """A table as gzip-compressed CSV, without a time in it."""
    return gzip.compress(written(table), 4, mtime=0)


def _home(dwellings: Dwellings, person: Customer) -> tuple[object, ...]:
    if person.expected == "none":
        return person.customer_id, "none", "", "", "", "", "", person.home_trap
    home = dwellings[person.dwelling]
    place = (home.lon, home.lat, home.house_number, home.unit, home.city)
    return person.customer_id, person.expected, *place, person.home_trap


def _should_merge(family: Sequence[Customer]) -> str:
    managed = {person.managed_household for person in family}
    is_managed_as_one = len(managed) == 1 and "" not in managed
    people = {person.person for person in family}
    return "yes" if len(people) > 1 and not is_managed_as_one and family[0].trap not in AMBIGUOUS else "no"


def _by_place(place: str) -> str:
    if not place:
        return "unlocated"
    return "coarse" if place.endswith(", CT") else "outside"


def _shown_name(tweet: Tweet) -> str:
    return "" if tweet.shape == "original" else tweet.author_name


def _match_level(dwellings: Dwellings, building: int, found: Sequence[Customer], name: str) -> str:
    people = {person.person for person in found}
    named = {person.person for person in found if person.full_name == name}
    is_crowd = dwellings.size[building] > 1 or dwellings.traps.get(building) in AMBIGUOUS
    if len(named) == 1 or (len(people) == 1 and not is_crowd):
        return "person"
    if not people or is_crowd:
        return ""
    return "household" if len({person.family for person in found}) == 1 else "dwelling"


def _tweet(
    dwellings: Dwellings, offset: int, tweet: Tweet, verdict: Verdict, copies: int
) -> tuple[object, ...]:
    place: Iterator[object] = iter(("", "", ""))
    if verdict.building >= 0:
        home = dwellings[int(dwellings.first[verdict.building])]
        place = iter((home.lon, home.lat, home.house_number))
    point = "" if tweet.lon is None or tweet.lat is None else quadrant(tweet.lon, tweet.lat)
    return (
        offset,
        tweet.tweet_id,
        tweet.shape,
        verdict.category,
        point,
        *place,
        tweet.customer_id if verdict.category == "customer" else "",
        verdict.match_level,
        tweet.topic,
        str(tweet.is_complaint).lower(),
        tweet.language,
        copies,
        tweet.trap,
    )
