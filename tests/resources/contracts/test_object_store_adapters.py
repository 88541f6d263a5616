"""What only one object store has to do: a folder that people edit, and S3's conditions."""

import logging
import os
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

import pytest

from resources.object_store import (
    FolderObjectStore,
    ObjectChanged,
    ObjectDenied,
    S3ObjectStore,
    StoredObject,
)
from resources.object_store.pinned import RANGE_BYTES
from resources.unavailable import Unavailable
from tests.reading import everything, keys
from tests.servers import http_server
from tests.unprivileged import as_nobody, open_place


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
    with caplog.at_level(logging.WARNING):
        assert keys(FolderObjectStore(tmp_path), "") == ["ct.csv"]
    assert "tab\\t.csv" in caplog.text


def test_a_link_that_leads_to_no_file_is_no_object_and_is_told_once_a_listing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name, target in (("broken", "nowhere"), ("folder", "."), ("itself", "itself"), ("pipe", "../pipe")):
        (tmp_path / "root" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "root" / name).symlink_to(target)
    os.mkfifo(tmp_path / "pipe")
    store = FolderObjectStore(tmp_path / "root")
    store.put("z", b"x")
    with caplog.at_level(logging.WARNING):
        assert keys(store, "") == ["z"]
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        f"the link '{name}' leads to no file, so it is no object"
        for name in ("broken", "folder", "itself", "pipe")
    ]
    assert [store.head(name) for name in ("itself", "pipe", "z/below")] == [None] * 3
    (tmp_path / "root" / "nowhere").write_bytes(b"at last")
    assert everything(store, "broken") == b"at last"


def test_a_file_that_may_not_be_read_is_an_object_that_cannot_be_opened_until_it_may() -> None:
    with open_place() as place:
        store = FolderObjectStore(place)
        for key in ("a", "b"):
            assert store.head(store.put(key, b"x").key)
        (place / "a").chmod(0)
        with as_nobody():
            closed, other = store.list("")
            assert (closed.key, closed.size_bytes, store.head("a")) == ("a", 1, closed)
            with pytest.raises(ObjectDenied, match="/a may not be read by the user that Quadrant runs as"):
                store.open(closed)
            assert everything(store, "b") == b"x"
        (place / "a").chmod(0o666)
        opened, same = store.list("")
        assert (opened.version != closed.version, same) == (True, other)
        with pytest.raises(ObjectChanged):
            store.open(closed)
        (place / "a").chmod(0)
        with as_nobody():
            assert store.list("")[0].version not in (closed.version, opened.version)


def test_a_folder_that_may_not_be_read_is_left_out_and_told_and_its_files_are_not_taken_for_deleted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with open_place() as place:
        store = FolderObjectStore(place)
        for key in ("geo/a", "geo/closed/b", "geo/c"):
            store.put(key, b"x")
        (place / "geo" / "closed").chmod(0)
        with as_nobody(), caplog.at_level(logging.WARNING):
            assert keys(store, "geo") == ["geo/a", "geo/c"]
            assert "the folder 'geo/closed/' is left out of the listing: Permission denied" in caplog.text
            hidden = store.head("geo/closed/b")
            assert hidden
            with pytest.raises(ObjectDenied):
                store.open(hidden)
            # Nor for there already.
            with pytest.raises(Unavailable, match="cannot be used .*Permission denied"):
                store.create("geo/closed/new", b"x")
            # One that is asked for by its name is not left out.
            with pytest.raises(Unavailable, match="cannot be used .*Permission denied"):
                store.list("geo/closed")
        place.chmod(0)
        with as_nobody():
            for call in (lambda: store.list(""), lambda: store.list("geo"), lambda: store.head("geo/a")):
                with pytest.raises(Unavailable, match="cannot be used .*Permission denied"):
                    call()


def test_a_tree_deeper_than_a_path_may_be_long_is_left_out_and_harms_no_other_object(tmp_path: Path) -> None:
    store = FolderObjectStore(tmp_path)
    store.put("z", b"x")
    folder, name = os.open(tmp_path, os.O_RDONLY), "n" * 200
    for _ in range(30):
        os.close(os.open("leaf", os.O_CREAT, dir_fd=folder))
        os.mkdir(name, dir_fd=folder)
        below = os.open(name, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    found = keys(store, "")
    assert (found[0], found[-1]) == ("leaf", "z")
    assert all(key.endswith("/leaf") for key in found[1:-1])


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


class Deleting(BaseHTTPRequestHandler):
    """S3's HEAD and DELETE of one object that is replaced as soon as it was looked at."""

    answer: ClassVar[int]
    seen: ClassVar[list[str | None]]

    def do_HEAD(self) -> None:
        """The version that was listed."""
        self.send_response(200)
        self.send_header("ETag", '"v1"')
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 10:00:00 GMT")
        self.send_header("Content-Length", "1")
        self.end_headers()

    def do_DELETE(self) -> None:
        """Note the condition, and answer it."""
        self.seen.append(self.headers["If-Match"])
        self.send_response(self.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        """A list of keys, which obstore sends for one as well, is deleted under no condition."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(None)
        said = b"<DeleteResult><Deleted><Key>k</Key></Deleted></DeleteResult>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.mark.parametrize(
    ("status", "is_deleted", "conditions"),
    [
        (204, True, ['"v1"']),
        (412, False, ['"v1"']),
        (409, False, ['"v1"']),
        (404, False, ['"v1"']),
        (501, True, ['"v1"', None]),
    ],
)
@pytest.mark.usefixtures("aws")
def test_s3_compares_the_version_as_it_deletes_where_it_knows_how(
    status: int, is_deleted: bool, conditions: list[str | None]
) -> None:
    class Handler(Deleting):
        answer = status
        seen: ClassVar[list[str | None]] = []

    with http_server(Handler) as url:
        stored = StoredObject("k", "v1", 1, datetime(2026, 11, 21, 10, tzinfo=UTC))
        assert S3ObjectStore("bucket", url).delete_unchanged(stored) is is_deleted
    assert Handler.seen == conditions


@pytest.mark.usefixtures("aws")
def test_a_deletion_that_s3_forbids_names_the_right_that_lacks() -> None:
    class Handler(Deleting):
        answer = 403
        seen: ClassVar[list[str | None]] = []

    stored = StoredObject("k", "v1", 1, datetime(2026, 11, 21, 10, tzinfo=UTC))
    with http_server(Handler) as url, pytest.raises(Unavailable, match="s3:DeleteObject"):
        S3ObjectStore("bucket", url).delete_unchanged(stored)
