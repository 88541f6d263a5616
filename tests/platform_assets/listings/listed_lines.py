"""Lines of ls -l for tests: made of any fields, read back, and a document as a line again."""

import base64
import datetime as dt
import json
from typing import Any, NamedTuple

from hypothesis import strategies as st

from platform_assets.listings.lines import from_records
from platform_assets.listings.parsing import Parsed, parsed

LISTED = dt.datetime(2026, 11, 21, 10, 5, 30)
SOURCE = "file:///listed"
BEFORE = b"-rw-r--r--    1 root     root            19 Mar 19  2021 "
LINK = b"lrwxrwxrwx 1 root root %d Mar 19  2021 %s"
LOADED = (
    BEFORE + b"/x",
    BEFORE + b' /a  b, "c" \\ \xff ',
    LINK % (6, b"/a -> b -> c"),
    LINK % (64, b"/proc/1/fd/3 -> pipe:[12]"),
    b"brw-rw----+   1 root     disk        8,   0 Nov 21 10:05 /dev/sda",
    b"-r--r--r-- 1 1000 CORP\\ann 4096 2026-11-21 10:05 /sys/kernel/irq/7/type",
    "-rwsr-sr-t. 12 h\u00e9l\u00e8ne www-data 9223372036854775807 2026-11-21 10:05:11.123456789 +0130 /h\u00e9".encode(),
)
"""A line of each shape that is loaded."""
REJECTED = (
    (b"", "empty_line"),
    (b"   ", "empty_line"),
    (b"x" * 8_192, "line_too_long"),
    (BEFORE + b"n" * 8_192, "line_too_long"),
    (b"total 48", "total_line"),
    (b"total 1.5M", "total_line"),
    (b"/usr/bin:", "directory_header"),
    (b"ls: cannot access 'x': Permission denied", "not_listed"),
    (b"/bin/ls: x: No such file or directory", "not_listed"),
    ("find: \u2018/root\u2019: Permission denied".encode(), "not_listed"),
    (b"-????????? ? ?    ?            ?            ? x", "not_listed"),
    (b"hello world", "not_a_listing"),
    (b" -rw-r--r-- 1 root root 19 Mar 19  2021 /x", "not_a_listing"),
    (b"-rw-r--r--x 1 root root 19 Mar 19  2021 /x", "not_a_listing"),
    (b"-rw-r--rw 1 root root 19 Mar 19  2021 /x", "not_a_listing"),
    (b"-rw-r--r--", "missing_fields"),
    (b"-rw-r--r-- 1 root", "missing_fields"),
    (b"-rw-r--r-- 1 root root 19", "missing_fields"),
    (b"-rw-r--r-- 1 root root 19 Mar 19", "missing_fields"),
    (b"-rw-r--r-- 1 root root 19 Mar 19  2021", "missing_fields"),
    (b"-rw-r--r-- one root root 19 Mar 19  2021 /x", "bad_number"),
    (b"-rw-r--r-- 1 root root 4.0K Mar 19  2021 /x", "bad_number"),
    (b"-rw-r--r-- 01 root root 19 Mar 19  2021 /x", "bad_number"),
    (b"-rw-r--r-- 1 root root 9223372036854775808 Mar 19  2021 /x", "bad_number"),
    (b"-rw-r--r-- 1 root domain users 19 Mar 19  2021 /x", "bad_owner"),
    (b"-rw-r--r-- 1 root root 19 Foo 19  2021 /x", "bad_date"),
    (b"-rw-r--r-- 1 root root 19 Feb 30 10:05 /x", "bad_date"),
    (b"-rw-r--r-- 1 root root 19 Feb 29  2021 /x", "bad_date"),
    (b"-rw-r--r-- 1 root root 19 Mar 19 24:00 /x", "bad_date"),
    (b"-rw-r--r-- 1 root root 19 Mar 19  0000 /x", "bad_date"),
    (b"-rw-r--r-- 1 root root 19 21. Nov 10:05 /x y", "bad_date"),
    (b"-rw-r--r-- 1 root root 19 2026-02-30 10:05 /x", "bad_date"),
    (BEFORE, "bad_name"),
    (BEFORE + b"/a\0b", "bad_name"),
    (b"-rw-r--r-- 1 r\xff root 19 Mar 19  2021 /x", "not_utf8"),
)
"""Lines that are rejected, and why."""


