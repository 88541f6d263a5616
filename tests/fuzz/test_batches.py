"""Some thousand mutated inputs for each parser; `make fuzz` gives each a million."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from fuzz.batches import Batch, Failure, attempt, replayed
from fuzz.mutation import Seeds
from fuzz.targets import NAMES, Seen, Target, Violation, targets

BATCHES = {
    "csv": 15,
    "geojson": 15,
    "sales": 15,
    "tweets": 2,
    "listings": 10,
    "listing_text": 15,
    "listing_csv": 15,
    "containers": 30,
}


@pytest.mark.parametrize("name", NAMES)
def test_no_input_crashes_a_parser_or_vanishes(name: str) -> None:
    target = targets()[name]()
    for number in range(BATCHES[name]):
        found = attempt(Batch(name, 7, number), target)
        assert isinstance(found, Seen), found


def test_the_same_batch_has_the_same_inputs_in_every_process() -> None:
    target = targets()["tweets"]()
    assert Batch("tweets", 7, 3).inputs(target) == Batch("tweets", 7, 3).inputs(targets()["tweets"]())
    assert Batch("tweets", 7, 3).inputs(target) != Batch("tweets", 7, 4).inputs(target)


def test_what_a_parser_does_not_bear_is_made_small_and_kept(tmp_path: Path) -> None:
    def judge(inputs: Sequence[bytes], random: Random) -> Seen:
        if any(b"!" in data for data in inputs):
            raise Violation("an exclamation mark")
        return Seen(len(inputs), Counter())

    target = Target("some bytes", Seeds([b"hello"], [b"wow!"]), 40, judge)
    found = next(filter(_is_failure, (attempt(Batch("geojson", 1, number), target) for number in range(50))))
    assert isinstance(found, Failure)
    assert (found.sentence, list(found.inputs)) == ("Violation: an exclamation mark", [b"!"])
    assert replayed(found.keep(tmp_path)) == Seen(1, Counter(invalid_json=1))


def _is_failure(found: Seen | Failure) -> bool:
    return isinstance(found, Failure)
