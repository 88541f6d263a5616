"""The streams that one process reads: the filtered stream of its quadrants, or the compliance streams.

A stream's address and what is asked of it belong here; reading it does not.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from platform_assets.geo.quadrants import QUADRANTS, Quadrant
from services.tweet_stream.rules import Rule, rules_of, tag_of

FIELDS: Final = {
    "tweet.fields": "author_id,created_at,geo,lang",
    "expansions": "author_id,geo.place_id",
    "user.fields": "name,username",
    "place.fields": "country_code,full_name,place_type",
}
"""What the domain `tweets` reads of a tweet, its author and its place."""
COMPLIANCE_PARTITIONS: Final = (1, 2, 3, 4)
"""X splits each compliance stream into these; all are needed. Source: docs.x.com, Compliance streams."""


class Source(NamedTuple):
    """One stream; `rules` with these `tags` must be set before it is opened."""

    name: str
    path: str
    parameters: Mapping[str, str]
    tags: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


def filtered(
    quadrants: Sequence[Quadrant], words: Sequence[str], anywhere: Sequence[str], languages: Sequence[str]
) -> Source:
    """The filtered stream with the rules of some quadrants; `anywhere` is asked for once, by the first."""
    rules = [
        rule
        for number, quadrant in enumerate(quadrants)
        for rule in rules_of(quadrant, words, () if number else anywhere, languages)
    ]
    name = "connecticut" if set(quadrants) == set(QUADRANTS) else "+".join(quadrants)
    return Source(name, "/2/tweets/search/stream", FIELDS, tuple(map(tag_of, quadrants)), tuple(rules))


def compliance() -> list[Source]:
    """Every partition of the compliance streams of tweets and of users."""
    return [
        Source(f"{of}-compliance-{partition}", f"/2/{of}/compliance/stream", {"partition": str(partition)})
        for of in ("tweets", "users")
        for partition in COMPLIANCE_PARTITIONS
    ]
