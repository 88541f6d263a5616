"""The embedded promotion store: one SQLite file, for one machine.

Its table has the original's fields as columns without a type, so a row inserted by hand holds what a document would.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from resources.batches import batches
from resources.promotion_store.choice import chosen, long_ended, valid_of
from resources.promotion_store.document import FIELDS, judged, promotion_ids, promotions_of
from resources.promotion_store.port import (
    CampaignState,
    Normalized,
    Page,
    Place,
    Promotion,
    PromotionStore,
    Reservation,
    Use,
)
from resources.promotion_store.sqlite_statements import ADD, ADDED, RESERVE, SCHEMA, STATEMENTS
from resources.sqlite_file import SqliteFile
from resources.stored_time import text_of

_AT_ONCE: Final = 10_000


class SqlitePromotionStore(PromotionStore):
    """Promotions and campaigns in one file, made when absent; several processes may use it.

    A writer waits up to `wait_s` seconds for its turn; what was written survives a crash of the machine.
    """

    def __init__(self, path: Path, wait_s: float = 30.0) -> None:
        """Nothing is opened before the first call."""
        self._file = SqliteFile(path, SCHEMA, "promotion store", wait_s, ADDED)

    def unused_for(
        self, user_ids: Collection[int], at: datetime, after: Place | None = None, limit: int = 1_000
    ) -> Page:
        """One search of the index for each shopper, in the order of the index."""
        name = "unused_for_after" if after else "unused_for"
        with self._file.connection() as connection:
            given = (json.dumps(list(user_ids)), long_ended(at), *(after or ()), limit + 1)
            rows = connection.execute(STATEMENTS[name], given).fetchall()
        place = Place(int(rows[limit - 1][2]), rows[limit - 1][0]) if len(rows) > limit else None
        return Page(valid_of(map(_document, rows[:limit]), at), place)

    def add(self, promotions: Iterable[Promotion]) -> int:
        """One transaction for some thousands."""
        count = 0
        for batch in batches(promotions, _AT_ONCE):
            with self._file.transaction() as connection:
                count += connection.executemany(ADD, map(_row, batch)).rowcount
        return count

    def withdraw(self, user_ids: Collection[int], promotion_ids: Collection[str]) -> int:
        """One statement."""
        return self._changed("withdraw", json.dumps(list(user_ids)), _ids(promotion_ids))

    def withdraw_campaign(self, campaign_id: str) -> int:
        """One statement."""
        return self._changed("withdraw_campaign", campaign_id)

    def use(self, user_id: int, promotion_id: str, request_id: str, at: datetime) -> Use:
        """Looked at and used in one transaction."""
        with self._file.transaction() as connection:
            rows = connection.execute(STATEMENTS["use"], (user_id, _ids([promotion_id])))
            outcome, document = chosen(map(_document, rows.fetchall()), request_id, at)
            if document is None:
                return Use(outcome, None)
            if outcome == "used" and document.get("usedRequestId") != request_id:
                changes = {"used": True, "usedAt": text_of(at), "usedRequestId": request_id}
                _update(connection, document, changes)
                document = {**document, **changes}
        return Use(outcome, next(promotions_of([document])))

    def used(self) -> Iterator[Promotion]:
        """As of the moment of the first one."""
        with self._file.connection() as connection:
            yield from promotions_of(map(_document, connection.execute(STATEMENTS["used"])))

    def count(self, campaign_id: str | None = None) -> int:
        """Counted in an index."""
        with self._file.connection() as connection:
            name, given = ("count", ()) if campaign_id is None else ("count_campaign", (campaign_id,))
            return int(connection.execute(STATEMENTS[name], given).fetchone()[0])

    def normalize(self) -> Normalized:
        """By id, some thousands at a time."""
        done, last = Normalized(0, 0, []), ""
        while documents := self._behind(last):
            wrong, unreadable = judged(documents, _json)
            with self._file.transaction() as connection:
                corrected = sum(_update(connection, document, changes) for document, changes in wrong)
            done = Normalized(
                done.seen + len(documents), done.corrected + corrected, done.unreadable + unreadable
            )
            last = documents[-1]["_id"]
        return done

    def reserve(
        self, campaign_id: str, inputs: str, at: datetime, instead_of: str | None = None
    ) -> Reservation:
        """The primary key lets one win."""
        with self._file.transaction() as connection:
            connection.execute(RESERVE, (campaign_id, inputs, text_of(at), instead_of))
            return _reservation(connection.execute(STATEMENTS["reservation"], (campaign_id,)).fetchone())

    def launched(self, campaign_id: str, run_id: str) -> None:
        """One statement."""
        with self._file.connection() as connection:
            connection.execute(
                "UPDATE campaigns SET state = 'launched', runId = ? WHERE _id = ?", (run_id, campaign_id)
            )

    def reservation(self, campaign_id: str) -> Reservation | None:
        """By the primary key."""
        with self._file.connection() as connection:
            row = connection.execute(STATEMENTS["reservation"], (campaign_id,)).fetchone()
        return row and _reservation(row)

    def reservations(self, state: CampaignState) -> list[Reservation]:
        """In the order of an index."""
        with self._file.connection() as connection:
            return list(map(_reservation, connection.execute(STATEMENTS["reservations"], (state,))))

    def plans(self) -> Mapping[str, str]:
        """By EXPLAIN QUERY PLAN."""
        with self._file.connection() as connection:
            return {
                name: "; ".join(
                    row[3]
                    for row in connection.execute(
                        f"EXPLAIN QUERY PLAN {statement}", ("[]",) * statement.count("?")
                    )
                )
                for name, statement in STATEMENTS.items()
            }

    def check(self) -> None:
        """Asks for nothing but the file itself."""
        with self._file.connection() as connection:
            connection.execute("SELECT 1 FROM campaigns LIMIT 1").fetchone()

    def uri(self) -> str:
        """`sqlite://` and the file's path."""
        return f"sqlite://{self._file.path}"

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _behind(self, last: str) -> list[dict[str, Any]]:
        with self._file.connection() as connection:
            rows = connection.execute(STATEMENTS["normalize"], (last, _AT_ONCE))
            return list(map(_document, rows))

    def _changed(self, name: str, *given: str) -> int:
        with self._file.connection() as connection:
            return connection.execute(STATEMENTS[name], given).rowcount


