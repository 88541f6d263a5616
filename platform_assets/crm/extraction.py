"""One extraction of one CRM table on its way into the warehouse.

The steps and their order belong here; what a row must be is in `record`, how rows commit in the warehouse port.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow.compute as pc

from platform_assets.crm import record
from resources.crm_source import KEYS, CrmSource, CrmTable
from resources.unavailable import Unavailable
from resources.warehouse import Commit, Session, Spool, Warehouse

OVERLAP = dt.timedelta(hours=24)
"""Each extraction reads this much again, for rows whose transaction ended after a later one was read."""

FULL_EVERY = dt.timedelta(days=7)
"""After so long everything is read again, for known rows that changed under a time older than the overlap: of a
transaction that ended later still, of a clock that was set back, of a record restored from a backup."""

MAY_SHRINK = "quadrant/may_shrink"
"""Tag of a run that may delete most of what is known."""

FEW = 10
"""Fewer records than this may go without being asked about."""


@dataclass(frozen=True)
class Extract:
    """What an extraction brought: one row of `crm.extracts`, or nothing new."""

    table: str
    read: int = 0
    known: int = 0
    loaded: int = 0
    rejected: int = 0
    deleted: int = 0


@dataclass(frozen=True)
class _Position:
    """Number of the last extraction, how far it came, and in which CRM."""

    number: int = 0
    watermark: dt.datetime | None = None
    uri: str = ""

    @classmethod
    def parse(cls, text: str | None) -> "_Position":
        if not text:
            return cls()
        number, watermark, uri = [*text.split(" ", 2), "", ""][:3]
        return cls(int(number), None if watermark in ("", "-") else dt.datetime.fromisoformat(watermark), uri)

    def __str__(self) -> str:
        return f"{self.number} {self.watermark.isoformat() if self.watermark else '-'} {self.uri}"


def extract(
    table: CrmTable,
    crm_source: CrmSource,
    warehouse: Warehouse,
    now: dt.datetime,
    label: str = "",
    *,
    may_shrink: bool = False,
) -> Extract:
    """Append what changed in a CRM table since the last extraction, and what is gone from it.

    `now` is when the extraction begins, UTC. Nothing is written when nothing is new. Raises Unavailable when most of
    what is known is gone, unless it `may_shrink`: a source that is being loaded must not delete everybody.
    """
    raw, rejects = f"crm.raw_{table}", f"crm.rejected_{table}"
    with warehouse.session(label) as session:
        before = session.position(f"crm/{table}")
        last = _Position.parse(before)
        known = _known(session, table)
        is_full_due = _is_full_due(session, table, now)
    uri = crm_source.uri(table)
    # Another CRM has its own times: it is read from the beginning.
    reached = last.watermark if last.uri == uri else None
    since = reached - OVERLAP if reached and not is_full_due else None
    extract_id = f"{table}/{last.number + 1:08d}"
    with crm_source.snapshot():
        present = {key for raw in crm_source.keys(table) if (key := record.key_text(raw))}
        if last.uri == uri and not may_shrink:
            _refuse_shrinking(table, known.keys, present)
        found = record.validate(
            table, _rows(crm_source, table, since), extract_id, now, known.hashes, known.rejects
        )
        if since and _unseen(table, present, known, found):
            # A record that is restored may keep its old time; only its key tells, so everything is read.
            since = None
            found = record.validate(
                table, _rows(crm_source, table, since), extract_id, now, known.hashes, known.rejects
            )
        gone = record.deletions(table, known.keys, present, extract_id, now)
    counts = Extract(
        table, found.read, found.known, found.rows.num_rows, found.rejects.num_rows, gone.num_rows
    )
    if not (found.read or gone.num_rows):
        return counts
    seen = pc.max(found.rows.column("updated_at")).as_py()
    moved = _Position(last.number + 1, _watermark(reached, seen, now), uri)
    with (
        warehouse.spool(raw) as loaded,
        warehouse.spool(rejects) as rejected,
        warehouse.spool(raw) as deleted,
        warehouse.spool("crm.extracts") as ledger,
    ):
        loaded.write(found.rows)
        rejected.write(found.rejects)
        deleted.write(gone)
        _note(ledger, counts, extract_id, since, moved.watermark, now)
        with warehouse.session(label) as session:
            session.commit(
                Commit(
                    source=f"crm/{table}",
                    expected=before,
                    next_position=str(moved),
                    read=found.read,
                    loaded=[loaded],
                    rejected=[rejected],
                    ledger=[deleted, ledger],
                )
            )
    return counts


def _is_full_due(session: Session, table: CrmTable, now: dt.datetime) -> bool:
    """Whether it is long since an extraction that read everything brought something."""
    found = session.rows(
        "SELECT MAX(extracted_at) AS read_at FROM crm.extracts WHERE source_table = :source_table AND since IS NULL",
        source_table=table,
    )
    read_at = found[0]["read_at"]
    return isinstance(read_at, dt.datetime) and now - read_at.replace(tzinfo=dt.UTC) >= FULL_EVERY


@dataclass(frozen=True)
class _Known:
    """What is in force: hashes of versions and rejects, keys of records, places of rejects."""

    hashes: set[str]
    rejects: set[str]
    keys: set[str]
    places: set[str]


def _known(session: Session, table: CrmTable) -> _Known:
    key = KEYS[table]
    latest = session.fetch(
        f"SELECT {key} AS row_key, row_hash, operation FROM crm.raw_{table} "
        f"QUALIFY ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY extract_id DESC, operation DESC) = 1"
    )
    present = latest.filter(pc.equal(latest.column("operation"), "upsert"))
    rejected = session.fetch(f"SELECT row_hash, place FROM crm.rejected_{table}")
    return _Known(
        set(present.column("row_hash").to_pylist()),
        set(rejected.column("row_hash").to_pylist()),
        set(present.column("row_key").to_pylist()),
        set(rejected.column("place").to_pylist()),
    )


def _refuse_shrinking(table: CrmTable, known: set[str], present: set[str]) -> None:
    gone = len(known - present)
    if gone >= FEW and 2 * gone > len(known):
        raise Unavailable(
            f"The CRM has only {len(known) - gone} of the {len(known)} known {table}, as if it were being loaded; "
            f"if the others are really gone, launch extract_crm with the tag {MAY_SHRINK}=yes."
        )


def _unseen(table: CrmTable, present: set[str], known: _Known, found: record.Validated) -> bool:
    """Whether the CRM holds a key that is neither known nor among what was just read."""
    heard = known.keys | set(found.rows.column(KEYS[table]).to_pylist())
    places = known.places | set(found.rejects.column("place").to_pylist())
    return any(key not in heard and f"{table} {key}" not in places for key in present)


def _rows(crm_source: CrmSource, table: CrmTable, since: dt.datetime | None) -> Iterator[dict[str, object]]:
    for chunk in crm_source.read(table, since):
        yield from chunk


def _watermark(last: dt.datetime | None, seen: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    # A clock that runs ahead must not hide what is changed until then.
    candidates = [moment for moment in (last, seen and min(seen.replace(tzinfo=dt.UTC), now)) if moment]
    return max(candidates, default=None)


def _note(
    ledger: Spool,
    counts: Extract,
    extract_id: str,
    since: dt.datetime | None,
    watermark: dt.datetime | None,
    now: dt.datetime,
) -> None:
    row: dict[str, object] = {
        "extract_id": extract_id,
        "source_table": counts.table,
        "since": since and since.replace(tzinfo=None),
        "watermark": watermark and watermark.replace(tzinfo=None),
        "read_rows": counts.read,
        "known_rows": counts.known,
        "loaded_rows": counts.loaded,
        "rejected_rows": counts.rejected,
        "deleted_rows": counts.deleted,
        "extracted_at": now.replace(tzinfo=None),
    }
    ledger.write_rows([row])
