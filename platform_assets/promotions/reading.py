"""What is read from the promotion store: promotions that were used, and documents that are no promotions.

How each becomes rows once belongs here; when it is read and what is told of it is in `uses` and `rejected_promotions`.
"""

import datetime as dt
from typing import NamedTuple

from resources.promotion_store import Normalized, Promotion, PromotionStore
from resources.warehouse import Commit, Delete, Spool, Warehouse

USES = "promotions.uses"
REJECTED = "promotions.rejected_promotions"
_BATCH = 20_000


class Taken(NamedTuple):
    """Used promotions that the store has, and those of them that were not known."""

    read: int
    new: int


def take_uses(store: PromotionStore, warehouse: Warehouse, now: dt.datetime, label: str = "") -> Taken:
    """Add the used promotions that are not known; each id once, whatever the store says of it later.

    Raises OvertakenError when another run was first; then nothing was written.
    """
    with warehouse.session(label) as session:
        position = session.position(USES)
        known = set(session.fetch(f"SELECT stored_id FROM {USES}").column("stored_id").to_pylist())
    read = 0
    with warehouse.spool(USES) as spool:
        batch: list[Promotion] = []
        for promotion in store.used():
            read += 1
            if promotion.id not in known:
                known.add(promotion.id)
                batch.append(promotion)
            if len(batch) == _BATCH:
                _write(spool, batch, now)
                batch = []
        _write(spool, batch, now)
        if spool.rows:
            with warehouse.session(label) as session:
                session.commit(Commit(USES, position, str(int(position or 0) + 1), spool.rows, [spool]))
        return Taken(read, spool.rows)


def take_rejected(store: PromotionStore, warehouse: Warehouse, label: str = "") -> Normalized:
    """Put the store's documents right, and keep those that are no promotions; they stay in the store as they are.

    The table is written only when it changes. Raises OvertakenError when another run was first.
    """
    done = store.normalize()
    rows: list[dict[str, object]] = [
        {"stored_id": found.id, "reason": found.reason, "detail": found.detail, "raw": found.raw}
        for found in done.unreadable
    ]
    with warehouse.session(label) as session:
        before = session.rows(
            f"SELECT stored_id, reason, detail, raw FROM {REJECTED} ORDER BY stored_id, raw"
        )
        if before == sorted(rows, key=lambda row: (str(row["stored_id"]), str(row["raw"]))):
            return done
        position = session.position(REJECTED)
        with warehouse.spool(REJECTED) as spool:
            spool.write_rows(rows)
            number = str(int(position or 0) + 1)
            session.commit(
                Commit(REJECTED, position, number, len(rows), rejected=[spool], deletes=[Delete(REJECTED)])
            )
    return done


def _write(spool: Spool, promotions: list[Promotion], now: dt.datetime) -> None:
    import pyarrow as pa

    found = {
        "stored_id": [promotion.id for promotion in promotions],
        "user_id": [promotion.user_id for promotion in promotions],
        "promotion_id": [promotion.promotion_id for promotion in promotions],
        "campaign_id": [promotion.campaign_id for promotion in promotions],
        "used_at": [_naive(promotion.used_at) for promotion in promotions],
        "used_request_id": [promotion.used_request_id for promotion in promotions],
    }
    fields = pa.schema([spool.schema.field(name) for name in found])
    spool.write(pa.table(found, schema=fields), seen_at=_naive(now))


def _naive(moment: dt.datetime | None) -> dt.datetime | None:
    return moment and moment.astimezone(dt.UTC).replace(tzinfo=None)
