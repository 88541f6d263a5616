"""What only one object store has to do: a folder that people edit, and S3's conditions."""

import logging
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

import pytest

from resources.object_store import FolderObjectStore, ObjectChanged, S3ObjectStore, StoredObject
from resources.object_store.pinned import RANGE_BYTES
from tests.reading import everything, keys
from tests.servers import http_server


def test_a_folder_reader_sees_whole_versions_or_an_error(tmp_path: Path) -> None:
    store = FolderObjectStore(tmp_path)
    store.put("k", b"A" * 400_000)
    stop = threading.Event()

    def write() -> None:
        for number in range(300):
            store.put("k", bytes([65 + number % 26]) * 400_000)
        stop.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not stop.is_set():
        assert keys(store, "") == ["k"]
        try:
            content = everything(store, "k")
        except ObjectChanged:
            continue
        assert len(content) == 400_000
        assert content == content[:1] * 400_000
    writer.join()


def test_a_folder_object_edited_in_place_is_another_version(tmp_path: Path) -> None:
    store = FolderObjectStore(tmp_path)
    stored = store.put("k", b"a" * (RANGE_BYTES + 10))
    with store.open(stored) as stream:
        with (tmp_path / "k").open("r+b") as file:
            file.write(b"b")
        with pytest.raises(ObjectChanged):
            stream.read()


def test_a_folder_shows_no_hidden_staged_or_unnameable_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (".DS_Store", "ct.csv#1", "tab\t.csv", "ct.csv"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert keys(FolderObjectStore(tmp_path), "") == ["ct.csv"]
    assert "tab\\t.csv" in caplog.text


def test_a_folder_of_many_objects_is_listed_after_a_key_in_an_instant(tmp_path: Path) -> None:
    for number in range(20_000):
        (tmp_path / f"{number:06d}.csv").touch()
    store = FolderObjectStore(tmp_path)
    started = time.monotonic()
    assert keys(store, "", "015000.csv", limit=2) == ["015001.csv", "015002.csv"]
    assert time.monotonic() - started < 1


class Conditional(BaseHTTPRequestHandler):
    """S3's GET of one object of two ranges, as AWS answers If-Match; rclone's server does not know it."""

    version = '"v1"'
    size = RANGE_BYTES + 10
    seen: ClassVar[list[tuple[str, str]]]

    def do_GET(self) -> None:
        """Note the conditions, and hold to them."""
        wanted, span = self.headers["If-Match"], self.headers["Range"]
        self.seen.append((wanted, span))
        if wanted != self.version:
            self.send_response(412)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        first, last = (int(part) for part in span.removeprefix("bytes=").split("-"))
        self.send_response(206)
        self.send_header("ETag", self.version)
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 10:00:00 GMT")
        self.send_header("Content-Range", f"bytes {first}-{last}/{self.size}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        self.wfile.write(b"x" * (last - first + 1))

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.mark.usefixtures("aws")
def test_each_range_is_asked_for_with_the_version_as_its_condition() -> None:
    class Handler(Conditional):
        seen: ClassVar[list[tuple[str, str]]] = []

    with http_server(Handler) as url:
        store = S3ObjectStore("bucket", url)
        stored = StoredObject("k", "v1", Conditional.size, datetime(2026, 11, 21, 10, tzinfo=UTC))
        with store.open(stored) as stream:
            stream.read(1)
            assert Handler.seen == [('"v1"', f"bytes=0-{RANGE_BYTES - 1}")]
            Handler.version = '"v2"'
            with pytest.raises(ObjectChanged):
                stream.read()
        assert Handler.seen[1:] == [('"v1"', f"bytes={RANGE_BYTES}-{RANGE_BYTES + 9}")]
