"""Bringing a database to today's tables: what was applied, whose turn it is, what is refused.

What the migrations say is in `resources/migrations`; connections and sessions are not made here.
"""

import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from resources import catalog
from resources.sql import Value, statement
from resources.unavailable import Unavailable

if TYPE_CHECKING:
    from resources.warehouse.session import Session

LEASE = dt.timedelta(seconds=60)
"""How long an upgrade that says nothing keeps others waiting; it is renewed when a third of it is over."""

_PATIENCE_S = 300.0
_RECORD = (
    "CREATE SCHEMA IF NOT EXISTS ledger",
    "CREATE TABLE IF NOT EXISTS ledger.upgrade_turn (holder VARCHAR, held_until TIMESTAMP_NTZ)",
    "CREATE TABLE IF NOT EXISTS ledger.migrations (number BIGINT, name VARCHAR, digest VARCHAR)",
    "ALTER TABLE ledger.migrations ADD COLUMN IF NOT EXISTS digest VARCHAR",
)


def upgrade(session: "Session") -> None:
    """Apply the migrations that are missing, one process at a time; an interrupted upgrade goes on.

    Raises Unavailable for a database of a newer Quadrant, and for one that an edited migration has made.
    """
    if not _has_record(session):
        for text in _RECORD:
            session.execute(statement(text), {})
    if not _missing(session):
        return
    with _turn(session) as keep:
        for migration in _missing(session):
            for ddl in migration.statements:
                keep()
                session.execute(ddl, {})
            session.execute(
                statement(
                    "INSERT INTO ledger.migrations (number, name, digest) SELECT :number, :name, :digest "
                    "WHERE NOT EXISTS (SELECT 1 FROM ledger.migrations WHERE number = :number)"
                ),
                {"number": migration.number, "name": migration.name, "digest": migration.digest},
            )


def _has_record(session: "Session") -> bool:
    # Asked rather than made, because the role of a run may not be allowed to make anything.
    found = session.rows(
        "SELECT column_name AS name FROM information_schema.columns "
        "WHERE LOWER(table_schema) = 'ledger' AND LOWER(table_name) = 'migrations'"
    )
    return "digest" in {str(row["name"]).lower() for row in found}


def _missing(session: "Session") -> Sequence[catalog.Migration]:
    """Migrations that were not applied; those that were must be the same as today's."""
    known = {migration.number: migration for migration in catalog.migrations()}
    applied = session.rows("SELECT number, digest FROM ledger.migrations ORDER BY number")
    numbers = {int(str(row["number"])) for row in applied}
    if numbers - known.keys():
        raise Unavailable(
            f"The warehouse was upgraded by a newer Quadrant (migration {max(numbers)}); "
            f"this one knows {len(known)}: use the newer version, or another QUADRANT_HOME or SNOWFLAKE_DATABASE."
        )
    for row in applied:
        migration = known[int(str(row["number"]))]
        if row["digest"] is None:
            _adopt(session, migration)
        elif row["digest"] != migration.digest:
            raise Unavailable(
                f"Migration {migration.name} was applied to this warehouse with another content than it has now: "
                "take the change back into a new migration, or use another QUADRANT_HOME or SNOWFLAKE_DATABASE."
            )
    return [migration for number, migration in known.items() if number not in numbers]


def _adopt(session: "Session", migration: catalog.Migration) -> None:
    """A migration that was applied before digests were kept is taken to be today's."""
    session.execute(
        statement("UPDATE ledger.migrations SET digest = :digest WHERE number = :number AND digest IS NULL"),
        {"number": migration.number, "digest": migration.digest},
    )


@contextmanager
def _turn(session: "Session") -> Iterator[Callable[[], None]]:
    """Be the only one who upgrades; DDL commits on Snowflake, so no transaction can hold the others off.

    What it gives is to be called before each statement.
    """
    if session.is_alone:
        yield lambda: None
        return
    holder, deadline = uuid.uuid4().hex, time.monotonic() + _PATIENCE_S
    while not _is_claimed(session, holder):
        if time.monotonic() > deadline:
            raise Unavailable(
                f"Another process has been upgrading the warehouse for more than {_PATIENCE_S:g} s; "
                "wait for it or stop it, then run again."
            )
        time.sleep(0.2)
    renewed_at = time.monotonic()

    def keep() -> None:
        nonlocal renewed_at
        if time.monotonic() - renewed_at > LEASE.total_seconds() / 3:
            renewed_at = time.monotonic()
            _renew(session, holder)

    try:
        yield keep
    finally:
        _release(session, holder)


def _is_claimed(session: "Session", holder: str) -> bool:
    now = dt.datetime.now(dt.UTC)
    session.execute(
        statement(
            "INSERT INTO ledger.upgrade_turn (holder, held_until) SELECT '', :now "
            "WHERE NOT EXISTS (SELECT 1 FROM ledger.upgrade_turn)"
        ),
        {"now": now},
    )
    values: dict[str, Value] = {"holder": holder, "now": now, "held_until": now + LEASE}
    session.execute(
        statement(
            "UPDATE ledger.upgrade_turn SET holder = :holder, held_until = :held_until "
            "WHERE holder = '' OR held_until < :now"
        ),
        values,
    )
    # Two who came first together may have made two rows: whoever holds both is the one.
    holders = {row["holder"] for row in session.rows("SELECT holder FROM ledger.upgrade_turn")}
    if holders == {holder}:
        return True
    _release(session, holder)
    return False


def _renew(session: "Session", holder: str) -> None:
    values: dict[str, Value] = {"holder": holder, "held_until": dt.datetime.now(dt.UTC) + LEASE}
    renewed = statement("UPDATE ledger.upgrade_turn SET held_until = :held_until WHERE holder = :holder")
    if not session.execute(renewed, values):
        raise Unavailable(
            "This process paused for so long in its upgrade that another one took over; run again."
        )


def _release(session: "Session", holder: str) -> None:
    session.execute(
        statement("UPDATE ledger.upgrade_turn SET holder = '' WHERE holder = :holder"), {"holder": holder}
    )
