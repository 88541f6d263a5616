"""One version of one address file on its way into the warehouse.

The steps and their order belong here; how a file is read is in `openaddresses`, which is imported when one is:
sensors and the graph load without it. How rows commit is in the warehouse port.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from resources.object_store import ObjectChanged, ObjectGone, ObjectStore, StoredObject
from resources.warehouse import Commit, Delete, OvertakenError, Session, Spool, Warehouse

TABLES = ("geo.raw_addresses", "geo.rejected_addresses")
_ATTEMPTS = 3


@dataclass(frozen=True)
class Entry:
    """What became of a file: one row of `geo.address_files`, or nothing to do when `is_new` is false."""

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


def version_of(stored: StoredObject) -> str:
    """What position a file is at once it is taken in: another parser, or another content, is another version."""
    from platform_assets.geo import openaddresses

    return f"{openaddresses.VERSION} {stored.version}"


def taken_version(position: str) -> str:
    """The version that a position stands for; a third word counts how often its rows were replaced or repaired."""
    return " ".join(position.split(" ")[:2])


def version_after(position: str) -> str:
    """The position after the same version was taken in again, or repaired: another one, for those who compare."""
    parser, etag, times = [*position.split(" "), "0"][:3]
    return f"{parser} {etag} {int(times) + 1}"


def take_in(
    key: str, object_store: ObjectStore, warehouse: Warehouse, label: str = "", *, again: bool = False
) -> Entry:
    """Make a file's rows those of its present version; a file that is gone takes its rows with it.

    With `again` it is read although its version is known.

    A file that is replaced while it is read, or taken in by somebody else meanwhile, is looked at again. Raises
    ObjectChanged, ObjectGone or OvertakenError when that happens every time.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _take_in(key, object_store, warehouse, label, again=again)
        except (ObjectChanged, ObjectGone, OvertakenError):
            continue
    return _take_in(key, object_store, warehouse, label, again=again)


def _take_in(key: str, object_store: ObjectStore, warehouse: Warehouse, label: str, *, again: bool) -> Entry:
    stored = object_store.head(key)
    with warehouse.session(label) as session:
        position = session.position(key)
        is_known = (
            stored is not None and position is not None and taken_version(position) == version_of(stored)
        )
        if stored is not None and is_known and not again:
            return Entry(key, _state(session, stored), is_new=False, version=version_of(stored))
    if stored is None:
        return _remove(key, position, warehouse, label)
    with warehouse.spool(TABLES[0]) as loaded, warehouse.spool(TABLES[1]) as rejected:
        for spool in (loaded, rejected):
            spool.share(file=stored.key, file_version=stored.version)
        entry = _read(stored, object_store, loaded, rejected)
        next_position = version_after(position) if position and is_known else version_of(stored)
        _commit(entry, stored, position, next_position, warehouse, label, [loaded, rejected])
    return entry


def _state(session: Session, stored: StoredObject) -> str:
    """What the ledger says of a version that was taken in before."""
    rows = session.rows(
        "SELECT state FROM geo.address_files WHERE file = :file AND file_version = :version ORDER BY committed_at DESC",
        file=stored.key,
        version=stored.version,
    )
    return str(rows[0]["state"])


def _read(stored: StoredObject, object_store: ObjectStore, loaded: Spool, rejected: Spool) -> Entry:
    from platform_assets.geo import openaddresses

    try:
        with object_store.open(stored) as stream:
            for parsed in openaddresses.read(stream, stored.key):
                loaded.write(parsed.rows)
                rejected.write(parsed.rejects)
    except openaddresses.UnreadableFile as unreadable:
        # Rows before a broken end are not trusted: the file counts as one rejected record.
        loaded.clear()
        rejected.clear()
        rejected.write_rows(
            [
                {
                    "line": 0,
                    "reason": unreadable.reason,
                    "detail": unreadable.detail,
                    "raw": unreadable.raw,
                }
            ]
        )
        reason = f"{unreadable.reason}: {unreadable.detail}"
        return Entry(stored.key, "rejected", 1, 0, 1, reason=reason, version=version_of(stored))
    counts = loaded.rows + rejected.rows, loaded.rows, rejected.rows
    return Entry(stored.key, "loaded", *counts, version=version_of(stored))


def _remove(key: str, position: str | None, warehouse: Warehouse, label: str) -> Entry:
    entry = Entry(key, "deleted")
    if not position or position.startswith("deleted "):
        return Entry(key, "deleted", is_new=False)
    _commit(entry, None, position, f"deleted {position}", warehouse, label)
    return entry


def _commit(
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
    with warehouse.spool("geo.address_files") as ledger, warehouse.session(label) as session:
        ledger.write_rows([row])
        session.commit(
            Commit(
                source=entry.file,
                expected=position,
                next_position=next_position,
                read=entry.read_rows,
                loaded=spools[:1],
                rejected=spools[1:],
                ledger=[ledger],
                deletes=[Delete(table, {"file": entry.file}) for table in TABLES],
            )
        )
