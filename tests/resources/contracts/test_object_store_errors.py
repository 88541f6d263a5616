"""What a person is told when an object store cannot be used: one sentence, and no secret in it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from resources.object_store import FolderObjectStore, ObjectStore, S3ObjectStore, StoredObject
from resources.unavailable import Unavailable
from tests.servers import S3_SECRET_KEY, S3Server, http_server


def refused(store: ObjectStore, tmp_path: Path) -> Iterator[str]:
    """The sentence of every call, each of which must fail."""
    gone = tmp_path / "x"
    gone.write_bytes(b"x")
    for call in (
        lambda: store.list(""),
        lambda: store.head("k"),
        lambda: store.put("k", b"x"),
        lambda: store.put("k", gone),
        lambda: store.delete("k"),
        lambda: store.delete_unchanged(StoredObject("k", "v", 1, datetime.now(UTC))),
    ):
        with pytest.raises(Unavailable) as caught:
            call()
        yield str(caught.value)


def test_a_missing_bucket_is_named(s3: S3Server, tmp_path: Path) -> None:
    for sentence in refused(S3ObjectStore("no-such-bucket", s3.url), tmp_path):
        assert "S3_BUCKET 'no-such-bucket' does not exist" in sentence
        assert "\n" not in sentence


def test_a_wrong_secret_is_told_and_never_shown(
    s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2hunter2")
    for sentence in refused(S3ObjectStore(s3.new_bucket(), s3.url), tmp_path):
        assert "refused the credentials for S3_BUCKET" in sentence
        assert "hunter2" not in sentence
        assert S3_SECRET_KEY not in sentence


def test_missing_credentials_are_told(s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for sentence in refused(S3ObjectStore(s3.new_bucket(), s3.url), tmp_path):
        assert "No AWS credentials were found" in sentence


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        ("http://127.0.0.1:1", "cannot be reached at http://127.0.0.1:1"),
        ("http://nowhere.invalid", "cannot be reached at http://nowhere.invalid"),
        ("localhost:9000", "S3_ENDPOINT_URL 'localhost:9000' is no address"),
        ("http://", "S3_ENDPOINT_URL 'http://' is no address"),
    ],
)
@pytest.mark.usefixtures("aws")
def test_an_endpoint_that_is_not_there_is_named(endpoint: str, said: str) -> None:
    with pytest.raises(Unavailable, match="S3_ENDPOINT_URL") as caught:
        S3ObjectStore("bucket", endpoint).list("")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


class Elsewhere(BaseHTTPRequestHandler):
    """S3's answer for a bucket of another region: a redirect without a Location."""

    def do_GET(self) -> None:
        """Any listing."""
        self.send_response(301)
        self.send_header("x-amz-bucket-region", "eu-west-1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.mark.usefixtures("aws")
def test_a_bucket_of_another_region_is_told() -> None:
    with (
        http_server(Elsewhere) as url,
        pytest.raises(Unavailable, match="'bucket' is in another region: set AWS_R"),
    ):
        S3ObjectStore("bucket", url).list("")


def test_a_folder_taken_by_a_file_is_named(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_bytes(b"x")
    for store in (FolderObjectStore(taken), FolderObjectStore(taken / "below")):
        for sentence in refused(store, tmp_path):
            assert "taken" in sentence
            assert "QUADRANT_HOME" in sentence
