"""The service as a process of its own: started, watched, killed and stopped as an orchestrator does."""

import json
import signal
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

import httpx

from platform_assets.geo import quadrants
from platform_assets.tweets import arrival
from platform_assets.tweets.tweets import TWEETS
from resources.message_log import KafkaMessageLog, SqliteMessageLog
from resources.warehouse import DuckDbWarehouse
from tests import service_processes
from tests.models import build
from tests.reading import all_messages
from tests.servers import kafka_server
from tests.service_processes import told
from tests.x_server import TOKEN, Hold, XServer, tweet, until


def process(
    x: XServer, home: Path, *arguments: str, **environ: str
) -> AbstractContextManager[tuple[subprocess.Popen[str], list[str]]]:
    """The service as it reads the stand-in for X."""
    given = {"X_BEARER_TOKEN": TOKEN, "X_API_URL": x.url} | environ
    reading = arguments or ("--quadrant", "northeast")
    return service_processes.process("services.tweet_stream", home, *reading, **given)


def test_killed_in_the_middle_and_started_again_with_backfill_each_tweet_is_there_and_ingested_once(
    x: XServer, tmp_path: Path, duckdb_warehouse: DuckDbWarehouse
) -> None:
    half = [tweet(number) for number in range(1, 501)]
    rest = [tweet(number) for number in range(501, 601)]
    x.plays([b"".join(half), Hold()], [b"".join(half[300:] + rest), Hold()])
    with SqliteMessageLog(tmp_path / "log.sqlite") as log:
        with process(x, tmp_path, X_BACKFILL_MINUTES="5") as (service, _):
            until(lambda: any(bounds.end for bounds in log.bounds("tweets").values()), "the first batch")
            service.kill()
        with process(x, tmp_path, X_BACKFILL_MINUTES="5") as (service, _):
            until(lambda: log.read("tweets", 0, 0).messages[-1].key == b"600", "the last tweet")
            service.send_signal(signal.SIGTERM)
            assert service.wait(30) == 0
        assert [given["backfill_minutes"] for given in x.connections()] == ["5", "5"]
        sent = {message.key for message in log.read("tweets", 0, 0).messages}
        # X brings again what it sent in the last minutes, here from 301 on.
        assert {b"%d" % number for number in range(301, 601)} <= sent
        list(arrival.take_in("tweets", log, duckdb_warehouse))
    build(duckdb_warehouse, TWEETS, **quadrants.PARAMETERS)
    with duckdb_warehouse.session() as session:
        (found,) = session.rows("SELECT COUNT(*) AS n, COUNT(DISTINCT tweet_id) AS ids FROM tweets.tweets")
    assert (found["n"], found["ids"]) == (len(sent), len(sent))


def test_into_kafka_with_metrics_and_a_graceful_stop_and_the_token_is_in_no_log(
    x: XServer, tmp_path: Path
) -> None:
    x.plays([b"".join(tweet(number) for number in range(2_000)), Hold()])
    with kafka_server() as servers, KafkaMessageLog(servers) as log:
        log.append("tweets", [(b"0", tweet(0))])  # the stand-in makes a topic when it is first written to
        with process(x, tmp_path, KAFKA_BOOTSTRAP_SERVERS=servers) as (service, said):
            until(lambda: told(said, "connected"), "the stream to be open")
            url = told(said, "started")[0]["url"]
            until(
                lambda: "tweet_stream_published_total 2000.0" in httpx.get(f"{url}/metrics").text, "metrics"
            )
            assert httpx.get(f"{url}/readyz").json() == {"ready": True, "why": []}
            service.send_signal(signal.SIGTERM)
            assert service.wait(30) == 0
        found = [message for part in all_messages(log, "tweets").values() for message in part]
    assert len(found) == 2_001
    assert {message.key for message in found} == {b"%d" % number for number in range(2_000)}
    assert [line["event"] for line in map(json.loads, said)][-2:] == ["stopping", "stopped"]
    assert {line["quadrant"] for line in map(json.loads, said)} == {"northeast"}
    assert TOKEN not in "".join(said)


def test_what_only_a_person_can_change_is_one_line_of_json_and_exit_code_1(
    x: XServer, tmp_path: Path
) -> None:
    with process(x, tmp_path, "--compliance", X_BEARER_TOKEN="wrong") as (service, said):
        assert service.wait(30) == 1
    (failed,) = told(said, "failed")
    assert failed["quadrant"] == "compliance"
    assert "correct X_BEARER_TOKEN" in failed["error"]
