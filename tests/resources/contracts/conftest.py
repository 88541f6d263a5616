"""Servers and credentials that the contract tests share.

Each test gets a bucket, a topic or a file of its own.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import pytest

from resources.message_log import KafkaMessageLog
from tests.real_servers import RealServers
from tests.servers import (
    S3_ACCESS_KEY,
    S3_SECRET_KEY,
    S3Server,
    kafka_server,
    mongo_server,
    s3_server,
)


@pytest.fixture(scope="session")
def s3_process(real: RealServers | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One server for all tests of this process; with `--real`, versitygw."""
    with nullcontext(real.s3()) if real else s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials where the AWS chain looks first, and none of the machine's own."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", S3_ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", S3_SECRET_KEY)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def s3(s3_process: S3Server, aws: None, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The server, with credentials for it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_process.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_process.secret_key)
    return s3_process


@pytest.fixture(scope="session")
def kafka(real: RealServers | None) -> Iterator[str]:
    """The address of one mock cluster for all tests of this process; with `--real`, of a broker."""
    with nullcontext(real.kafka()) if real else kafka_server() as address:
        yield address


@pytest.fixture
def forget(real: RealServers | None, kafka: str) -> Callable[[str], None]:
    """Deletes the first three messages of each partition; the mock cluster has done so when a topic is over 5 MB."""

    def by_hand(topic: str) -> None:
        from confluent_kafka import TopicPartition
        from confluent_kafka.admin import AdminClient

        admin = AdminClient({"bootstrap.servers": kafka})
        places = [
            TopicPartition(topic, partition, min(3, end)) for partition, end in _ends(kafka, topic).items()
        ]
        for done in admin.delete_records(places).values():
            done.result(10)

    return by_hand if real else lambda topic: None


@pytest.fixture(scope="session")
def mongo_address(real: RealServers | None) -> Iterator[str]:
    """The address of one server for all tests of this process: in memory, or with `--real` one on disk."""
    with nullcontext(real.mongodb()) if real else mongo_server() as address:
        yield address


@pytest.fixture
def mongo(mongo_address: str) -> Iterator[str]:
    """The URL of a database that no other test knows, dropped afterwards."""
    from pymongo import MongoClient

    name = f"t{uuid.uuid4().hex[:12]}"
    server, _, options = mongo_address.partition("?")
    yield f"{server}{name}?{options}"
    with MongoClient[dict[str, object]](mongo_address) as client:
        client.drop_database(name)


def _ends(kafka: str, topic: str) -> dict[int, int]:
    with KafkaMessageLog(kafka) as log:
        return {partition: bounds.end for partition, bounds in log.bounds(topic).items()}


@pytest.fixture
def topic() -> str:
    """A topic that no other test knows."""
    return f"tweets-{uuid.uuid4().hex[:8]}"
