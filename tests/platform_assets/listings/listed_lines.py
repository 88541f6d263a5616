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
