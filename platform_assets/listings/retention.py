"""What leaves: text, rows, rejects and documents of old batches, each by one commit, and landed files if wished.

What landed and what was posted is remembered for ever, in ledgers; when it is pruned is told in `prune_listings`.
"""

import datetime as dt
from collections.abc import Iterator

from platform_assets.listings.arrival import INCOMING
from platform_assets.listings.batch import CSV, FILES, JSON, REJECTED, TXT, batch_id, source_of
from resources.object_store import ObjectStore
from resources.warehouse import Commit, Delete, OvertakenError, Warehouse

_POSTED = "listings.posted_listings"
_POSITIONS = "ledger.positions"
_FIRST = source_of(TXT, "")

# A batch that stopped on its way has no position of its documents; its lines stay until somebody runs it again.
_OLD = f"""
SELECT SUBSTR(t.source, {len(_FIRST) + 1}) AS batch_id, t.next_position,
  CASE WHEN j.source IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM {JSON} AS d
    LEFT JOIN {_POSTED} AS p ON p.content_hash = d.content_hash
    WHERE d.batch_id = SUBSTR(t.source, {len(_FIRST) + 1}) AND p.content_hash IS NULL
  ) THEN 1 ELSE 0 END AS is_done
FROM {_POSITIONS} AS t
LEFT JOIN {_POSITIONS} AS j
  ON j.source = '{source_of(JSON, "")}' || SUBSTR(t.source, {len(_FIRST) + 1})
WHERE STARTSWITH(t.source, '{_FIRST}') AND t.source < :before
ORDER BY t.source
"""

_TAKEN = f"SELECT file, file_version FROM {FILES} WHERE state = 'loaded' AND committed_at < :before"


def prune(warehouse: Warehouse, before: dt.datetime, label: str = "") -> Iterator[tuple[str, bool]]:
    """Remove the batches of ticks before an aware time, oldest first: each one's id, and whether it left.

    One whose documents are not all entered in the ledger of what is posted stays, and so does one that is just being
    pruned by somebody else.
    """
    with warehouse.session(label) as session:
        old = session.rows(_OLD, before=source_of(TXT, batch_id(before)))
    for row in old:
        batch = str(row["batch_id"])
        yield batch, bool(row["is_done"]) and _remove(batch, str(row["next_position"]), warehouse, label)


def delete_landed(
    object_store: ObjectStore, warehouse: Warehouse, before: dt.datetime, label: str = ""
) -> int:
    """Delete landed files whose present version was taken in before an aware time; how many. Unreadable ones stay.

    One that is written anew meanwhile stays too, as far as the store can tell.
    """
    with warehouse.session(label) as session:
        rows = session.rows(_TAKEN, before=before)
    taken = {(row["file"], row["file_version"]) for row in rows}
    old = [each for each in object_store.all(INCOMING) if (each.key, each.version) in taken]
    return sum(object_store.delete_unchanged(stored) for stored in old)


def _remove(batch: str, position: str, warehouse: Warehouse, label: str) -> bool:
    sources = tuple(source_of(table, batch) for table in (TXT, CSV, JSON))
    deletes = [Delete(table, {"batch_id": batch}) for table in (TXT, CSV, REJECTED, JSON)]
    commit = Commit(
        source=sources[0],
        expected=position,
        next_position="pruned",
        read=0,
        deletes=[*deletes, Delete(_POSITIONS, {"source": sources})],
    )
    try:
        with warehouse.session(label) as session:
            session.commit(commit)
    except OvertakenError:
        return False
    return True
