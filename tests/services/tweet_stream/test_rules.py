"""What X is asked for: boxes within its limits that leave no point of Connecticut out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_assets.geo import quadrants
from platform_assets.geo.quadrants import QUADRANTS, Quadrant, quadrant_of
from resources.unavailable import Unavailable
from services.tweet_stream.rules import MAX_LENGTH, Box, Rule, box_of, boxes, changes, rules_of, tag_of

EARTH_MILES = 3963.2  # at the equator, where a degree is longest
LANGUAGES = ("en", "es", "fr")


def miles(box: Box) -> tuple[float, float]:
    degree = math.radians(1) * EARTH_MILES
    return (box.east - box.west) * degree * math.cos(math.radians(box.south)), (
        box.north - box.south
    ) * degree


@pytest.mark.parametrize("quadrant", QUADRANTS)
def test_every_box_is_smaller_than_25_miles_each_way(quadrant: Quadrant) -> None:
    found = list(boxes(box_of(quadrant)))
    assert len(found) <= 9
    assert all(max(miles(box)) < 25 for box in found)


@given(st.floats(quadrants.WEST, quadrants.EAST), st.floats(quadrants.SOUTH, quadrants.NORTH))
def test_every_point_of_a_quadrant_lies_in_one_of_its_boxes(lon: float, lat: float) -> None:
    quadrant = quadrant_of(lon, lat)
    if quadrant is not None:
        assert any(
            box.west <= lon <= box.east and box.south <= lat <= box.north for box in boxes(box_of(quadrant))
        )


CHARACTERS = st.characters(codec="utf-8", exclude_characters='"', categories=("L", "N", "P")) | st.just(" ")
WORD = st.text(CHARACTERS, min_size=1, max_size=60)


@given(st.lists(WORD, max_size=60, unique=True))
def test_every_rule_is_short_enough_and_every_word_is_asked_for_in_every_box(words: list[str]) -> None:
    rules = rules_of("northeast", words, (), LANGUAGES)
    assert all(len(rule.value) <= MAX_LENGTH and rule.tag == "quadrant/northeast" for rule in rules)
    by_box: dict[str, str] = {}
    for rule in rules:
        place, _, rest = rule.value.partition("]")
        by_box[place] = by_box.get(place, "") + rest
    assert len(by_box) == len(list(boxes(box_of("northeast"))))
    assert all(word in asked for word in words for asked in by_box.values())


def test_words_narrow_the_box_and_what_is_asked_for_anywhere_does_not() -> None:
    *located, anywhere = rules_of("northeast", ["#metoo", "401k plan", "or"], ["@examplebank"], ["en"])
    assert located[0].value.startswith("bounding_box:[-72.644537 41.683924 ")
    assert located[0].value.endswith('] (#metoo OR "401k plan" OR "or") lang:en')
    assert anywhere.value == "@examplebank lang:en -is:retweet"
    assert rules_of("northeast", (), (), ())[0].value.endswith("]"), "no words: every tweet of the box"


@pytest.mark.parametrize("word", ['say "hello"', "two\nlines", "x" * 1_100])
def test_a_word_that_cannot_be_in_a_rule_is_refused_with_a_sentence(word: str) -> None:
    with pytest.raises(Unavailable, match="The tracked word '.*: (leave out|shorten)"):
        rules_of("northeast", [word], (), LANGUAGES)


def test_only_rules_of_the_own_tags_change_and_the_same_rules_twice_change_nothing() -> None:
    wanted = rules_of("northeast", (), (), LANGUAGES)
    tags = [tag_of("northeast")]
    foreign = [Rule("cats", "mine", "1"), Rule(wanted[0].value, tag_of("southwest"), "2")]
    old = Rule("dogs", tags[0], "3")
    added, deleted = changes([*foreign, old], wanted, tags)
    assert (sorted(added), deleted) == (sorted(wanted), [old])
    there = [rule._replace(id=str(number)) for number, rule in enumerate(added)]
    assert changes([*foreign, *there], wanted, tags) == ([], [])
