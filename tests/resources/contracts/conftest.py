"""Servers and credentials that the contract tests share.

Each test gets a bucket, a topic or a file of its own.
"""

import uuid
from collections.abc import Iterator

import pytest

from tests.servers import S3_ACCESS_KEY, S3_SECRET_KEY, S3Server, kafka_server, s3_server


@pytest.fixture(scope="session")
def s3_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One server for all tests of this process."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
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
def s3(s3_process: S3Server, aws: None) -> S3Server:
    """The server, with credentials for it."""
    return s3_process


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """The address of one mock cluster for all tests of this process."""
    with kafka_server() as address:
        yield address


@pytest.fixture
def topic() -> str:
    """A topic that no other test knows."""
    return f"tweets-{uuid.uuid4().hex[:8]}"
