"""The grammar of one line of `ls -l`, byte by byte: what it says of a file, or why it says nothing of one.

This is the definition; `plain` reads the many lines without oddities in bulk, and must find the same in them.
"""

import re
from typing import Final, Literal, NamedTuple

from platform_assets.listings.dates import FULL_ISO, LONG_ISO, OLD, RECENT
from resources.files.lines import MAX_RAW_BYTES

Reason = Literal[
    "empty_line",
    "line_too_long",
    "total_line",
    "directory_header",
    "not_listed",
    "not_a_listing",
    "missing_fields",
    "bad_number",
    "bad_owner",
    "bad_date",
    "bad_name",
    "not_utf8",
]

MAX_BYTES: Final = 2**63 - 1
"""Largest size of a file, and the largest number of links that is believed."""
MODE: Final = r"[-bcCdDlMnpPsw](?:[r-][w-][xsS-]){2}[r-][w-][xtT-][+.@]?"
ARROW: Final = b" -> "

_MODE: Final = re.compile(MODE.encode() + rb"(?= |\Z)")
_QUESTIONS: Final = re.compile(rb"[-bcCdDlMnpPsw?]\?{9} ")
_NOT_LISTED: Final = re.compile(rb"(?:/[^ :]*/)?(?:ls|find): ")
_TOTAL: Final = re.compile(rb"total [0-9][0-9.,]*[KMGTPE]?")
_WORD: Final = rb" +([^ ]+)"
_FIELDS: Final = re.compile(_WORD * 3 + rb" +(.*)", re.DOTALL)
_SIZE: Final = re.compile(rb"([0-9]+), *([0-9]+) +|([0-9]+) +")
_DATE: Final = re.compile(rf"(?:{RECENT}|{OLD}|{FULL_ISO}|{LONG_ISO}) ".encode())
_NUMBER: Final = re.compile(rb"0|[1-9][0-9]{0,18}")


class Entry(NamedTuple):
    """A file as listed: texts in single blanks, the name and the target of a symbolic link as bytes.

    `size_bytes` is None for a device, whose `size` is its major and minor number, such as `8, 0`.
    """

    mode: str
    links: int
    owner: str
    owner_group: str
    size: str
    dated: str
    file: bytes
    target: bytes | None
    size_bytes: int | None


class Refusal(NamedTuple):
    """Why a line says nothing of a file."""

    reason: Reason
    detail: str


def entry(raw: bytes) -> Entry | Refusal:
    """Read a line without its line feed. Whether there is such a day is not looked at."""
    # Of a longer one no more was kept; a path has at most half as many.
    if len(raw) >= MAX_RAW_BYTES:
        return Refusal("line_too_long", f"The line has {MAX_RAW_BYTES} bytes or more.")
    mode = _MODE.match(raw)
    if mode is None:
        return _no_listing(raw)
    fields = _FIELDS.fullmatch(raw, mode.end())
    if fields is None:
        return Refusal("missing_fields", "The line ends before its size, date and name.")
    links, owner, owner_group, rest = fields.groups()
    if not _is_number(links):
        return Refusal("bad_number", "The number of links is no whole number.")
    try:
        owners = owner.decode(), owner_group.decode()
    except UnicodeDecodeError:
        return Refusal("not_utf8", "Owner or group is not UTF-8.")
    return _sized(mode[0].decode(), int(links), owners, rest)


def _sized(mode: str, links: int, owners: tuple[str, str], rest: bytes) -> Entry | Refusal:
    size = _SIZE.match(rest)
    if size is None or not all(_is_number(digits) for digits in size.groups() if digits):
        return _no_size(rest)
    major, minor, plain = (digits.decode() if digits else "" for digits in size.groups())
    date = _DATE.match(rest, size.end())
    if date is None:
        has_more = len(rest[size.end() :].split()) > 3
        return (
            Refusal("bad_date", "The date is in no known form.")
            if has_more
            else Refusal("missing_fields", "The line ends before its name.")
        )
    file, target = _names(mode, rest[date.end() :], int(plain or "0"))
    if not file or b"\0" in file or b"\0" in (target or b""):
        return Refusal("bad_name", "The name is empty, or holds a byte that no name can.")
    # Bytes of a date are ASCII.
    dated = b" ".join(date[0].split()).decode()
    size_text = plain or f"{major}, {minor}"
    return Entry(mode, links, *owners, size_text, dated, file, target, int(plain) if plain else None)


def _names(mode: str, text: bytes, target_bytes: int) -> tuple[bytes, bytes | None]:
    """Name and target: a link is as large as its target is long, which tells the arrow when a name holds one."""
    if mode[0] != "l":
        return text, None
    at = len(text) - target_bytes - len(ARROW)
    # Links of /proc have other sizes; one whose target may not be read has no arrow.
    if not (at > 0 and target_bytes and text.startswith(ARROW, at)):
        at = text.find(ARROW, 1)
    if at < 1 or at + len(ARROW) == len(text):
        return text, None
    return text[:at], text[at + len(ARROW) :]


def _is_number(digits: bytes) -> bool:
    return _NUMBER.fullmatch(digits) is not None and int(digits) <= MAX_BYTES


def _no_size(rest: bytes) -> Refusal:
    words = rest.split()
    if len(words) < 2:
        return Refusal("missing_fields", "The line ends before its date and name.")
    if not words[0][:1].isdigit() and words[1][:1].isdigit():
        return Refusal("bad_owner", "Owner and group are not one word each.")
    return Refusal("bad_number", "The size is no whole number.")


def _no_listing(raw: bytes) -> Refusal:
    if not raw.strip(b" \t\r"):
        return Refusal("empty_line", "The line is empty.")
    if _TOTAL.fullmatch(raw):
        return Refusal("total_line", "The line is the total of a directory.")
    if _NOT_LISTED.match(raw):
        return Refusal("not_listed", "The line tells of a file that could not be listed.")
    if _QUESTIONS.match(raw):
        return Refusal("not_listed", "The line is of a file that could not be looked at.")
    if raw.endswith(b":"):
        return Refusal("directory_header", "The line names the directory of the lines below it.")
    return Refusal("not_a_listing", "The line does not begin with a mode such as -rw-r--r--.")
