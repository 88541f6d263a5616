"""What a status means to who posts something, and how long the next try waits."""

import pytest

from resources.answers import Meaning, meaning, pause_s, said


@pytest.mark.parametrize(
    ("meant", "statuses"),
    [
        ("taken", (200, 201, 202, 204, 299)),
        ("refused", (400, 402, 406, 411, 413, 415, 422, 431, 499)),
        ("away", (408, 409, 425, 429, 500, 502, 503, 504, 599)),
        ("astray", (301, 302, 304, 308, 401, 403, 404, 405, 407, 410)),
    ],
)
def test_each_status_is_taken_refused_away_or_astray(meant: Meaning, statuses: tuple[int, ...]) -> None:
    assert {meaning(status) for status in statuses} == {meant}


def test_a_status_is_said_by_its_name_if_it_has_one() -> None:
    assert said(503) == "The receiver answered 503 Service Unavailable."
    assert said(599) == "The receiver answered 599."


def test_a_pause_grows_to_five_seconds_by_chance_beyond_what_was_asked_for() -> None:
    for failed, most in ((1, 0.2), (2, 0.4), (3, 0.8), (100_000, 5.0)):
        pauses = [pause_s(failed) for _ in range(200)]
        assert 0 <= min(pauses) < most / 4
        assert most * 3 / 4 < max(pauses) <= most
    assert 7 <= pause_s(1, asked_s=7) <= 7.2
