"""Corrected rejects on their way into the warehouse: rows of `geo.raw_addresses` at their original place.

The steps and their order belong here; the sheet is read in `repair`, a file as a whole is taken in by `arrival`.
"""

import datetime as dt
from collections.abc import Iterable

import pyarrow as pa

from platform_assets.geo.arrival import TABLES, Entry, taken_version, version_after
from platform_assets.geo.repair import Correction, Corrections, Place, parsed
from resources import catalog
from resources.unavailable import Unavailable
from resources.warehouse import Commit, Delete, Session, Warehouse

_REJECTS = ", ".join(column.name for column in catalog.tables()[TABLES[1]].columns)

Row = dict[str, object]


def rejects(session: Session, file: str) -> list[Row]:
    """The rejects of a file's present version, in the order of their lines."""
    return session.rows(
        f"SELECT {_REJECTS} FROM {TABLES[1]} WHERE file = :file ORDER BY member, line, reason", file=file
    )


def take_repaired(given: Corrections, warehouse: Warehouse, label: str = "") -> Entry:
    """Make rows of rejects that were corrected; what is still wrong stays a reject, with its new reason.

    Only places that are rejects now are taken, so the same sheet handed back twice changes nothing. Raises Unavailable
    when the file has another version by now, OvertakenError when another run was first.
    """
    with warehouse.session(label) as session:
        position = session.position(given.file)
        if position is None or taken_version(position).partition(" ")[2] != given.version:
            raise Unavailable(
                f"The repaired sheet is of version {given.version!r} of {given.file}, which is not the one "
                "that is loaded; export its rejects again."
            )
        before = rejects(session, given.file)
        entry = _last_entry(session, given.file)
    known = {_place(row): str(row["raw"]) for row in before}
    wanted = {row.place: row._replace(raw=known[row.place]) for row in given.rows if row.place in known}
    rows, still = _judged(wanted.values())
    left = [row for row in before if _place(row) not in wanted]
    version = taken_version(position)
    strange = len(given.rows) - len(wanted)
    reason = f"{strange} corrected records are no rejects of this file now and were left" if strange else ""
    if not wanted:
        return Entry(given.file, "loaded", is_new=False, reason=reason, version=version)
    place: Row = {"file": given.file, "file_version": given.version}
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with (
        warehouse.spool(TABLES[0]) as loaded,
        warehouse.spool(TABLES[1]) as rejected,
        warehouse.spool("geo.address_files") as ledger,
    ):
        loaded.write(rows, **place)
        rejected.write(still, **place)
        rejected.write_rows(left)
        read, good, bad = (int(str(entry[f"{name}_rows"])) for name in ("read", "loaded", "rejected"))
        good, bad = good + loaded.rows, bad - loaded.rows
        state = "loaded" if good else str(entry["state"])
        ledger.write_rows(
            [{**entry, "state": state, "loaded_rows": good, "rejected_rows": bad, "committed_at": now}]
        )
        with warehouse.session(label) as session:
            session.commit(
                Commit(
                    given.file,
                    position,
                    version_after(position),
                    read=loaded.rows + rejected.rows,
                    loaded=[loaded],
                    rejected=[rejected],
                    ledger=[ledger],
                    deletes=[Delete(TABLES[1], {"file": given.file})],
                )
            )
        return Entry(given.file, state, read, good, bad, reason=reason, version=version)


def _judged(wanted: Iterable[Correction]) -> tuple[pa.Table, pa.Table]:
    """Rows and rejects of corrected records, member by member."""
    members: dict[str | None, list[Correction]] = {}
    for row in wanted:
        members.setdefault(row.place[0], []).append(row)
    parts = [parsed(member, rows) for member, rows in members.items()] or [parsed(None, [])]
    return pa.Table.from_batches([p.rows for p in parts]), pa.Table.from_batches([p.rejects for p in parts])


def _last_entry(session: Session, file: str) -> Row:
    columns = ", ".join(column.name for column in catalog.tables()["geo.address_files"].columns)
    text = f"SELECT {columns} FROM geo.address_files WHERE file = :file ORDER BY committed_at DESC LIMIT 1"
    return session.rows(text, file=file)[0]


def _place(row: Row) -> Place:
    return (str(row["member"]) if row["member"] is not None else None, int(str(row["line"])))
