"""What the service reads over HTTP, and what it does when the stream misbehaves."""

import json
import time
from dataclasses import replace

import pytest

from platform_assets.tweets import arrival
from resources.message_log import SqliteMessageLog
from resources.unavailable import Unavailable
from resources.warehouse import DuckDbWarehouse
from services.tweet_stream.sources import compliance
from tests.stream_service import QUICK, Starter
from tests.x_server import KEEP_ALIVE, TOKEN, Answer, Drop, Hold, XServer, tweet, until

DELETION = b'{"data":{"delete":{"tweet":{"id":"2","author_id":"7"},"event_at":"2026-11-01T00:00:00Z"}}}'
DISCONNECT = b'{\n\t"errors": [{\n\t\t"title": "operational-disconnect",\n\t\t"detail": "d"\n\t}]\n}\r\n'


def test_lines_are_published_untouched_under_their_tweets_ids(x: XServer, service: Starter) -> None:
    accents = tweet(3, "café 🎉 at the Old State House")
    within = accents.index("é".encode()) + 1
    x.plays([
        tweet(1) + KEEP_ALIVE + tweet(2)[:-1], b"\n" + KEEP_ALIVE, accents[:within], accents[within:],
        DELETION + b"\r\n", b"not json\r\n", b'{"limit":{"track":5}}\r\n', Hold(),
    ])  # fmt: skip
    with service() as running:
        until(lambda: len(running.published()) == 5, "five messages")
        assert [(message.key, message.value) for message in running.published()] == [
            (b"1", tweet(1)[:-2]),
            (b"2", tweet(2)[:-2]),
            (b"3", accents[:-2]),
            (b"2", DELETION),
            (None, b"not json"),
        ]
        assert running.get("/readyz").status_code == 200
        assert running.get("/livez").status_code == 200
        assert running.metric('keep_alives_total{stream="northeast"}') == 2
        assert running.metric('messages_total{kind="tweet"}') == 3
        assert running.metric('messages_total{kind="deletion"}') == 1
        assert running.metric("published_total") == 5
        assert running.metric("undelivered_total") == 5
        assert running.metric('connected{stream="northeast"}') == 1
        assert running.metric("buffer_messages") == 0
    assert running.error is None
    assert "expansions" in x.connections()[0]


def test_a_drop_in_the_middle_of_a_line_loses_nothing_that_a_backfill_brings_again(
    x: XServer, service: Starter, duckdb_warehouse: DuckDbWarehouse
) -> None:
    x.plays(
        [tweet(1), tweet(2), tweet(3)[:20], Drop()],
        [tweet(2), tweet(3), tweet(4)[:-2]],  # ended by the server before the line was
        [tweet(4), tweet(5), Hold()],
    )
    with service(backfill_minutes=3) as running:
        until(lambda: tweet(5)[:-2] in running.values(), "the last tweet")
        assert running.metric("unfinished_lines_total") == 2
        assert running.metric('reconnects_total{reason="dropped",stream="northeast"}') == 1
        assert running.metric('reconnects_total{reason="ended",stream="northeast"}') == 1
    assert [asked["backfill_minutes"] for asked in x.connections()] == ["3", "1", "1"]
    with SqliteMessageLog(running.home / "log.sqlite") as log:
        list(arrival.take_in("tweets", log, duckdb_warehouse))
    with duckdb_warehouse.session() as session:
        found = session.rows(
            "SELECT tweet_id, COUNT(*) AS n FROM tweets.raw_tweets GROUP BY tweet_id ORDER BY 1"
        )
        rejected = session.rows("SELECT reason FROM tweets.rejected_tweets")
    assert [row["tweet_id"] for row in found] == ["1", "2", "3", "4", "5"], (
        "each is there, and 2 is there twice"
    )
    assert rejected == []


def test_a_stream_that_falls_silent_is_left_and_opened_again(x: XServer, service: Starter) -> None:
    x.plays([tweet(1), Hold()], [tweet(2), Hold()])
    with service(periods=replace(QUICK, stalled_after_s=1)) as running:
        until(lambda: len(running.published()) == 2, "both tweets")
        assert running.metric('reconnects_total{reason="stalled",stream="northeast"}') >= 1


