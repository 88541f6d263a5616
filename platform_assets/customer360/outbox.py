"""Deliveries on their way out: queued, sent and settled so that each leaves once, whoever is killed when.

The steps and their order belong here; what is said is in `parcels`, how it travels in the outlet port.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from platform_assets.customer360.parcels import DUE, parcels
from resources import catalog
from resources.outlet import Outlet, Receipt
from resources.warehouse import Commit, Delete, Session, Warehouse

TABLE = "customer360.deliveries"
BATCH = 50
"""Deliveries between two commits: what a kill sends again at most, for the receiver to know by its key."""

LEASE = dt.timedelta(minutes=3)
"""How long a sender that says nothing keeps others away; longer than the outlet needs for a batch."""

_COLUMNS = ", ".join(f"d.{column.name}" for column in catalog.tables()[TABLE].columns)
_DELETED_AT_ONCE = 500

Row = dict[str, Any]


@dataclass
class Drained:
    """What a run did with the outbox; `held_by` is who else is sending."""

    queued: int = 0
    delivered: int = 0
    refused: int = 0
    withdrawn: int = 0
    failed: int = 0
    held_by: str = ""


@dataclass(frozen=True)
class _Turn:
    """The position of the outbox: its number, and whose turn it is until when."""

    number: int = 0
    holder: str = ""
    until: dt.datetime | None = None

    @classmethod
    def parse(cls, text: str | None) -> "_Turn":
        number, holder, until = [*(text or "0").split(" "), "", ""][:3]
        return cls(int(number), holder, dt.datetime.fromisoformat(until) if until else None)

    def __str__(self) -> str:
        return f"{self.number} {self.holder} {self.until.isoformat()}" if self.until else str(self.number)


@dataclass
class Outbox:
    """The outbox as one run uses it. Every commit moves the position, so a run that was overtaken writes nothing."""

    warehouse: Warehouse
    holder: str
    """Name of the run, without a blank."""
    label: str = ""
    done: Drained = field(default_factory=Drained)
    _position: str | None = None

    def drain(
        self, outlet: Outlet, has_ended: Callable[[str], bool], *, again_refused: bool = False
    ) -> Drained:
        """Queue what is new, send what is pending, settle each batch; stop at the first batch that nobody takes.

        `has_ended` tells whether another run is over, so that its turn passes on. Raises OvertakenError when another
        run took the turn of this one because it was silent for too long.
        """
        if not self._begin(has_ended, again_refused=again_refused):
            return self.done
        after, tried = (-1, ""), set[str]()
        while found := self._batch(after):
            after = _place(found[-1][0])
            # What failed in this run has moved to a later place, where it would be met again.
            batch = [(row, parcel) for row, parcel in found if row["delivery_id"] not in tried]
            tried.update(row["delivery_id"] for row, _ in batch)
            if not batch:
                continue
            receipts = {r.key: r for r in outlet.deliver([parcel for _, parcel in batch if parcel])}
            settled = [_settled(row, receipts.get(row["delivery_id"])) for row, _ in batch]
            with self.warehouse.session(self.label) as session:
                self._replace(session, [row for row, _ in batch], settled)
            self._count(settled)
            if receipts and all(receipt.outcome == "failed" for receipt in receipts.values()):
                break
        with self.warehouse.session(self.label) as session:
            self._commit(session, Commit(TABLE, self._position, "", 0), is_last=True)
        return self.done

    def _begin(self, has_ended: Callable[[str], bool], *, again_refused: bool) -> bool:
        """Take the turn, and in the same commit queue what is new; False when there is nothing to do."""
        with self.warehouse.session(self.label) as session:
            self._position = session.position(TABLE)
            turn = _Turn.parse(self._position)
            if turn.until and not self._is_free(turn, has_ended):
                self.done.held_by = turn.holder
                return False
            states = ("withdrawn", "refused") if again_refused else ("withdrawn",)
            changed, rows = _queue(session, states)
            is_any = rows or session.rows(f"SELECT 1 AS x FROM {TABLE} WHERE state = 'pending' LIMIT 1")
            if is_any:
                self._replace(session, changed, rows)
            self.done.queued = sum(row["state"] == "pending" for row in rows)
            self.done.withdrawn = len(rows) - self.done.queued
            return bool(is_any)

    def _is_free(self, turn: _Turn, has_ended: Callable[[str], bool]) -> bool:
        is_over = turn.until is not None and turn.until < dt.datetime.now(dt.UTC)
        return is_over or turn.holder == self.holder or has_ended(turn.holder)

    def _batch(self, after: tuple[int, str]) -> list[tuple[Row, Any]]:
        """The next pending deliveries, each with its parcel, or None when it is due no longer.

        The least tried come first, so that a batch that nobody takes does not keep the others for ever.
        """
        with self.warehouse.session(self.label) as session:
            rows = session.rows(
                f"SELECT {_COLUMNS} FROM {TABLE} AS d WHERE d.state = 'pending' AND (d.attempts > :attempts"
                " OR d.attempts = :attempts AND d.delivery_id > :after)"
                f" ORDER BY d.attempts, d.delivery_id LIMIT {BATCH}",
                attempts=after[0],
                after=after[1],
            )
            if not rows:
                return []
            found = parcels(session, _place(rows[0]), _place(rows[-1]))
            return [(row, found.get(str(row["delivery_id"]))) for row in rows]

    def _replace(self, session: Session, old: Sequence[Row], new: Sequence[Row]) -> None:
        keys = [str(row["delivery_id"]) for row in old]
        deletes = [
            Delete(TABLE, {"delivery_id": tuple(keys[start : start + _DELETED_AT_ONCE])})
            for start in range(0, len(keys), _DELETED_AT_ONCE)
        ]
        with self.warehouse.spool(TABLE) as spool:
            spool.write_rows(new)
            self._commit(session, Commit(TABLE, self._position, "", len(new), [spool], deletes=deletes))

    def _commit(self, session: Session, commit: Commit, *, is_last: bool = False) -> None:
        number = _Turn.parse(self._position).number + 1
        turn = _Turn(number) if is_last else _Turn(number, self.holder, dt.datetime.now(dt.UTC) + LEASE)
        session.commit(replace(commit, next_position=str(turn)))
        self._position = str(turn)

    def _count(self, settled: Sequence[Row]) -> None:
        states = [row["state"] for row in settled]
        self.done.delivered += states.count("delivered")
        self.done.refused += states.count("refused")
        self.done.withdrawn += states.count("withdrawn")
        self.done.failed += states.count("pending")


def _place(row: Row) -> tuple[int, str]:
    return int(row["attempts"]), str(row["delivery_id"])


def _queue(session: Session, again: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """Rows that change, as they are, and all rows as they are to be: new, due again, due no longer."""
    known = f"SELECT 1 FROM {TABLE} AS d WHERE d.delivery_id = w.delivery_id"
    fresh = session.rows(
        "SELECT w.delivery_id, w.kind, w.subject_id, w.customer_id, w.subject_at"
        f" FROM ({DUE}) AS w WHERE NOT EXISTS ({known})"
    )
    due = f"EXISTS (SELECT 1 FROM ({DUE}) AS w WHERE w.delivery_id = d.delivery_id)"
    states = ", ".join(f"'{state}'" for state in again)
    back = session.rows(f"SELECT {_COLUMNS} FROM {TABLE} AS d WHERE d.state IN ({states}) AND {due}")
    gone = session.rows(f"SELECT {_COLUMNS} FROM {TABLE} AS d WHERE d.state = 'pending' AND NOT {due}")
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    empty: Row = {
        "state": "pending",
        "queued_at": now,
        "attempts": 0,
        "last_error": None,
        "delivered_at": None,
    }
    rows = [{**row, **empty} for row in fresh]
    rows += [{**row, "state": "pending"} for row in back]
    rows += [{**row, "state": "withdrawn"} for row in gone]
    return [*back, *gone], rows


def _settled(row: Row, receipt: Receipt | None) -> Row:
    """A delivery after its receipt; without a parcel there was none, and it is withdrawn."""
    if receipt is None:
        return {**row, "state": "withdrawn"}
    is_delivered = receipt.outcome == "delivered"
    return {
        **row,
        "state": "pending" if receipt.outcome == "failed" else receipt.outcome,
        "attempts": row["attempts"] + receipt.attempts,
        "last_error": receipt.detail or None,
        "delivered_at": dt.datetime.now(dt.UTC).replace(tzinfo=None) if is_delivered else None,
    }
