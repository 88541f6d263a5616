"""Lines of ls -l: every form that is loaded, every reason for a reject, and that no line is lost or read two ways."""

import datetime as dt
import io
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from platform_assets.listings.entry import Entry, entry
from platform_assets.listings.lines import bytes_of, from_block, from_records
from platform_assets.listings.parsing import REASONS, parsed
from platform_assets.listings.plain import plain
from resources.files.lines import blocks
from tests.platform_assets.listings.listed_lines import (
    BEFORE,
    LINK,
    LISTED,
    REJECTED,
    SOURCE,
    Written,
    read,
    row,
    written,
)

PLAIN = {
    "mode": "-rw-r--r--", "links": 1, "owner": "root", "owner_group": "root", "size": "19", "size_bytes": 19,
    "dated": "Mar 19 2021", "dated_at": dt.datetime(2021, 3, 19), "file": "/x",
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (BEFORE + b"/x", {}),
        (b"-rw-r--r-- 1 root root 19 Mar 19 2021 /x", {}),
        (b"-rw-r--r--+ 1 root root 19 Mar 19  2021 /x", {"mode": "-rw-r--r--+"}),
        (b"-rw-r--r--. 1 root root 19 Mar 19  2021 /x", {"mode": "-rw-r--r--."}),
        (b"-rw-r--r--@ 1 root root 19 Mar 19  2021 /x", {"mode": "-rw-r--r--@"}),
        (b"-rw-r--r-- 1 1000 CORP\\ann 19 Mar 19  2021 /x", {"owner": "1000", "owner_group": "CORP\\ann"}),
        ("-rw-r--r-- 1 root ren\u00e9 19 Mar 19  2021 /x".encode(), {"owner_group": "ren\u00e9"}),
        (BEFORE + b"/a b", {"file": "/a b"}),
        (BEFORE + b" /a  b ", {"file": " /a  b "}),
        (BEFORE + b" ", {"file": " "}),
        (BEFORE + b'/a,b "c" \\n', {"file": '/a,b "c" \\n'}),
        (BEFORE + b"/a\nb\tc\r", {"file": "/a\nb\tc\r"}),
        (BEFORE + b"/a -> b", {"file": "/a -> b"}),
        (BEFORE + b"/a\xffb", {"file": "/a\ufffdb", "file_base64": "L2H/Yg=="}),
    ],
)
def test_a_line_is_loaded_whatever_its_name_holds(line: bytes, expected: dict[str, Any]) -> None:
    assert row(line) == {**PLAIN, **expected}


@pytest.mark.parametrize(
    ("size", "names", "file", "target"),
    [
        (1, b"/a -> b", "/a", "b"),
        (6, b"/a -> b -> c", "/a", "b -> c"),
        (1, b"/a -> b -> c", "/a -> b", "c"),
        (64, b"/proc/1/fd/3 -> pipe:[12]", "/proc/1/fd/3", "pipe:[12]"),
        (0, b"/proc/1/cwd -> /a -> b", "/proc/1/cwd", "/a -> b"),
        (9, b"/a -> b -> c", "/a", "b -> c"),
        (0, b"/proc/1/exe", "/proc/1/exe", None),
        (4, b"/a ->", "/a ->", None),
        (3, b" ->  -> x  ", " -> ", "x  "),
    ],
)
def test_the_size_of_a_link_tells_which_arrow_is_its_own(
    size: int, names: bytes, file: str, target: str | None
) -> None:
    found = row(LINK % (size, names))
    assert (found["file"], found.get("link_target"), found["size_bytes"]) == (file, target, size)


def test_the_bytes_of_a_target_are_kept() -> None:
    found = row(LINK % (2, b"/a -> \xff\xfe"))
    assert (found["link_target"], found["target_base64"]) == ("\ufffd\ufffd", "//4=")
    assert "file_base64" not in found


@pytest.mark.parametrize("printed", [b"8, 0", b"8,   0", b"8,0"])
def test_a_device_has_two_numbers_and_no_size(printed: bytes) -> None:
    found = row(b"brw-rw---- 1 root disk %s Nov 21 10:05 /dev/sda" % printed)
    assert found["size"] == "8, 0"
    assert "size_bytes" not in found


@pytest.mark.parametrize(
    ("printed", "dated_at"),
    [
        ("Mar 19  2021", dt.datetime(2021, 3, 19)),
        ("Mar  9  2021", dt.datetime(2021, 3, 9)),
        ("Nov 21 10:05", dt.datetime(2026, 11, 21, 10, 5)),
        ("Nov 22 10:05", dt.datetime(2026, 11, 22, 10, 5)),
        ("Nov 22 10:06", dt.datetime(2025, 11, 22, 10, 6)),
        ("Dec 31 23:59", dt.datetime(2025, 12, 31, 23, 59)),
        ("Feb 29 10:05", dt.datetime(2024, 2, 29, 10, 5)),
        ("2026-11-21 10:05", dt.datetime(2026, 11, 21, 10, 5)),
        ("2026-11-21 10:05:11.123456789 +0000", dt.datetime(2026, 11, 21, 10, 5, 11, 123456)),
        ("2026-11-21 10:05:11.000000001 -0530", dt.datetime(2026, 11, 21, 15, 35, 11)),
    ],
)
def test_a_date_has_its_year_or_the_latest_that_is_not_ahead(printed: str, dated_at: dt.datetime) -> None:
    found = row(b"-rw-r--r-- 1 root root 19 %s /x y" % printed.encode())
    assert (found["dated_at"], found["dated"], found["file"]) == (dated_at, " ".join(printed.split()), "/x y")