def test_keep_alives_keep_a_quiet_stream(x: XServer, service: Starter) -> None:
    pulses = [step for _ in range(20) for step in (KEEP_ALIVE, lambda: time.sleep(0.1))]
    x.plays([*pulses, tweet(1), Hold()])
    with service(periods=replace(QUICK, stalled_after_s=1.5)) as running:
        until(lambda: running.published(), "the tweet after the silence")
        assert running.metric("unfinished_lines_total") == 0
    assert len(x.connections()) == 1


def test_errors_of_the_server_are_waited_out(x: XServer, service: Starter) -> None:
    too_many = {"title": "ConnectionException", "connection_issue": "TooManyConnections", "detail": "d"}
    x.plays(
        Answer(503),
        Answer(500, "not an object"),
        Answer(429, too_many),
        Answer(429, {"title": "Too Many Requests"}, resets_in_s=1),
        [DISCONNECT + tweet(1), Hold()],
        [tweet(2), Hold()],
    )
    with service(periods=replace(QUICK, limit_first_s=3)) as running:
        until(lambda: len(running.published()) == 2, "the tweets")
        waits = {str(event["reason"]): event["wait_s"] for event in running.events("interrupted")}
        assert list(waits) == ["server_error", "too_many_connections", "rate_limited", "disconnected"]
        assert float(str(waits["rate_limited"])) <= 2 + 0.3, "until it resets, and a tenth of the first wait"
        assert running.metric("rate_limited_seconds_total") > 0
        assert running.values() == [tweet(1)[:-2], tweet(2)[:-2]]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            Answer(403, {"title": "Client Forbidden", "detail": "not enrolled"}),
            "not enrolled): give the app access",
        ),
        (Answer(402, {"title": "CreditsDepleted"}), "add credits"),
        (Answer(302, None, {"Location": "http://elsewhere.example"}), "correct X_API_URL"),
    ],
)
def test_a_refusal_ends_the_service_with_one_sentence(
    x: XServer, service: Starter, answer: Answer, said: str
) -> None:
    x.plays([tweet(1)], answer)
    with service() as running:
        until(lambda: running.error, "the end")
    assert isinstance(running.error, Unavailable)
    assert said in str(running.error)
    assert running.values() == [tweet(1)[:-2]], "what was read before is published"


def test_a_wrong_token_ends_the_service_and_is_never_shown(service: Starter) -> None:
    with service(bearer_token="wrong-token") as running:
        until(lambda: running.error, "the end")
    assert "correct X_BEARER_TOKEN" in str(running.error)
    assert "wrong-token" not in str(running.error) + str([vars(record) for record in running.said])


def test_a_line_beyond_the_limit_is_published_cut_and_told(x: XServer, service: Starter) -> None:
    x.plays([tweet(1, "x" * 5_000), tweet(2), Hold()])
    with service(line_limit=1_000) as running:
        until(lambda: len(running.published()) == 2, "both")
        assert [len(value) for value in running.values()] == [1_000, len(tweet(2)) - 2]
        assert running.metric("cut_lines_total") == 1
        (cut,) = running.events("line cut")
        assert cut["size"] == len(tweet(1, "x" * 5_000)) - 2


def test_one_process_reads_every_partition_of_the_compliance_streams(x: XServer, service: Starter) -> None:
    for number, source in enumerate(compliance()):
        event = {"data": {"user_delete": {"user": {"id": str(number)}}}}
        x.plays([json.dumps(event).encode() + b"\r\n", Hold()], path=source.path)
    with service(*compliance()) as running:
        until(lambda: len(running.published()) == 8, "an event of each")
        assert {message.key for message in running.published()} == {b"user:%d" % n for n in range(8)}
        assert running.get("/readyz").status_code == 200
    asked = sorted((path, given["partition"]) for path, given in x.asked)
    assert asked == [(f"/2/{of}/compliance/stream", n) for of in ("tweets", "users") for n in "1234"]
    assert TOKEN not in str([vars(record) for record in running.said])
