"""One version of one file on its way into the warehouse, whatever the file is about.

The steps and their order belong here; how a file is read is told by the domain, whose parser is loaded when a file is
read: sensors and the graph do without it. How rows commit is in the warehouse port.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from resources import catalog
from resources.files.containers import UnreadableFile
from resources.object_store import ObjectChanged, ObjectDenied, ObjectGone, ObjectStore, StoredObject
from resources.warehouse import Commit, Delete, OvertakenError, Session, Spool, Warehouse

if TYPE_CHECKING:
    from resources.files.records import Parsed

_ATTEMPTS = 3


@dataclass(frozen=True)
class Entry:
    """What became of a file: one row of its ledger, or nothing to do when `is_new` is false."""

    file: str
    state: str
    read_rows: int = 0
    loaded_rows: int = 0
    rejected_rows: int = 0
    is_new: bool = True
    reason: str = ""
    version: str = ""

    def __str__(self) -> str:
        reason = f" ({self.reason})" if self.reason else ""
        if not self.is_new:
            return f"{self.file}: as before{reason}"
        counts = f"{self.read_rows} read, {self.loaded_rows} loaded, {self.rejected_rows} rejected"
        return f"{self.file}: {self.state}, {counts}{reason}"


def taken_version(position: str) -> str:
    """The version that a position stands for; a third word counts how often its rows were replaced or repaired."""
    return " ".join(position.split(" ")[:2])


def version_after(position: str) -> str:
    """The position after the same version was taken in again, or repaired: another one, for those who compare."""
    parser, etag, times = [*position.split(" "), "0"][:3]
    return f"{parser} {etag} {int(times) + 1}"


def digest(page: Iterable[tuple[str, str]], before: str = "") -> str:
    """A digest of what a folder holds, keys and versions; of a later page, `before` is the digest up to it."""
    for key, version in page:
        before = hashlib.sha256(f"{before} {key} {version}".encode()).hexdigest()
    return before


@contextmanager
def opened(stored: StoredObject, object_store: ObjectStore) -> Iterator[BinaryIO]:
    """A version of a file to read; raises UnreadableFile for one that may not be read, else what the store raises."""
    try:
        with object_store.open(stored) as stream:
            yield stream
    except ObjectDenied as denied:
        raise UnreadableFile("access_denied", str(denied), "") from denied


@dataclass(frozen=True)
class Arrivals:
    """Keys of files that the warehouse has not, has otherwise, or has no longer to have; each sorted."""

    new: list[str]
    changed: list[str]
    gone: list[str]


@dataclass(frozen=True)
class Intake:
    """Files of one kind: the tables of their rows and rejects, the ledger of their versions, and how one is read.

    `parser` is the version of the parser, `read` gives the parts of a file by its stream and what is stored of it
    or raises UnreadableFile.
    """

    loaded: str
    rejected: str
    ledger: str
    parser: Callable[[], str]
    read: "Callable[[BinaryIO, StoredObject], Iterator[Parsed]]"

    def version_of(self, stored: StoredObject) -> str:
        """What position a file is at once it is taken in: another parser, or another content, is another version."""
        return f"{self.parser()} {stored.version}"

    def arrivals(self, versions: Mapping[str, str], prefix: str, warehouse: Warehouse) -> Arrivals:
        """What there is below a prefix, version by key, compared with what the warehouse took in."""
        with warehouse.session("arrivals") as session:
            rows = session.rows(
                "SELECT source, next_position FROM ledger.positions WHERE STARTSWITH(source, :p)", p=prefix
            )
        known = {str(row["source"]): str(row["next_position"]) for row in rows}
        return Arrivals(
            new=sorted(versions.keys() - known.keys()),
            changed=sorted(
                key for key, version in versions.items() if taken_version(known.get(key, version)) != version
            ),
            gone=sorted(
                key
                for key, version in known.items()
                if key not in versions and not version.startswith("deleted ")
            ),
        )

    def take_in(
        self,
        key: str,
        object_store: ObjectStore,
        warehouse: Warehouse,
        label: str = "",
        *,
        again: bool = False,
    ) -> Entry:
        """Make a file's rows those of its present version; a file that is gone takes its rows with it.

        With `again` it is read although its version is known.

        A file that is replaced while it is read, or taken in by somebody else meanwhile, is looked at again. Raises
        ObjectChanged, ObjectGone or OvertakenError when that happens every time.
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._take_in(key, object_store, warehouse, label, again=again)
            except (ObjectChanged, ObjectGone, OvertakenError):
                continue
        return self._take_in(key, object_store, warehouse, label, again=again)

    def _take_in(
        self, key: str, object_store: ObjectStore, warehouse: Warehouse, label: str, *, again: bool
    ) -> Entry:
        stored = object_store.head(key)
        with warehouse.session(label) as session:
            position = session.position(key)
            is_known = (
                stored is not None
                and position is not None
                and taken_version(position) == self.version_of(stored)
            )
            if stored is not None and is_known and not again:
                state = self._state(session, stored)
                return Entry(key, state, is_new=False, version=self.version_of(stored))
        if stored is None:
            return self._remove(key, position, warehouse, label)
        with warehouse.spool(self.loaded) as loaded, warehouse.spool(self.rejected) as rejected:
            for spool in (loaded, rejected):
                spool.share(file=stored.key, file_version=stored.version)
            entry = self._read(stored, object_store, loaded, rejected)
            next_position = version_after(position) if position and is_known else self.version_of(stored)
            self._commit(entry, stored, position, next_position, warehouse, label, [loaded, rejected])
        return entry

    def _state(self, session: Session, stored: StoredObject) -> str:
        """What the ledger says of a version that was taken in before."""
        rows = session.rows(
            f"SELECT state FROM {self.ledger} WHERE file = :file AND file_version = :version"
            " ORDER BY committed_at DESC",
            file=stored.key,
            version=stored.version,
        )
        return str(rows[0]["state"])

    def _read(self, stored: StoredObject, object_store: ObjectStore, loaded: Spool, rejected: Spool) -> Entry:
        version = self.version_of(stored)
        try:
            with opened(stored, object_store) as stream:
                for parsed in self.read(stream, stored):
                    loaded.write(parsed.rows)
                    rejected.write(parsed.rejects)
        except UnreadableFile as bad:
            # Rows before a broken end are not trusted: the file counts as one rejected record.
            loaded.clear()
            rejected.clear()
            rejected.write_rows([{"line": 0, "reason": bad.reason, "detail": bad.detail, "raw": bad.raw}])
            reason = f"{bad.reason}: {bad.detail}"
            return Entry(stored.key, "rejected", 1, 0, 1, reason=reason, version=version)
        counts = loaded.rows + rejected.rows, loaded.rows, rejected.rows
        return Entry(stored.key, "loaded", *counts, version=version)

    def _remove(self, key: str, position: str | None, warehouse: Warehouse, label: str) -> Entry:
        entry = Entry(key, "deleted")
        if not position or position.startswith("deleted "):
            return Entry(key, "deleted", is_new=False)
        self._commit(entry, None, position, f"deleted {position}", warehouse, label)
        return entry

    def _commit(
        self,
        entry: Entry,
        stored: StoredObject | None,
        position: str | None,
        next_position: str,
        warehouse: Warehouse,
        label: str,
        spools: Sequence[Spool] = (),
    ) -> None:
        row = {
            "file": entry.file,
            "file_version": stored.version if stored else "",
            "state": entry.state,
            "read_rows": entry.read_rows,
            "loaded_rows": entry.loaded_rows,
            "rejected_rows": entry.rejected_rows,
            "size_bytes": stored.size_bytes if stored else 0,
            "modified_at": stored.modified_at.replace(tzinfo=None) if stored else None,
            "committed_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        }
        kept = {column.name for column in catalog.tables()[self.ledger].columns}
        with warehouse.spool(self.ledger) as ledger, warehouse.session(label) as session:
            ledger.write_rows([{name: value for name, value in row.items() if name in kept}])
            session.commit(
                Commit(
                    source=entry.file,
                    expected=position,
                    next_position=next_position,
                    read=entry.read_rows,
                    loaded=spools[:1],
                    rejected=spools[1:],
                    ledger=[ledger],
                    deletes=[Delete(table, {"file": entry.file}) for table in (self.loaded, self.rejected)],
                )
            )