def read(*lines: bytes, listed: dt.datetime = LISTED) -> Parsed:
    return parsed(from_records(lines, 1, SOURCE, listed))


def row(line: bytes) -> dict[str, Any]:
    """The row that a line becomes, without where it is from and without what is empty."""
    (found,) = read(line).rows.to_pylist()
    return {
        name: value for name, value in found.items() if name not in ("source", "line") and value is not None
    }


def line_of(document: str) -> bytes:
    """The line that ls would print of a document."""
    values = json.loads(document)
    file = _bytes(values, "file")
    target = b" -> " + _bytes(values, "target") if "target" in values else b""
    fields = [values[key] for key in ("mod", "no", "user", "group", "usrno", "date")]
    return " ".join(fields).encode() + b" " + file + target


def _bytes(values: dict[str, str], key: str) -> bytes:
    encoded = values.get(f"{key}_base64")
    return base64.b64decode(encoded) if encoded else values[key].encode()


class Written(NamedTuple):
    """A line, and the fields it was made of."""

    line: bytes
    mode: str
    size: str
    dated: str
    file: bytes
    target: bytes | None


_letters = st.one_of(
    st.sampled_from(
        [b" ", b",", b'"', b"'", b"\\", b"\n", b"\r", b"\t", b" -> ", b"\xff", b"\xc3", b"\x7f", b"\x01"]
    ),
    st.sampled_from(
        [b"a", b"/", b".", b"=", b"total 4", "h\u00e9".encode(), "\U0001f3e0".encode(), b"\x1b[0m"]
    ),
    st.binary(min_size=1, max_size=3).map(lambda data: data.replace(b"\0", b"0")),
)
names = st.lists(_letters, min_size=1, max_size=8).map(b"".join)
_permissions = st.sampled_from(["rw-r--r--", "rwxr-xr-x", "---------", "rwsr-sr-t", "rwSr-S--T"])
_marks = st.sampled_from(["", "", "", "+", ".", "@"])
_words = st.sampled_from(["root", "1000", "www-data", "CORP\\ann", 'o"dd', "h\u00e9l\u00e8ne", "a,b", "x+y"])
_numbers = st.one_of(st.just(0), st.integers(0, 5_000), st.integers(0, 2**63 - 1))
_blanks = st.integers(1, 4).map(lambda count: " " * count)
_days = st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2026, 11, 20))
_FORMS = ("%b %d %H:%M", "%b %d %Y", "%b %d  %Y", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S.123456789 +0130")


@st.composite
def written(draw: st.DrawFn) -> Written:
    """A line that ls could print."""
    kind = draw(st.sampled_from("---lldcbps"))
    mode = kind + draw(_permissions) + draw(_marks)
    file, target = draw(names), None
    size = size_printed = str(draw(_numbers))
    if kind in "cb":
        major, minor = draw(st.integers(0, 255)), draw(st.integers(0, 255))
        size, size_printed = f"{major}, {minor}", f"{major}, {minor:>3}"
    if kind == "l":
        target = draw(names)
        size = size_printed = str(len(target))
    dated = draw(_days).strftime(draw(st.sampled_from(_FORMS)))
    before = [mode, str(draw(_numbers)), draw(_words), draw(_words), size_printed]
    text = "".join(field + draw(_blanks) for field in before) + dated + " "
    end = b"" if target is None else b" -> " + target
    return Written(text.encode() + file + end, mode, size, " ".join(dated.split()), file, target)
