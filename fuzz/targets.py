"""What is fuzzed: each parser by its name, with its seeds, how inputs come to it, and how its answer is judged.

A domain adds a parser by one function in `TARGETS`; how inputs are mutated and watched does not belong here.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final, NamedTuple

from fuzz.mutation import Seeds


class Violation(Exception):  # noqa: N818 - it names what was found
    """A parser did what none may do: which rule it broke, as a sentence."""


class Seen(NamedTuple):
    """What became of a batch: rows, and rejects by reason."""

    rows: int
    rejects: Counter[str]


class Target(NamedTuple):
    """A parser. `judge` gives it one batch of `batch` inputs and raises Violation, or whatever the parser raises.

    The sentence `meaning` says what an input is.
    """

    meaning: str
    seeds: Seeds
    batch: int
    judge: Callable[[Sequence[bytes], Random], Seen]


def targets() -> Mapping[str, Callable[[], Target]]:
    """Every parser; its seeds are made when it is asked for."""
    from fuzz import archives, files, listing_files, listings, messages, sales

    return {
        "csv": files.csv,
        "geojson": files.geojson,
        "sales": sales.receipts_of_tills,
        "tweets": messages.tweets,
        "listings": listings.lines_of_ls,
        "listing_text": listing_files.texts,
        "listing_csv": listing_files.records,
        "containers": archives.containers,
    }


NAMES: Final = ("csv", "geojson", "sales", "tweets", "listings", "listing_text", "listing_csv", "containers")
