"""What the service does while the message log is away."""

from dataclasses import replace

import pytest

from services.tweet_stream.buffer import Buffer
from tests.stream_service import QUICK, Starter, locked
from tests.x_server import Hold, XServer, tweet, until


def test_while_the_log_is_away_reading_stops_and_afterwards_nothing_is_missing(
    x: XServer, service: Starter
) -> None:
    sent: list[int] = []
    big = "x" * 100_000
    # 40 MB: far more than the sockets of both sides take in while nobody reads.
    steps = [step for n in range(400) for step in (tweet(n, big), lambda n=n: sent.append(n))]
    x.plays([*steps, Hold()])
    with service(buffer=Buffer(max_messages=10)) as running:
        with locked(running.home):
            until(lambda: running.metric("publish_failures_total") > 1, "failures")
            until(lambda: running.metric("buffer_messages") >= 10, "a full buffer")
            held = running.metric("buffer_messages")
            ready = running.get("/readyz")
            assert ready.status_code == 503
            assert ready.json()["why"] == [
                "The message log cannot be used.",
                "The buffer is full; reading waits.",
            ]
            assert running.metric("buffer_messages") == held < 400
            assert len(sent) < 400, "X is not read any more"
        until(lambda: running.metric("published_total") == 400, "all tweets")
        assert [message.key for message in running.published()] == [b"%d" % n for n in range(400)]
        assert running.get("/readyz").status_code == 200
    assert running.error is None


def test_a_stop_publishes_what_was_read(x: XServer, service: Starter) -> None:
    x.plays([b"".join(tweet(n) for n in range(1_000)), Hold()])
    with service(periods=replace(QUICK, linger_s=60)) as running:
        until(lambda: running.metric('lines_total{stream="northeast"}') == 1_000, "all lines")
        assert running.published() == []
        running.stop()
        until(lambda: len(running.published()) == 1_000, "all messages")
    assert running.error is None


@pytest.mark.parametrize("stop_s", [0.2])
def test_a_stop_while_the_log_is_away_ends_in_time_and_says_what_is_missing(
    x: XServer, service: Starter, stop_s: float
) -> None:
    x.plays([tweet(1), tweet(2), Hold()])
    with service(periods=replace(QUICK, stop_s=stop_s)) as running, locked(running.home):
        until(lambda: running.metric("buffer_messages") == 2, "two tweets")
        running.stop()
        until(lambda: running.error, "the end")
    assert str(running.error).startswith("2 messages were not acknowledged within 0.2 s of the stop: ")
