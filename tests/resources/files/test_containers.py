"""Archives, streams and limits: what makes a file unreadable as a whole."""

import gzip
import io
import zipfile
from collections.abc import Callable

import pytest

from platform_assets.geo import openaddresses
from resources.files import containers, lines
from tests.platform_assets.geo.address_files import FEATURE, GOOD, HEADER, read, unreadable, zipped


def test_gzip_members_are_one_file_and_zip_members_count_their_own_lines() -> None:
    assert [row["line"] for row in read(gzip.compress(HEADER + GOOD) + gzip.compress(GOOD)).rows] == [2, 3]
    found = read(zipped(**{"b/a.csv": HEADER + GOOD, "__MACOSX/b/._a.csv": b"\0", "b/": b"", "c": FEATURE}))
    assert [(row["member"], row["line"]) for row in found.rows] == [("b/a.csv", 2), ("c", 1)]


def test_an_unreadable_member_is_one_reject_beside_readable_ones() -> None:
    found = read(zipped(**{"README.txt": b"Hello\n", "a.csv": HEADER + GOOD}))
    assert [(each["member"], each["line"], each["reason"], each["raw"]) for each in found.rejects] == [
        ("README.txt", 0, "unknown_format", "Hello")
    ]
    assert len(found.rows) == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf\r\n  \n", "empty_file"),
        (zipped(), "empty_file"),
        (b"Hello\nworld\n", "unknown_format"),
        (b"%PDF-1.7\n", "unknown_format"),
        ("LON,LAT,NUMBER,STREET\n".encode("utf-16"), "unknown_format"),
        (b'{"type":"FeatureCollection","features":[\n', "unknown_format"),
        (b"x" * (lines.MAX_LINE_BYTES + 1), "unknown_format"),
        (zipped(a=b"Hello"), "unknown_format"),
        (b"LON,LAT,STREET\n", "missing_columns"),
        (gzip.compress(HEADER + GOOD)[:-9], "corrupt_archive"),
        (gzip.compress(HEADER + GOOD)[:-5] + b"12345", "corrupt_archive"),
        (gzip.compress(HEADER + GOOD) + b"tail", "corrupt_archive"),
        (zipped(a=HEADER + GOOD)[:-9], "corrupt_archive"),
        (zipped(a=HEADER + GOOD).replace(b"\x08\x00", b"\x63\x00"), "corrupt_archive"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_says_why(data: bytes, reason: str) -> None:
    assert unreadable(data).reason == reason


def test_an_unreadable_file_shows_its_first_bytes_as_text() -> None:
    assert unreadable(b"\xffHello\r\nworld").raw == "\\xffHello"


def test_a_damaged_archive_is_unreadable_even_after_good_rows() -> None:
    stored = zipped(a=HEADER + GOOD, b=HEADER + GOOD * 50)
    entry = stored.index(b"b", stored.index(b"PK\x03\x04", 4))
    torn = stored[: entry + 20] + bytes([stored[entry + 20] ^ 255]) + stored[entry + 21 :]
    assert unreadable(torn).reason == "corrupt_archive"


def test_an_archive_with_a_password_is_named_as_such() -> None:
    stored = bytearray(zipped(a=HEADER + GOOD))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        stored[stored.index(signature) + flags] |= 1
    assert unreadable(bytes(stored)).reason == "encrypted_archive"


@pytest.mark.parametrize(
    "stored", [bytes, gzip.compress, lambda data: zipped(a=data)], ids=["plain", "gzip", "zip"]
)
def test_a_file_above_the_limit_is_refused(stored: Callable[[bytes], bytes]) -> None:
    assert unreadable(stored(HEADER + GOOD * 1000), limit=5000).reason == "too_large"


def test_a_bomb_is_refused_by_its_ratio_before_it_is_unpacked() -> None:
    bomb = gzip.compress(HEADER + b" " * 80_000_000, compresslevel=1)
    assert unreadable(bomb).reason == "too_large"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_zip_bomb_is_refused_by_its_ratio_however_many_members_share_it(method: int) -> None:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", method) as archive:
        for number in range(8):
            archive.writestr(f"{number}.csv", HEADER + b" " * 10_000_000)
    assert unreadable(stored.getvalue()).reason == "too_large"


def test_an_archive_of_too_many_files_is_refused_before_any_is_read() -> None:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for number in range(containers.MAX_MEMBERS + 1):
            archive.writestr(str(number), b"")
    bad = unreadable(stored.getvalue())
    assert (bad.reason, str(containers.MAX_MEMBERS) in bad.detail) == ("too_large", True)


@pytest.mark.parametrize("is_zip64", [False, True])
def test_a_directory_that_would_fill_the_memory_is_not_read(is_zip64: bool) -> None:
    stored = zipped(a=HEADER + GOOD)
    end = stored.rindex(b"PK\x05\x06")
    huge = containers.MAX_DIRECTORY_BYTES + 1
    if is_zip64:
        record = b"PK\x06\x06" + bytes(36) + huge.to_bytes(8, "little") + bytes(8)
        stored = stored[:end] + record + b"PK\x06\x07" + bytes(16) + stored[end:]
    else:
        stored = stored[: end + 12] + huge.to_bytes(4, "little") + stored[end + 16 :]
    bad = unreadable(stored)
    assert (bad.reason, "directory" in bad.detail) == ("too_large", True)


def test_an_archive_that_needs_memory_of_its_own_choice_is_refused() -> None:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.csv", HEADER + GOOD)
    bad = unreadable(stored.getvalue())
    assert (bad.reason, "LZMA" in bad.detail) == ("unknown_format", True)


def test_an_archive_within_an_archive_is_no_address_file() -> None:
    found = read(zipped(**{"inner.zip": zipped(a=HEADER + GOOD), "b.csv": HEADER + GOOD}))
    assert [(each["member"], each["reason"]) for each in found.rejects] == [("inner.zip", "unknown_format")]
    assert len(found.rows) == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\a.csv", "a\nb", "\u202e.csv", ""])
def test_the_name_of_a_member_is_a_label_and_never_a_path(name: str) -> None:
    stored = zipped(**{name or "?x": HEADER + GOOD})
    # What follows a NUL is no part of a name.
    found = read(stored if name else stored.replace(b"?x", b"\0x"))
    assert [row["member"] for row in found.rows] == [name]


class _Trickle:
    """A stream that gives a few bytes at a time and cannot seek, as a socket does."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int, /) -> bytes:
        return self._data.read(min(size, 7))


@pytest.mark.parametrize(
    "stored", [bytes, gzip.compress, lambda data: zipped(a=data)], ids=["plain", "gzip", "zip"]
)
def test_a_stream_that_cannot_seek_and_gives_little_at_a_time_is_read(
    stored: Callable[[bytes], bytes],
) -> None:
    parts = list(openaddresses.read(_Trickle(stored(HEADER + GOOD * 20)), "a.csv"))
    assert sum(part.rows.num_rows for part in parts) == 20


def test_an_error_of_the_store_is_not_taken_for_a_damaged_file() -> None:
    class Broken:
        def read(self, _size: int, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        list(openaddresses.read(Broken(), "a.csv"))
