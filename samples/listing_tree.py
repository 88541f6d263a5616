"""A tree of files with every nasty name, and a listing of another machine that landed.

What the lines of `ls -l` look like is known here once more, by hand; the code that reads them is not imported.
"""

import os
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = "listed"
"""Where the tree lies in the home."""

KEY: Final = "listings/incoming/2026-10-31T10:00:00Z-node-7.txt"
"""Where the listing landed."""

NAMES: Final[tuple[bytes, ...]] = (
    b"plain.txt",
    b"two words.txt",
    b"  blanks before and behind  ",
    b"a, b, and c.csv",
    b"say \"no\" to 'quotes'.txt",
    b"back\\slash\\n.txt",
    b"arrow -> nowhere.txt",
    b"first line\nsecond line.txt",
    b"tab\there and \x1b[31mred\x1b[0m.txt",
    b"-rw-r--r-- 1 root root 0 Jan  1 00:00 looks like a listing",
    "caf\u00e9 \u4e2d\u6587 \U0001f4c4.txt".encode(),
    b"caf\xe9 in latin-1.txt",
    b"\xff\xfe no encoding at all",
    b"x" * 251 + b".txt",
    b'{"json": [1, 2]}.json',
    b"empty",
)

_OLD: Final = 1_616_155_200
"""19 March 2021, noon, UTC: listed with its year."""

_GONE, _NEW = b"removed between two ticks.txt", b"added between two ticks.txt"


class Line(NamedTuple):
    """A line of the landed listing, and whether it describes a file."""

    text: bytes
    is_file: bool = True


LINES: Final[tuple[Line, ...]] = (
    Line(b"total 48", is_file=False),
    Line(b"-rw-r--r-- 1 root root 1234 Mar 19  2021 /etc/fstab"),
    Line(b"-rw-r--r--+ 1 ann adm 42 Oct 30 23:11 /srv/report with blanks.csv"),
    Line(b"-rw-r-----. 1 root root 42 Oct 30 23:11 /srv/under SELinux, with a comma.txt"),
    Line(b"-rw-r--r--@ 1 501 staff 6148 Sep  1 08:15 /Users/ann/.DS_Store"),
    Line(b"brw-rw---- 1 root disk 8, 0 Oct 31 08:00 /dev/sda"),
    Line(b"crw-rw-rw- 1 root root 1, 3 Oct 31 08:00 /dev/null"),
    Line(b"lrwxrwxrwx 1 root root 7 Oct 31 08:00 /bin -> usr/bin"),
    Line(b"lrwxrwxrwx 1 root root 9 Oct 31 08:00 /srv/this -> that -> elsewhere"),
    Line(b"-rw-r--r-- 1 1001 1001 0 Feb 29  2024 /srv/leap day"),
    Line(b"-rwsr-xr-x   2 root  root  54256 2026-10-30 23:11 /usr/bin/passwd"),
    Line(b"-rw-r--r-- 1 root root 77 Oct 30 23:11 /srv/caf\xe9 in latin-1.txt"),
    Line(b"ls: cannot access '/proc/1/fd': Permission denied", is_file=False),
    Line(b"", is_file=False),
    Line(b"-rw-r--r-- 1 root root 12", is_file=False),
    Line(b"-rw-r--r-- 1 root root twelve Oct 30 23:11 /srv/number in words", is_file=False),
    Line(b"-rw-r--r-- 1 root root 12 Foo 30 23:11 /srv/no such month", is_file=False),
    Line(b"-rw-r--r-- 1 root root 12 Feb 30  2024 /srv/no such day", is_file=False),
    Line(b"\x89PNG\r\x1a not text at all", is_file=False),
    Line(b"-rw-r--r-- 1 root root 40 Oct 31 09:5", is_file=False),
)
"""The last one was cut short."""


def landed() -> bytes:
    """The listing that landed, without a line feed at its end."""
    return b"\n".join(line.text for line in LINES)


def plant(folder: Path) -> Path:
    """Make the tree; names that the file system does not take are left out."""
    inner = folder / "a folder" / "in a folder"
    inner.mkdir(parents=True)
    _put(folder, _GONE, b"gone soon\n")
    for number, name in enumerate(NAMES):
        _put(folder if number % 2 else inner, name, b"" if name == b"empty" else b"x" * (number + 1))
    for name, target in (
        (b"link", b"plain.txt"),
        (b"link to a name, with -> an arrow", b"arrow -> nowhere.txt"),
        (b"dangling link", b"not there"),
        (b"a loop", b"a loop"),
        (b"up", b".."),
    ):
        (folder / os.fsdecode(name)).symlink_to(os.fsdecode(target))
    return folder


def is_unchanged(folder: Path) -> bool:
    """Whether the tree is as it was made."""
    return (folder / os.fsdecode(_GONE)).exists()


def change(folder: Path) -> None:
    """What happens between two ticks: one file comes, one goes."""
    _put(folder, _NEW, b"new\n")
    (folder / os.fsdecode(_GONE)).unlink()


def arrive(folder: Path) -> Path:
    """The next file that arrives in the tree."""
    number = 1 + len(list(folder.glob("arrived *")))
    path = folder / f"arrived {number}, by make arrive.txt"
    path.write_text(f"{number}\n")
    return path


def _put(folder: Path, name: bytes, content: bytes) -> None:
    """Write a file; every third one is old."""
    path = folder / os.fsdecode(name)
    try:
        path.write_bytes(content)
    except OSError:
        return
    if len(content) % 3 == 0:
        os.utime(path, (_OLD, _OLD))
