from collections import Counter

import numpy as np
import pytest

from platform_assets.geo.quadrants import quadrant_of
from platform_assets.tweets.tweet import decode
from resources.message_log import Message
from samples import casting, tweets
from samples.messages import BAD_MESSAGES
from samples.nearest import haversine_m
from samples.phrases import FOREIGN
from samples.scenes import SCENES
from samples.world import World

Truth = dict[str, list[dict[str, str]]]


def test_there_are_as_many_messages_as_were_asked_for(small_world: World) -> None:
    assert len(small_world.log) == 400


def test_every_message_is_accounted_for(small_world: World, truth: Truth) -> None:
    refused = sum(row["source"] == "tweets" for row in truth["rejects"])
    assert sum(int(row["copies"]) for row in truth["tweets"]) + refused == len(small_world.log)


def test_the_platform_reads_and_refuses_exactly_what_the_truth_says(small_world: World, truth: Truth) -> None:
    messages = [Message(i, None, None, message.value) for i, message in enumerate(small_world.tweets())]
    decoded = decode("tweets", "id", 0, messages)
    refused = {(str(r["log_offset"]), r["reason"]) for r in decoded.rejects.to_pylist()}
    assert refused == {
        (row["line_or_offset_or_key"], row["reason"]) for row in truth["rejects"] if row["source"] == "tweets"
    }
    firsts: dict[str, dict[str, object]] = {}
    for row in decoded.rows.to_pylist():
        firsts.setdefault(row["tweet_id"], row)
    known = {int(row["log_offset"]): row for row in truth["tweets"]}
    assert known.keys() == {row["log_offset"] for row in firsts.values()}
    for row in firsts.values():
        expected = known[int(str(row["log_offset"]))]
        assert expected["shape"] == row["shape"]
        assert expected["tweet_id"] in ("", row["tweet_id"])


def test_every_scene_and_every_bad_message_occurs(truth: Truth) -> None:
    assert {scene.trap for scene in SCENES} <= {row["trap"] for row in truth["tweets"]}
    oddities = {"thousands_of_emojis", "very_long_text", "no_language"}
    assert oddities <= {row["trap"] for row in truth["tweets"]}
    assert {(bad.trap, bad.reason) for bad in BAD_MESSAGES} == {
        (row["trap"], row["reason"]) for row in truth["rejects"] if row["source"] == "tweets"
    }
    assert any(int(row["copies"]) == 2 and row["shape"] == "original" for row in truth["tweets"])
    assert any(int(row["copies"]) == 2 and row["shape"] != "original" for row in truth["tweets"])


def test_scenes_end_in_the_category_they_are_made_for(truth: Truth) -> None:
    expected = {
        "name_in_a_building_of_many": ("customer", "person"),
        "no_name_in_a_building_of_many": ("prospect", ""),
        "namesakes_in_a_tower": ("prospect", ""),
        "stranger_in_a_building_of_many": ("prospect", ""),
        "home_cannot_be_found": ("prospect", ""),
        "block_without_units": ("customer", "person"),
        "fuzzy_home": ("customer", "person"),
        "on_both_split_lines": ("customer", "person"),
        "across_split_lon": ("customer", "person"),
        "away_from_dwellings": ("unlocated", ""),
        "place_only": ("coarse", ""),
        "place_only_elsewhere": ("outside", ""),
        "point_and_place_elsewhere": ("outside", ""),
        "tracked_word_of_the_world": ("unlocated", ""),
    }
    for row in truth["tweets"]:
        if row["trap"] in expected:
            assert (row["category"], row["match_level"]) == expected[row["trap"]], row
    assert Counter(row["category"] for row in truth["tweets"]).keys() == {
        "customer",
        "prospect",
        "coarse",
        "outside",
        "unlocated",
    }


def test_every_point_lies_in_the_quadrant_it_claims(small_world: World, truth: Truth) -> None:
    for row in truth["tweets"]:
        tweet = small_world.log[int(row["log_offset"])].tweet
        assert tweet is not None
        found = None if tweet.lon is None or tweet.lat is None else quadrant_of(tweet.lon, tweet.lat)
        assert (found or "") == row["quadrant"]


def test_the_dwelling_in_the_truth_is_the_nearest_by_trying_all(small_world: World, truth: Truth) -> None:
    dwellings = small_world.dwellings
    for row in truth["tweets"]:
        tweet = small_world.log[int(row["log_offset"])].tweet
        if tweet is None or tweet.lon is None or tweet.lat is None or not row["quadrant"]:
            continue
        distance = haversine_m(np.array([tweet.lon]), np.array([tweet.lat]), dwellings.lon, dwellings.lat)
        nearest = dwellings[int(distance.argmin())]
        if row["lon"]:
            assert distance.min() < 12.1
            assert (float(row["lon"]), float(row["lat"])) == (nearest.lon, nearest.lat)
            others = distance[dwellings.building != dwellings.building[int(distance.argmin())]]
            assert others.min() > distance.min() + 2
        else:
            assert distance.min() > 60


def test_tweets_across_a_split_line_lie_in_another_quadrant_than_their_dwelling(truth: Truth) -> None:
    across = [row for row in truth["tweets"] if row["trap"].startswith("across_split")]
    assert across
    for row in across:
        assert quadrant_of(float(row["lon"]), float(row["lat"])) != row["quadrant"]


def test_the_three_shapes_and_three_languages_are_all_common(truth: Truth) -> None:
    shapes = Counter(row["shape"] for row in truth["tweets"])
    assert min(shapes.values()) > len(truth["tweets"]) / 5
    assert {"en", "es", "fr"} <= {row["language"] for row in truth["tweets"]}
    assert {row["topic"] for row in truth["tweets"]} == {
        "investments",
        "markets",
        "advice",
        "service",
        "other",
    }
    assert any(phrase.is_complaint for phrase in FOREIGN)


def test_quiet_customers_never_tweet_before_an_arrival(small_world: World, truth: Truth) -> None:
    quiet = {person.customer_id for person in casting.quiet(small_world.dwellings, small_world.people)}
    assert quiet
    assert not quiet & {row["customer_id"] for row in truth["tweets"]}


def test_too_few_tweets_are_refused_with_a_sentence(small_world: World) -> None:
    stage = casting.stage(7, small_world.dwellings, small_world.grid, small_world.people)
    with pytest.raises(ValueError, match=r"299 tweets are too few for every trap; ask for 300 or more\.$"):
        next(tweets.entries(stage, 299))
