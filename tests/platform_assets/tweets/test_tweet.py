"""Messages of every shape, and every way in which a message is no tweet."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_assets.tweets import message, tweet
from resources.message_log import Message

PUBLISHED = datetime(2026, 11, 1, 12, tzinfo=UTC)
ORIGINAL: dict[str, Any] = {
    "geo": {"type": "Point", "coordinates": [41.7658, -72.6734]},
    "entities": {"hashtags": []},
    "tweet": "My bank charged me twice",
    "screenName": "ann",
}
V1: dict[str, Any] = {
    "created_at": "Thu Feb 21 14:03:11 +0000 2019",
    "id": 1098584561515958272,
    "id_str": "1098584561515958272",
    "text": "My bank charged me …",
    "extended_tweet": {"full_text": "My bank charged me twice"},
    "user": {"id": 5, "id_str": "5", "screen_name": "ann", "name": "Ann"},
    "geo": {"type": "Point", "coordinates": [41.0, -73.0]},
    "coordinates": {"type": "Point", "coordinates": [-72.6734, 41.7658]},
    "place": {"id": "p", "full_name": "Hartford, CT", "bounding_box": {"coordinates": [[[-72.7, 41.7]]]}},
    "lang": "en",
}
V2: dict[str, Any] = {
    "data": {
        "id": "7",
        "text": "My bank charged me twice",
        "author_id": "5",
        "created_at": "2019-02-21T14:03:11.000Z",
        "lang": "en",
        "geo": {"place_id": "p", "coordinates": {"type": "Point", "coordinates": [-72.6734, 41.7658]}},
    },
    "includes": {
        "users": [
            {"id": "4", "username": "bob", "name": "Bob"},
            {"id": "5", "username": "ann", "name": "Ann"},
        ],
        "places": [{"id": "p", "full_name": "Hartford, CT"}],
    },
    "matching_rules": [{"id": "1"}],
}


def decoded(*values: bytes | None) -> tweet.Decoded:
    return tweet.decode(
        "tweets", "id", 3, [Message(offset, PUBLISHED, None, each) for offset, each in enumerate(values)]
    )


def row(content: dict[str, Any]) -> dict[str, Any]:
    found = decoded(json.dumps(content).encode())
    assert found.rejects.to_pylist() == []
    only: dict[str, Any] = found.rows.to_pylist()[0]
    return only


def reason(value: bytes | dict[str, Any] | None) -> str:
    found = decoded(json.dumps(value).encode() if isinstance(value, dict) else value)
    assert found.rows.num_rows == 0
    why: str = found.rejects.column("reason").to_pylist()[0]
    return why


def test_an_original_message_has_its_latitude_first_and_an_id_from_its_content() -> None:
    found = row(ORIGINAL)
    assert (found["lon"], found["lat"]) == (-72.6734, 41.7658)
    assert (found["topic"], found["log_partition"], found["log_offset"]) == ("tweets", 3, 0)
    assert (found["shape"], found["text"], found["screen_name"]) == (
        "original",
        "My bank charged me twice",
        "ann",
    )
    assert found["published_at"] == PUBLISHED.replace(tzinfo=None)
    assert found["created_at"] is None
    assert found["tweet_id"].startswith("content:")
    assert found["tweet_id"] == row(ORIGINAL | {"entities": {}})["tweet_id"]
    assert found["tweet_id"] != row(ORIGINAL | {"tweet": "Another"})["tweet_id"]


def test_a_v1_tweet_gives_its_whole_text_and_its_own_coordinates() -> None:
    found = row(V1)
    assert (found["shape"], found["tweet_id"]) == ("v1.1", "1098584561515958272")
    assert found["created_at"] == datetime(2019, 2, 21, 14, 3, 11)  # noqa: DTZ001 - columns hold naive UTC
    assert found["text"] == "My bank charged me twice"
    assert (found["lon"], found["lat"]) == (-72.6734, 41.7658)
    assert (found["author_id"], found["screen_name"], found["author_name"]) == ("5", "ann", "Ann")
    assert (found["place_name"], found["place_region"], found["lang"]) == ("Hartford, CT", "CT", "en")


def test_a_v1_tweet_without_coordinates_falls_back_to_geo_with_its_latitude_first() -> None:
    assert (row(V1 | {"coordinates": None})["lon"], row(V1 | {"coordinates": None})["lat"]) == (-73.0, 41.0)


def test_a_v1_tweet_with_only_a_place_has_no_point() -> None:
    found = row(V1 | {"coordinates": None, "geo": None})
    assert (found["lon"], found["lat"], found["place_name"]) == (None, None, "Hartford, CT")


def test_a_time_with_an_offset_becomes_utc() -> None:
    found = row(V1 | {"created_at": "Thu Feb 21 09:03:11 -0500 2019"})
    assert found["created_at"] == datetime(2019, 2, 21, 14, 3, 11)  # noqa: DTZ001 - columns hold naive UTC


def test_a_publication_time_in_another_zone_becomes_utc() -> None:
    elsewhere = PUBLISHED.astimezone(timezone(timedelta(hours=-5)))
    found = tweet.decode("tweets", "id", 0, [Message(0, elsewhere, None, json.dumps(ORIGINAL).encode())])
    assert found.rows.column("published_at").to_pylist() == [PUBLISHED.replace(tzinfo=None)]


def test_a_v2_envelope_looks_up_its_author_and_place_by_id() -> None:
    found = row(V2)
    assert (found["shape"], found["tweet_id"], found["author_id"]) == ("v2", "7", "5")
    assert (found["screen_name"], found["author_name"]) == ("ann", "Ann")
    assert (found["place_name"], found["place_region"]) == ("Hartford, CT", "CT")
    assert (found["lon"], found["lat"]) == (-72.6734, 41.7658)
    assert found["created_at"] == datetime(2019, 2, 21, 14, 3, 11)  # noqa: DTZ001 - columns hold naive UTC


def test_a_v2_envelope_without_expansions_is_still_a_tweet() -> None:
    found = row({"data": V2["data"]})
    assert (found["author_id"], found["screen_name"], found["place_name"]) == ("5", None, None)


@pytest.mark.parametrize(
    ("place", "region"),
    [("Hartford, CT", "CT"), ("Connecticut, USA", None), ("Paris, France", None), ("Café, Old Town, RI", "RI"), ("X", None)],
)  # fmt: skip
def test_the_region_of_a_place_is_two_capitals_after_its_last_comma(place: str, region: str | None) -> None:
    assert row(V1 | {"place": {"full_name": place}})["place_region"] == region


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "empty_message"),
        (b"", "empty_message"),
        (b'"' + b"x" * message.MAX_BYTES + b'"', "too_large"),
        (b'{"tweet": "\xff", "screenName": "ann"}', "not_utf8"),
        (b"{not json", "invalid_json"),
        (b'{"tweet": "cut of', "invalid_json"),
        (b'{"entities": ' + b"[" * 100_000, "invalid_json"),
        (b"[" * 100_000, "unknown_shape"),
        (b"[]", "unknown_shape"),
        (b"null", "unknown_shape"),
        (b"{}", "unknown_shape"),
        (b'{"data": []}', "unknown_shape"),
        ({"limit": {"track": 5}}, "control_notice"),
        ({"delete": {"favorite": {"tweet_id": 5}}}, "control_notice"),
        ({"scrub_geo": {"up_to_status_id": 5}}, "control_notice"),
        ({"errors": [{"title": "operational-disconnect"}]}, "control_notice"),
        (ORIGINAL | {"tweet": None}, "missing_text"),
        (ORIGINAL | {"tweet": "  "}, "missing_text"),
        (ORIGINAL | {"tweet": 5}, "missing_text"),
        ({"data": {"id": "7"}}, "missing_text"),
        (V1 | {"coordinates": {"coordinates": [-72.6, 141.0]}}, "bad_coordinates"),
        (V1 | {"coordinates": {"coordinates": ["a", "b"]}}, "bad_coordinates"),
        (V1 | {"coordinates": {"coordinates": [1.0]}}, "bad_coordinates"),
        (ORIGINAL | {"geo": "here"}, "bad_coordinates"),
        (ORIGINAL | {"geo": {"coordinates": [-72.6734, 41.7658]}}, "swapped_coordinates"),
        (V1 | {"created_at": "yesterday"}, "bad_time"),
        (V1 | {"created_at": "Thu Foo 21 14:03:11 +0000 2019"}, "bad_time"),
        ({"data": V2["data"] | {"created_at": "2019-13-01"}}, "bad_time"),
    ],
)
def test_what_is_no_tweet_is_rejected_for_its_reason(value: bytes | dict[str, Any] | None, why: str) -> None:
    assert reason(value) == why


def test_every_reason_is_on_the_list_and_a_reject_keeps_the_message_as_received() -> None:
    found = decoded(b'{"tweet": "\xff"}', None)
    assert found.rejects.schema == tweet.REJECTS
    assert found.rejects.column("raw").to_pylist() == ['{"tweet": "\\xff"}', ""]
    assert found.rejects.column("log_offset").to_pylist() == [0, 1]
    assert set(found.rejects.column("reason").to_pylist()) <= set(tweet.REASONS)


def test_a_message_above_the_limit_is_cut_in_the_quarantine() -> None:
    found = decoded(b"x" * (message.MAX_BYTES + 1))
    assert len(found.rejects.column("raw").to_pylist()[0]) == tweet.MAX_RAW_BYTES


def test_no_messages_give_empty_tables_of_the_right_columns() -> None:
    assert decoded().rows.schema == tweet.ROWS
    assert decoded().rejects.schema == tweet.REJECTS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.binary(max_size=60),
            JSON.map(lambda each: json.dumps(each).encode()),
            st.tuples(
                st.sampled_from([ORIGINAL, V1, V2]), st.sampled_from(list(V1 | V2 | ORIGINAL)), JSON
            ).map(lambda parts: json.dumps(parts[0] | {parts[1]: parts[2]}).encode()),
            st.tuples(st.integers(0, 300), st.binary(max_size=3)).map(
                lambda cut: json.dumps(V1).encode()[: cut[0]] + cut[1] + json.dumps(V1).encode()[cut[0] :]
            ),
        ),
        max_size=6,
    )
)
def test_any_messages_become_exactly_one_row_or_reject_each(values: list[bytes | None]) -> None:
    found = decoded(*values)
    offsets = [offset for table in found for offset in table.column("log_offset").to_pylist()]
    assert sorted(offsets) == list(range(len(values)))
    found.rows.validate(full=True)
    assert found.rows.schema == tweet.ROWS
    assert all(found.rows.column(field.name).null_count == 0 for field in tweet.ROWS if not field.nullable)
    assert isinstance(found.rejects, pa.Table)
