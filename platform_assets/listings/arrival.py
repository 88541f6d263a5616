"""Text on its way into a batch: the lines of the listed root and of files that landed since, in one commit.

What a line says is the matter of the next stage; how lines are cut is in `text`, which is loaded when there are some.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from platform_assets.listings.batch import FILES, TICKS, TXT, source_of
from resources.files import intake
from resources.files.containers import UnreadableFile, members
from resources.lister import Lister
from resources.object_store import ObjectChanged, ObjectGone, ObjectStore, StoredObject
from resources.unavailable import Unavailable
from resources.warehouse import Commit, OvertakenError, Session, Spool, Warehouse

INCOMING: Final = "listings/incoming/"
MAX_FILES: Final = 200
MAX_BYTES: Final = 256_000_000
"""Landed files that one batch takes in, and bytes of text of theirs; the others wait for the next one."""

_POSITIONS: Final = "ledger.positions"
_ATTEMPTS: Final = 3
_KNOWN = f"SELECT file, file_version FROM {FILES} WHERE file BETWEEN :first AND :last"


@dataclass(frozen=True)
class Entry:
    """What became of a version of a landed file: one row of the ledger."""

    file: str
    version: str
    state: str
    lines: int = 0
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.state}, {self.detail or f'{self.lines} lines'}"


@dataclass(frozen=True)
class Listed:
    """What a batch holds: lines of the root, what became of files; `left` files wait for the next batch.

    `folder` is the digest of the landed files, all of which are taken in when none is left. `trouble` is a sentence
    when the root could not be listed. `is_new` is false for a batch that had been taken in before; then only `lines`
    is told.
    """

    lines: int
    is_new: bool = True
    root_lines: int = 0
    entries: tuple[Entry, ...] = ()
    left: int = 0
    folder: str = ""
    trouble: str = ""


def landed(page: Iterable[StoredObject], before: str = "") -> str:
    """A digest of the folder of landed files; of a later page, `before` is the digest up to it."""
    return intake.digest(((stored.key, stored.version) for stored in page), before)


def take_in(
    batch: str, lister: Lister, object_store: ObjectStore, warehouse: Warehouse, label: str = ""
) -> Listed:
    """List the root, read what landed, commit both as the text of a batch; one that was taken in before stays as it is.

    A root that cannot be listed does not keep what landed waiting. Raises Unavailable for the store and the warehouse,
    and OvertakenError when other batches were committed meanwhile, time and again.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _take_in(batch, lister, object_store, warehouse, label)
        except OvertakenError:
            continue
    return _take_in(batch, lister, object_store, warehouse, label)


def is_taken(session: Session, batch: str) -> bool:
    """Whether the text of a batch is in the warehouse."""
    return session.position(source_of(TXT, batch)) is not None


def _take_in(
    batch: str, lister: Lister, object_store: ObjectStore, warehouse: Warehouse, label: str
) -> Listed:
    found = list(object_store.all(INCOMING))
    with warehouse.session(label) as session:
        position = session.position(TICKS)
        if is_taken(session, batch):
            return Listed(session.count(TXT, ("batch_id", batch)), is_new=False)
        known = _known(session, found)
    with ExitStack() as stack:
        spools = {table: stack.enter_context(warehouse.spool(table)) for table in (TXT, FILES, _POSITIONS)}
        text = spools[TXT]
        trouble = _list(lister, text, batch)
        root_lines = text.rows
        new = [stored for stored in found if stored.version not in known.get(stored.key, ())]
        entries = tuple(_read_all(new, object_store, warehouse, text, batch))
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        spools[FILES].write_rows(_row(entry, batch, now) for entry in entries)
        # Written by the commit that moves TICKS, so that it is there once.
        done = {"source": source_of(TXT, batch), "next_position": str(text.rows), "committed_at": now}
        spools[_POSITIONS].write_rows([done])
        number = int((position or "0").split(" ")[0]) + 1
        with warehouse.session(label) as session:
            session.commit(
                Commit(
                    source=TICKS,
                    expected=position,
                    next_position=f"{number} {batch}",
                    read=text.rows,
                    loaded=[text],
                    ledger=[spools[FILES], spools[_POSITIONS]],
                )
            )
        left = len(new) - len(entries)
        return Listed(text.rows, True, root_lines, entries, left, landed(found), trouble)


def _known(session: Session, found: list[StoredObject]) -> Mapping[str, set[str]]:
    """Versions that the ledger has, by key."""
    versions: dict[str, set[str]] = {}
    if found:
        for row in session.rows(_KNOWN, first=found[0].key, last=found[-1].key):
            versions.setdefault(str(row["file"]), set()).add(str(row["file_version"]))
    return versions


def _list(lister: Lister, text: Spool, batch: str) -> str:
    """Put all lines of the root into a text that is empty, or none and say why."""
    from platform_assets.listings.text import tables

    try:
        for table in tables(lister.lines(), lister.uri(), dt.datetime.now(dt.UTC)):
            text.write(table, batch_id=batch)
    except Unavailable as trouble:
        text.clear()
        return str(trouble)
    return ""


def _read_all(
    new: list[StoredObject], object_store: ObjectStore, warehouse: Warehouse, text: Spool, batch: str
) -> Iterator[Entry]:
    """Read files in the order of their keys, as many as a batch takes; one that changes meanwhile is left."""
    room = MAX_BYTES
    for stored in new[:MAX_FILES]:
        if room <= 0:
            return
        with warehouse.spool(TXT) as lines:
            try:
                size = _read(stored, object_store, lines, batch)
            except UnreadableFile as bad:
                yield Entry(stored.key, stored.version, "rejected", detail=f"{bad.reason}: {bad.detail}")
            except (ObjectChanged, ObjectGone):
                continue
            else:
                room -= size
                text.write(lines.read())
                yield Entry(stored.key, stored.version, "loaded", lines.rows)


def _read(stored: StoredObject, object_store: ObjectStore, lines: Spool, batch: str) -> int:
    """Put the lines of a file into a spool of their own, for a broken end takes all of them back; bytes of text."""
    from platform_assets.listings.text import split, tables

    size = 0
    with intake.opened(stored, object_store) as stream:
        for member in members(stream, limit=MAX_BYTES):
            found = split(member.stream)
            for table in tables(found, stored.key, stored.modified_at, first=lines.rows + 1):
                lines.write(table, batch_id=batch)
                size += table.nbytes
    return size


def _row(entry: Entry, batch: str, now: dt.datetime) -> dict[str, object]:
    return {
        "file": entry.file,
        "file_version": entry.version,
        "batch_id": batch,
        "state": entry.state,
        "read_rows": entry.lines,
        "detail": entry.detail or None,
        "committed_at": now,
    }
