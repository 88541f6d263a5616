"""Five gigabytes through the store and the parser, in processes of their own that tell the memory they took.

The bytes are made while they are read, or are a hole in a file: nothing large is written anywhere.
"""

import gzip
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from platform_assets.geo import openaddresses
from resources.object_store import FolderObjectStore
from samples import source_formats

SIZE: Final = 5_000_000_000
SMALL: Final = 30_000_000
MOST_GROWTH: Final = 60_000_000
"""Bytes by which a process that has read a small file may grow for a large one, whatever its size."""
_HEADER: Final = (",".join(source_formats.STANDARD) + "\n").encode()
_MEMBER_LINES: Final = 30_000
_FEW: Final = 1_000

_CONTEXT: Final = multiprocessing.get_context("forkserver")


class Reading(NamedTuple):
    """One reading: plain bytes, rows, rejects, most bytes the process had, how many of them for the size, seconds."""

    name: str
    size: int
    rows: int
    rejects: int
    peak: int
    growth: int
    took_s: float


def read(name: str, size: int = SIZE) -> Reading:
    """Read one of `WAYS` in a process of its own."""
    hears, says = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_read, args=(name, size, says.send))
    process.start()
    says.close()
    try:
        reading: Reading = hears.recv()
    finally:
        process.join()
    return reading


def _read(name: str, size: int, tell: Callable[[Reading], None]) -> None:
    for _part in WAYS[name](SMALL):
        pass
    before, began = _peak(), time.monotonic()
    rows = rejects = 0
    for part in WAYS[name](size):
        rows, rejects = rows + part.rows.num_rows, rejects + part.rejects.num_rows
    tell(Reading(name, size, rows, rejects, _peak(), _peak() - before, time.monotonic() - began))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _lines(count: int) -> bytes:
    """Good records that differ as much as those of a real file, so that they compress as one."""
    random = Random(count)
    return b"".join(
        b"%.7f,%.7f,%d,ELM STREET,,HARTFORD,,CT,06103,,%016x\n"
        % (-72.7 + random.random() / 10, 41.7 + random.random() / 10, number + 1, random.getrandbits(64))
        for number in range(count)
    )


class _Members:
    """A gzip file of one member after another, until its plain size is reached."""

    def __init__(self, size: int) -> None:
        lines = _lines(_MEMBER_LINES)
        self._member = gzip.compress(lines, compresslevel=1)
        self._left = size // len(lines)
        self._rest = gzip.compress(_HEADER)

    def read(self, size: int, /) -> bytes:
        """The next bytes."""
        if not self._rest and self._left:
            self._left, self._rest = self._left - 1, self._member
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


def _gzip(size: int) -> Iterator[openaddresses.Parsed]:
    return openaddresses.read(_Members(size), "large.csv.gz")


def _hole(size: int) -> Iterator[openaddresses.Parsed]:
    """An object with some records, a line of zeros as long as the rest, and some records."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        with path.open("wb") as file:
            file.write(_HEADER + _lines(_FEW))
            file.seek(size)
            file.write(b"\n" + _lines(_FEW))
        store = FolderObjectStore(Path(folder))
        stored = store.head(path.name)
        if stored is None:
            raise FileNotFoundError(path)
        with store.open(stored) as stream:
            yield from openaddresses.read(stream, path.name)


WAYS: Final[Mapping[str, Callable[[int], Iterator[openaddresses.Parsed]]]] = {
    "gzip of good records": _gzip,
    "object with one endless line": _hole,
}
