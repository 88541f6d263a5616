"""A folder as lines of ls -l: what ls itself says of it, whatever lies in it or happens to it meanwhile."""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from resources import lister
from resources.lister import FolderLister, NoLister
from resources.unavailable import Unavailable

NASTY = (
    b"a b", b" lead", b"trail ", b"two  blanks", b"comma,comma", b'quote"d', b"back\\slash", b"a -> b", b"tab\tbed",
    b"line\nfeed", b"\xff\xfe", "h\u00e9".encode(), b"-rw-r--r-- 1 root root 1 Nov 21 10:05 x", b"." * 255, b"\x01\x1b",
)  # fmt: skip


def test_a_line_is_what_ls_prints(tmp_path: Path) -> None:
    for number, name in enumerate(NASTY):
        path = tmp_path / os.fsdecode(name)
        path.write_bytes(b"x" * number)
        os.utime(path, (time.time() - number * 20 * 86_400,) * 2)
    (tmp_path / "later").touch()
    os.utime(tmp_path / "later", (time.time() + 90_000,) * 2)
    (tmp_path / "link").symlink_to(b"a -> b".decode())
    (tmp_path / "odd").touch()
    (tmp_path / "odd").chmod(0o6751)
    os.mkfifo(tmp_path / "pipe")
    assert _lines(tmp_path) == _ls(tmp_path, sorted(os.fsencode(path.name) for path in tmp_path.iterdir()))


@pytest.mark.parametrize("device", ["/dev/null", "/dev/tty"])
def test_a_device_has_its_numbers_in_place_of_a_size(device: str) -> None:
    path = Path(device)
    (line,) = (line for line in _lines(path.parent) if line.endswith(b" " + os.fsencode(path)))
    assert line.split() == _ls(path.parent, [os.fsencode(path.name)])[0].split()


def test_lines_are_ordered_by_path_and_no_link_is_followed(tmp_path: Path) -> None:
    for path in ("b/deep/er/x", "b/a", "b.txt", "b-1", "a"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "empty").mkdir()
    ends = [line.split(b" /", 1)[1].split(b" -> ")[0] for line in _lines(tmp_path)]
    prefix = os.fsencode(tmp_path)[1:] + b"/"
    names = [end.removeprefix(prefix).decode() for end in ends]
    assert names == ["a", "b-1", "b.txt", "b/a", "b/deep/er/x", "b/loop", "dangling", "self"]


def test_a_folder_that_became_a_link_or_vanished_is_a_line_and_the_rest_is_listed(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    for path in (outside / "secret", root / "a", root / "b" / "x", root / "c" / "y", root / "d"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    lines = FolderLister(root).lines()
    assert next(lines).endswith(b"/root/a")
    shutil.rmtree(root / "b")
    (root / "b").symlink_to(outside)
    shutil.rmtree(root / "c")
    (root / "d").unlink()
    at = os.fsencode(root)
    assert list(lines) == [
        b"ls: cannot open directory '%s/b': Not a directory" % at,
        b"ls: cannot open directory '%s/c': No such file or directory" % at,
        b"ls: cannot access '%s/d': No such file or directory" % at,
    ]


def test_a_folder_that_may_not_be_read_is_a_line() -> None:
    # Below /tmp, since nobody may enter the folders of pytest; whoever is root becomes nobody after the imports.
    program = (
        "import os, sys, resources.lister, pathlib\n"
        "os.getuid() or os.setuid(65534)\n"
        "found = resources.lister.FolderLister(pathlib.Path(sys.argv[1])).lines()\n"
        "sys.stdout.buffer.write(b'|'.join(found))"
    )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "closed").mkdir()
        (root / "open").touch()
        root.chmod(0o755)
        (root / "closed").chmod(0)
        command = [sys.executable, "-c", program, folder]
        done = subprocess.run(command, capture_output=True, check=True, cwd=Path(__file__).parents[2])
        (root / "closed").chmod(0o700)
    denied, listed = done.stdout.split(b"|")
    assert denied == b"ls: cannot open directory '%s/closed': Permission denied" % folder.encode()
    assert listed.endswith(b"/open")


def test_a_tree_deeper_than_a_path_may_be_long_is_listed_to_a_stated_depth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, name = os.open(tmp_path, os.O_RDONLY), "n" * 200
    for _ in range(40):
        os.mkdir(name, dir_fd=folder)
        below = os.open(name, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(os.open("leaf", os.O_CREAT, dir_fd=folder))
    os.close(folder)
    (line,) = _lines(tmp_path)
    assert line.endswith(b"/leaf")
    assert len(line) > 40 * 200
    monkeypatch.setattr(lister, "MAX_DEPTH", 7)
    path = b"/".join([os.fsencode(tmp_path), *[name.encode()] * 7])
    assert _lines(tmp_path) == [b"ls: cannot open directory '%s': More than 7 levels below the root" % path]


def test_ten_thousand_files_are_listed_and_more_than_allowed_are_refused_loudly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(10_000):
        (many / str(number)).touch()
    assert len(_lines(tmp_path)) == 10_000
    assert len(list(FolderLister(tmp_path, max_files=10_000).lines())) == 10_000
    with pytest.raises(Unavailable, match="holds more than 9,999 files; name a smaller folder"):
        list(FolderLister(tmp_path, max_files=9_999).lines())
    monkeypatch.setattr(lister, "MAX_FILES", 9_999)
    (line,) = _lines(tmp_path)
    assert line == b"ls: cannot open directory '%s': More than 9,999 names" % os.fsencode(many)


@pytest.mark.parametrize("root", ["absent", "file"])
def test_a_root_that_cannot_be_listed_is_named(tmp_path: Path, root: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match=f"LISTING_ROOT is '.*{root}', which cannot be listed"):
        next(FolderLister(tmp_path / root).lines())


def test_the_root_itself_may_be_a_link_and_without_one_nothing_is_listed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").touch()
    (tmp_path / "root").symlink_to("real")
    (line,) = _lines(tmp_path / "root")
    assert line.endswith(b"/root/x")
    assert (list(NoLister().lines()), NoLister().uri()) == ([], "")


def test_a_mark_tells_of_an_acl(tmp_path: Path) -> None:
    path = tmp_path / "shared"
    path.touch()
    # Version 2: owner rw, user 1 r, group r, mask r, others nothing.
    entries = ((1, 6, -1), (2, 4, 1), (4, 4, -1), (16, 4, -1), (32, 0, -1))
    packed = b"".join(struct.pack("<HHi", *entry) for entry in entries)
    try:
        os.setxattr(path, "system.posix_acl_access", struct.pack("<I", 2) + packed)
    except OSError as error:
        pytest.skip(f"This file system keeps no ACL: {error.strerror}.")
    assert _lines(tmp_path)[0].startswith(b"-rw-r-----+ 1 ")


def test_an_owner_is_one_word_and_a_time_beyond_the_calendar_is_printed_as_a_number() -> None:
    assert lister._word("CORP\\ann", 7) == "CORP\\ann"
    assert lister._word("domain users", 7) == "7"
    assert lister._dated(2**62, 0) == str(2**62)


def _lines(root: Path) -> list[bytes]:
    return list(FolderLister(root).lines())


def _ls(root: Path, names: list[bytes]) -> list[bytes]:
    """What ls prints of each of them, one at a time, so that nothing is aligned."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
    paths = [os.fsencode(root) + b"/" + name for name in names]
    printed = [
        subprocess.run(["ls", "-ld", path], capture_output=True, check=True, env=environment).stdout
        for path in paths
    ]
    return [line.removesuffix(b"\n") for line in printed]