def test_lines_of_several_times_are_dated_each_by_its_own() -> None:
    line = b"-rw-r--r-- 1 root root 19 Jan  1 00:00 /x"
    tables = [from_records([line] * 2, 1, SOURCE, dt.datetime(year, 6, 1)) for year in (2025, 2020)]
    found = parsed(pa.concat_tables(tables).combine_chunks()).rows.column("dated_at").to_pylist()
    assert found == [dt.datetime(year, 1, 1) for year in (2025, 2025, 2020, 2020)]


@pytest.mark.parametrize(("line", "reason"), REJECTED, ids=lambda value: str(value)[:48])
def test_what_says_nothing_of_a_file_is_rejected_with_a_reason(line: bytes, reason: str) -> None:
    found = read(line)
    (reject,) = found.rejects.to_pylist()
    assert (reject["reason"], reject["line"], reject["source"]) == (reason, 1, SOURCE)
    assert reject["detail"].endswith(".")
    assert reject["raw"] == line.decode(errors="backslashreplace")
    assert not len(found.rows)


def test_each_reason_has_a_line() -> None:
    assert {reason for _, reason in REJECTED} == set(REASONS)


def test_rows_and_rejects_keep_the_order_of_their_lines() -> None:
    good, odd, bad = BEFORE + b"/x", BEFORE + b"/\xff", b"total 4"
    found = read(good, odd, bad, odd, good, bad, good)
    assert found.rows.column("line").to_pylist() == [1, 2, 4, 5, 7]
    assert found.rejects.column("line").to_pylist() == [3, 6]
    assert len(parsed(from_records([], 1, SOURCE, LISTED)).rows) == 0


@settings(deadline=None)
@given(st.lists(written(), min_size=1, max_size=8))
def test_a_line_that_ls_can_print_is_loaded_with_all_that_it_says(listed: list[Written]) -> None:
    found = read(*(each.line for each in listed))
    assert not len(found.rejects)
    for each, got in zip(listed, found.rows.to_pylist(), strict=True):
        assert (got["mode"], got["size"], got["dated"]) == (each.mode, each.size, each.dated)
        assert bytes_of(got["file"], got["file_base64"]) == each.file
        if each.target is not None:
            assert bytes_of(got["link_target"], got["target_base64"]) == each.target


_mangled = st.builds(
    lambda made, at, what: made.line[: at % len(made.line)] + what + made.line[at % len(made.line) :],
    written(), st.integers(0, 200), st.sampled_from([b"", b" ", b"0", b"-", b"\0", b" -> ", b"\xff", b"  19 "]),
)  # fmt: skip
_any = st.one_of(written().map(lambda made: made.line), _mangled, st.binary(max_size=60))


@settings(deadline=None)
@given(st.lists(_any, min_size=1, max_size=6))
@example([b"-rw-r--r-- 1 a b 1 Mar 19  2021 x", b"", b"-rw-r--r-- 1 a b 1 Mar 19  2021 y"])
def test_in_bulk_and_one_by_one_a_line_is_the_same_and_each_is_in_one_place(lines: list[bytes]) -> None:
    table = from_records(lines, 1, SOURCE, LISTED).combine_chunks()
    found = parsed(table)
    at = sorted(found.rows.column("line").to_pylist() + found.rejects.column("line").to_pylist())
    assert at == list(range(1, len(lines) + 1))
    (batch,) = table.to_batches()
    bulk = plain(batch.column("text"), batch.column("text_base64"))
    columns = [column.to_pylist() for column in bulk[1:]]
    for place, *values in zip(bulk.places.tolist(), *columns, strict=True):
        one = entry(lines[place])
        assert isinstance(one, Entry)
        target = None if one.target is None else one.target.decode()
        expected = (*one[:6], one.file.decode(), target, one.size_bytes)
        mode, links, owner, group, size, dated, *rest = values
        assert (mode, int(links), owner, group, size, " ".join(dated.split()), *rest) == expected
    # In other batches, that begin elsewhere in the same memory, they say the same.
    alone = parsed(pa.Table.from_batches([batch.slice(i, 1) for i in range(len(lines))]))
    assert [each.to_pylist() for each in alone] == [each.to_pylist() for each in found]


@settings(deadline=None)
@given(
    st.lists(_any.filter(lambda line: b"\n" not in line), min_size=1, max_size=6),
    st.sampled_from([7, 64, 2_000]),
)
def test_lines_of_a_file_are_the_same_as_records(lines: list[bytes], size: int) -> None:
    found = [from_block(block, SOURCE, LISTED) for block in blocks(io.BytesIO(b"\n".join(lines)), size)]
    expected = lines if lines[-1] else lines[:-1]
    texts = [each for table in found for each in table.to_pylist()]
    assert [bytes_of(each["text"], each["text_base64"]) for each in texts] == expected
    assert [each["line"] for each in texts] == list(range(1, len(expected) + 1))