def _row(promotion: Promotion) -> tuple[Any, ...]:
    """The row of a promotion, whose fields are in the order of FIELDS. Of a million, a document each would be dear."""
    *_, inserted_at, campaign_id, used_at, used_request_id, starts_at, ends_at = promotion
    inserted, used = inserted_at and text_of(inserted_at), used_at and text_of(used_at)
    starts, ends = starts_at and text_of(starts_at), ends_at and text_of(ends_at)
    return (*promotion[:5], inserted, campaign_id, used, used_request_id, starts, ends)


def _document(row: tuple[Any, ...]) -> dict[str, Any]:
    """The document of a row."""
    document = {field: value for field, value in zip(FIELDS, row, strict=True) if value is not None}
    # No text equals a number, so these are the two booleans.
    if document.get("used") in (0, 1):
        document["used"] = bool(document["used"])
    return document


def _update(connection: sqlite3.Connection, document: Mapping[str, Any], changes: Mapping[str, Any]) -> int:
    """Set fields of a document unless somebody else has changed one of them since; how many documents: 1 or 0."""
    assignments = ", ".join(f"{field} = ?" for field in changes)
    unchanged = " AND ".join(f"{field} IS ?" for field in changes)
    before = [document.get(field) for field in changes]
    return connection.execute(
        f"UPDATE promoAdobe SET {assignments} WHERE _id = ? AND {unchanged}",
        (*changes.values(), document["_id"], *before),
    ).rowcount


def _ids(ids: Iterable[str]) -> str:
    return json.dumps(promotion_ids(ids))


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, default=repr)


def _reservation(row: tuple[Any, ...]) -> Reservation:
    campaign_id, inputs, state, run_id, reserved_at = row
    return Reservation(campaign_id, inputs, state, run_id, datetime.fromisoformat(reserved_at))
