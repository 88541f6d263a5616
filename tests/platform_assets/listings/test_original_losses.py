"""What the original's filters lose of a line, run as they are, and that here nothing of it is lost: traps 4 to 7."""

import json
from pathlib import Path

import pytest

from platform_assets.listings.documents import documents
from tests import original_listings
from tests.platform_assets.listings.listed_lines import read

pytestmark = pytest.mark.skipif(bool(original_listings.lacking()), reason=original_listings.lacking())

START = b"-rw-r--r--    1 root     root            19 "
RECENT = START + b"Nov 20 23:57 "


def _original(folder: Path, *lines: bytes) -> list[dict[str, str | None]]:
    text, sheet, made = (folder / name for name in ("listing.txt", "listing.csv", "listing.json"))
    text.write_bytes(b"".join(line + b"\n" for line in lines))
    original_listings.to_csv(text, sheet)
    original_listings.to_json(sheet, made)
    return [json.loads(line) for line in made.read_text().splitlines()]


def _ours(*lines: bytes) -> list[dict[str, str | None]]:
    return [json.loads(text) for text in documents(read(*lines).rows).column("document").to_pylist()]


def test_where_the_original_is_right_a_document_is_the_same_byte_for_byte(tmp_path: Path) -> None:
    lines = [RECENT + name for name in (b"/x", b'/"x"', b"/back\\slash", "/h\u00e9".encode(), b"/x=y;z")]
    found = _original(tmp_path, *lines)
    assert found == _ours(*lines)
    made = (tmp_path / "listing.json").read_text().splitlines()
    assert made == documents(read(*lines).rows).column("document").to_pylist()


@pytest.mark.parametrize("name", [b"/x/a b,c", b"/x/a b", b"/x/ lead", b"/x/two  blanks", b"/x/a\tb"])
def test_a_name_with_blanks_is_kept_whole(tmp_path: Path, name: bytes) -> None:
    (theirs,) = _original(tmp_path, RECENT + name)
    (ours,) = _ours(RECENT + name)
    assert theirs["file"] == name.decode().split()[0]
    assert ours["file"] == name.decode()


@pytest.mark.parametrize("name", [b"/x/a,c", b"/x,", b"/,,"])
def test_a_name_with_a_comma_is_kept_whole(tmp_path: Path, name: bytes) -> None:
    (theirs,) = _original(tmp_path, RECENT + name)
    (ours,) = _ours(RECENT + name)
    assert theirs["file"] == name.decode().split(",")[0]
    assert ours["file"] == name.decode()


def test_a_date_without_a_year_gets_one_and_one_in_another_form_does_not_shift_the_name(
    tmp_path: Path,
) -> None:
    old, recent, iso = START + b"Mar 19  2021 /x", RECENT + b"/x", START + b"2026-11-20 23:57 /x"
    theirs = _original(tmp_path, old, recent, iso)
    # The recent one has no year at all, and of the third the name became a part of the date.
    assert [each["date"] for each in theirs] == ["Mar 19 2021", "Nov 20 23:57", "2026-11-20 23:57 /x"]
    assert theirs[2]["file"] == ""
    assert [(each["date"], each["file"]) for each in _ours(old, recent, iso)] == [
        ("Mar 19 2021", "/x"), ("Nov 20 23:57", "/x"), ("2026-11-20 23:57", "/x"),
    ]  # fmt: skip
    found = read(old, recent, iso).rows.column("dated_at").to_pylist()
    assert [str(at) for at in found] == ["2021-03-19 00:00:00", "2026-11-20 23:57:00", "2026-11-20 23:57:00"]


def test_odd_lines_are_no_documents_but_rejects_with_line_and_reason(tmp_path: Path) -> None:
    lines = [
        b"short",
        b"",
        b"total 4",
        RECENT + b"/x",
        b"ls: cannot access 'y': Permission denied",
        RECENT[:20],
    ]
    theirs = _original(tmp_path, *lines)
    # What says nothing of a file became documents of nearly nothing.
    assert [(each["mod"], each["file"]) for each in theirs] == [
        ("short", ""), ("", ""), ("total", ""), ("-rw-r--r--", "/x"), ("ls:", ""), ("-rw-r--r--", ""),
    ]  # fmt: skip
    assert [each["file"] for each in _ours(*lines)] == ["/x"]
    rejects = read(*lines).rejects.to_pylist()
    assert [(each["line"], each["reason"]) for each in rejects] == [
        (1, "not_a_listing"), (2, "empty_line"), (3, "total_line"), (5, "not_listed"), (6, "missing_fields"),
    ]  # fmt: skip


def test_a_device_a_link_and_bytes_that_are_not_utf8_keep_what_the_original_drops(tmp_path: Path) -> None:
    device = b"crw-rw-rw- 1 root root 1, 3 Nov 20 23:57 /dev/null"
    link = b"lrwxrwxrwx 1 root root 7 Nov 20 23:57 /l -> /target"
    name = RECENT + b"/\xff"
    theirs, ours = _original(tmp_path, device, link, name), _ours(device, link, name)
    assert [each["file"] for each in theirs] == ["3 Nov 20", "/l", "/\ufffd"]
    assert [each["file"] for each in ours] == ["/dev/null", "/l", "/\ufffd"]
    assert [ours[0]["usrno"], ours[1]["target"], ours[2]["file_base64"]] == ["1, 3", "/target", "L/8="]
