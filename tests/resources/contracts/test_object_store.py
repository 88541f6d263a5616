"""One contract for every object store: a folder, and S3 through a server that speaks its protocol."""

import io
import os
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from resources.object_store import (
    FolderObjectStore,
    ObjectChanged,
    ObjectGone,
    ObjectStore,
    S3ObjectStore,
)
from resources.object_store.pinned import RANGE_BYTES
from tests.reading import everything, keys
from tests.servers import S3Server

NEIGHBOURS = ["a-b", "a.txt", "a/b.csv", "a/b/c", "a/z", "a0", "é/ü", "\U0001f3e0"]


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty store of each kind."""
    if request.param == "folder":
        return FolderObjectStore(tmp_path / "objects")
    s3: S3Server = request.getfixturevalue("s3")
    return S3ObjectStore(s3.new_bucket(), s3.url)


def test_what_was_put_is_listed_found_and_read(store: ObjectStore) -> None:
    stored = store.put("geo/incoming/ct.csv", b"LON,LAT\n")
    assert stored.size_bytes == 8
    assert stored.version
    assert '"' not in stored.version
    assert stored.modified_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - stored.modified_at) < timedelta(minutes=1)
    assert store.head("geo/incoming/ct.csv") == stored
    assert store.list("geo/incoming/") == [stored]
    assert list(store.all("geo/incoming/")) == [stored]
    with store.open(stored) as stream:
        assert stream.read() == b"LON,LAT\n"


def test_an_object_is_created_where_there_is_none_and_never_over_another(store: ObjectStore) -> None:
    assert store.create("deliveries/a.json", b"first")
    assert not store.create("deliveries/a.json", b"second")
    stored = store.head("deliveries/a.json")
    assert stored
    with store.open(stored) as stream:
        assert stream.read() == b"first"


def test_an_empty_store_lists_nothing_and_finds_nothing(store: ObjectStore) -> None:
    assert store.list("") == []
    assert store.list("geo/incoming/") == []
    assert list(store.all("geo/incoming/")) == []
    assert store.head("geo/incoming/ct.csv") is None


def test_keys_are_listed_in_the_order_of_their_utf8_bytes(store: ObjectStore) -> None:
    for key in reversed(NEIGHBOURS):
        store.put(key, b"x")
    assert keys(store, "") == NEIGHBOURS == sorted(NEIGHBOURS, key=str.encode)


@pytest.mark.parametrize("after", ["", "0", "a", *NEIGHBOURS, "a/", "a/b", "zz", "\U0001f3e1"])
def test_a_listing_starts_after_any_key_whether_it_exists_or_not(store: ObjectStore, after: str) -> None:
    for key in NEIGHBOURS:
        store.put(key, b"x")
    assert keys(store, "", after) == [key for key in NEIGHBOURS if key > after]
    assert keys(store, "a", after) == [key for key in NEIGHBOURS if key.startswith("a/") and key > after]


def test_a_limited_listing_is_continued_after_its_last_key(store: ObjectStore) -> None:
    for key in NEIGHBOURS:
        store.put(key, b"x")
    seen: list[str] = []
    while page := keys(store, "", seen[-1] if seen else "", limit=3):
        assert len(page) <= 3
        seen += page
    assert seen == NEIGHBOURS


def test_a_prefix_is_a_folder_with_or_without_its_slash(store: ObjectStore) -> None:
    store.put("geo/incoming/ct.csv", b"x")
    store.put("geo/incoming-old/ct.csv", b"x")
    assert keys(store, "geo/incoming") == keys(store, "geo/incoming/") == ["geo/incoming/ct.csv"]
    assert keys(store, "geo/in") == keys(store, "geo/incoming/ct.csv/") == []


@pytest.mark.parametrize("key", ["a b#c?.csv", "100%.csv", "x%20y", "a+b&c=d.csv", "[1]~é.csv", "日本/ü.csv"])
def test_a_key_survives_whatever_a_person_names_a_file(store: ObjectStore, key: str) -> None:
    stored = store.put(key, b"x")
    assert store.list("") == [stored]
    assert stored.key == key
    assert everything(store, key) == b"x"
    store.delete(key)
    assert store.list("") == []


@pytest.mark.parametrize("key", ["../x", "a/../x", "/etc/passwd", "a//b", "a/", "./a", ""])
def test_a_key_that_could_leave_the_root_is_refused_everywhere(store: ObjectStore, key: str) -> None:
    for call in (store.head, store.delete, lambda key: store.put(key, b"x")):
        with pytest.raises(ValueError, match="object key"):
            call(key)
    with pytest.raises(ValueError, match="object key"):
        store.list("../")


def test_an_overwritten_object_has_another_version_and_the_old_one_cannot_be_opened(
    store: ObjectStore,
) -> None:
    old = store.put("k", b"old")
    new = store.put("k", b"new")
    assert new.version != old.version
    with pytest.raises(ObjectChanged, match="k no longer is the version"):
        store.open(old)
    assert everything(store, "k") == b"new"


def test_a_deleted_object_cannot_be_opened_and_may_be_deleted_again(store: ObjectStore) -> None:
    stored = store.put("geo/k", b"x")
    store.delete("geo/k")
    store.delete("geo/k")
    with pytest.raises(ObjectGone, match="geo/k was deleted"):
        store.open(stored)
    assert store.head("geo/k") is None


def test_only_the_version_that_was_meant_is_deleted(store: ObjectStore) -> None:
    old = store.put("geo/a b+é.csv", b"old")
    new = store.put("geo/a b+é.csv", b"newer")
    assert not store.delete_unchanged(old)
    assert everything(store, new.key) == b"newer"
    assert store.delete_unchanged(new)
    assert store.head(new.key) is None
    assert not store.delete_unchanged(new)


def test_an_object_replaced_while_it_is_read_is_noticed_in_the_next_range(store: ObjectStore) -> None:
    stored = store.put("k", b"a" * (RANGE_BYTES + 1000))
    with store.open(stored) as stream:
        assert stream.read(1000) == b"a" * 1000
        store.put("k", b"b" * (RANGE_BYTES + 1000))
        with pytest.raises(ObjectChanged):
            stream.read()


def test_an_object_deleted_while_it_is_read_is_noticed_in_the_next_range(store: ObjectStore) -> None:
    stored = store.put("k", b"a" * (RANGE_BYTES + 1000))
    with store.open(stored) as stream:
        store.delete("k")
        with pytest.raises(ObjectGone):
            stream.read()


def test_a_large_local_file_is_put_and_read_back_in_ranges(store: ObjectStore, tmp_path: Path) -> None:
    content = b"".join(b"%08d\n" % number for number in range(2 * RANGE_BYTES // 9 + 7))
    source = tmp_path / "large.csv"
    source.write_bytes(content)
    stored = store.put("large.csv", source)
    assert stored.size_bytes == len(content)
    assert everything(store, "large.csv") == content


def test_a_stream_can_seek_so_that_a_zip_is_read_without_a_copy(store: ObjectStore) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("filler.bin", os.urandom(RANGE_BYTES + 5))
        writer.writestr("ct.csv", "LON,LAT\n")
    with store.open(store.put("ct.zip", archive.getvalue())) as stream, zipfile.ZipFile(stream) as reader:
        assert reader.read("ct.csv") == b"LON,LAT\n"
        assert reader.testzip() is None


def test_an_empty_object_is_an_object(store: ObjectStore) -> None:
    stored = store.put("empty", b"")
    assert stored.size_bytes == 0
    with store.open(stored) as stream:
        assert stream.read() == b""
    store.delete("empty")
    with pytest.raises(ObjectGone):
        store.open(stored)


def test_many_writers_of_one_key_leave_one_whole_object(store: ObjectStore) -> None:
    bodies = [bytes([65 + number]) * 300_000 for number in range(6)]
    writers = [threading.Thread(target=store.put, args=("k", body)) for body in bodies]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert everything(store, "k") in bodies


def test_uris_name_the_place(tmp_path: Path) -> None:
    assert FolderObjectStore(tmp_path).uri("a b") == f"{tmp_path.as_uri()}/a%20b"
    assert S3ObjectStore("bucket").uri("geo/ct.csv") == "s3://bucket/geo/ct.csv"
    assert S3ObjectStore("bucket").uri() == "s3://bucket/"


def test_a_local_file_that_is_not_there_is_not_blamed_on_the_store(
    store: ObjectStore, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        store.put("k", tmp_path / "nowhere")
