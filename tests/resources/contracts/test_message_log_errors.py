"""What a person is told when a message log cannot be used: one sentence, in time, and no secret in it."""

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resources.message_log import Bounds, KafkaMessageLog, MessageLog, SqliteMessageLog
from resources.unavailable import Unavailable


def _every_call(log: MessageLog) -> Iterator[str]:
    for call in (
        lambda: log.bounds("tweets"),
        lambda: log.topic_id("tweets"),
        lambda: log.offsets_at("tweets", datetime(2026, 11, 1, tzinfo=UTC)),
        lambda: log.read("tweets", 0, 0),
        lambda: log.append("tweets", [(None, b"v")]),
    ):
        with pytest.raises(Unavailable) as caught:
            call()
        yield str(caught.value)


def test_a_broker_that_is_down_is_named_in_time(capfd: pytest.CaptureFixture[str]) -> None:
    with KafkaMessageLog("127.0.0.1:1", timeout_s=1) as log:
        started = time.monotonic()
        for sentence in _every_call(log):
            assert "KAFKA_BOOTSTRAP_SERVERS '127.0.0.1:1' did not answer within 1 s" in sentence
            assert time.monotonic() - started < 5
            started = time.monotonic()
    assert capfd.readouterr() == ("", "")


def test_a_wrong_password_is_hinted_at_and_never_shown(kafka: str, capfd: pytest.CaptureFixture[str]) -> None:
    security = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "app",
        "sasl.password": "hunter2",
    }
    with KafkaMessageLog(kafka, security, timeout_s=1) as log:
        for sentence in _every_call(log):
            assert "a wrong password shows only as this time-out" in sentence
            assert "hunter2" not in sentence
    assert capfd.readouterr() == ("", "")


def test_a_setting_that_kafka_does_not_know_is_named() -> None:
    for sentence in _every_call(KafkaMessageLog("127.0.0.1:1", {"sasl.pasword": "hunter2"})):
        assert 'No such configuration property: "sasl.pasword"' in sentence
        assert "hunter2" not in sentence


def test_a_message_too_large_for_kafka_is_told_and_nothing_arrives(kafka: str, topic: str) -> None:
    with KafkaMessageLog(kafka) as log:
        with pytest.raises(Unavailable, match="larger than message.max.bytes"):
            log.append(topic, [(b"k", b"x" * 2_000_000)])
        assert log.append(topic, [(b"k", b"v")]) == 1
        assert sum(bound.end for bound in log.bounds(topic).values()) == 1


@pytest.mark.parametrize("fill", ["folder", "garbage", "below a file"])
def test_a_file_that_is_no_log_is_named(tmp_path: Path, fill: str) -> None:
    path = tmp_path / "log.db"
    if fill == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"this is no database at all, but a text" * 100)
    for sentence in _every_call(SqliteMessageLog(path / "log.db" if fill == "below a file" else path)):
        assert "log.db cannot be used" in sentence
        assert "QUADRANT_HOME" in sentence


def test_a_log_locked_by_another_writer_is_told_after_its_wait(tmp_path: Path) -> None:
    with SqliteMessageLog(tmp_path / "log.db", wait_s=0.1) as log:
        log.append("tweets", [(None, b"v")])
        other = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked.*let other writers finish"):
            log.append("tweets", [(None, b"v")])
        assert log.bounds("tweets") == {0: Bounds(0, 1)}
        other.rollback()
        other.close()
        assert log.append("tweets", [(None, b"v")]) == 1
