"""The tables and statements of the embedded promotion store, by what they are for.

What is done with their rows is told in the adapter.
"""

from typing import Final

from resources.promotion_store.document import FIELDS

# A boolean is a number in SQLite.
_UNUSED: Final = "used IN (0, 'false', 'False', 'FALSE')"
_USED: Final = "used IN (1, 'true', 'True', 'TRUE')"
SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS promoAdobe (
  _id TEXT NOT NULL PRIMARY KEY DEFAULT (lower(hex(randomblob(12)))) CHECK (typeof(_id) = 'text'),
  requestId, userId, promotionId, used, sys_insertDateTime, campaignId, usedAt, usedRequestId, startsAt, endsAt
);
CREATE INDEX IF NOT EXISTS by_user ON promoAdobe (userId, _id, used);
CREATE INDEX IF NOT EXISTS by_used ON promoAdobe (used) WHERE {_USED};
CREATE INDEX IF NOT EXISTS by_campaign ON promoAdobe (campaignId) WHERE campaignId IS NOT NULL;
CREATE TABLE IF NOT EXISTS campaigns (
  _id TEXT NOT NULL PRIMARY KEY, inputs NOT NULL, state NOT NULL, runId NOT NULL, reservedAt NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_state ON campaigns (state, reservedAt, _id);
"""
ADDED: Final = (("promoAdobe", "startsAt"), ("promoAdobe", "endsAt"))
"""Columns that the tables of an older file lack."""
# The planner does not know how few promotions a shopper has.
_BY_USER: Final = "promoAdobe INDEXED BY by_user WHERE userId"
_COLUMNS: Final = ", ".join(FIELDS)
# Of a row whose end is no text it is NULL.
_LIVE: Final = "(endsAt > '' AND endsAt <= ?) IS NOT TRUE"
_LISTED: Final = "IN (SELECT value FROM json_each(?))"
STATEMENTS: Final = {
    "unused_for": f"""
        SELECT {_COLUMNS} FROM {_BY_USER} {_LISTED} AND {_UNUSED} AND {_LIVE}
        ORDER BY userId, _id LIMIT ?""",
    "unused_for_after": f"""
        SELECT {_COLUMNS} FROM {_BY_USER} {_LISTED} AND {_UNUSED} AND {_LIVE} AND (userId, _id) > (?, ?)
        ORDER BY userId, _id LIMIT ?""",
    "withdraw": f"DELETE FROM {_BY_USER} {_LISTED} AND promotionId {_LISTED} AND {_UNUSED}",
    "withdraw_campaign": f"DELETE FROM promoAdobe WHERE campaignId = ? AND {_UNUSED}",
    "use": f"SELECT {_COLUMNS} FROM {_BY_USER} = ? AND promotionId {_LISTED} ORDER BY _id",
    "used": f"SELECT {_COLUMNS} FROM promoAdobe WHERE {_USED}",
    "count": "SELECT count(*) FROM promoAdobe",
    "count_campaign": "SELECT count(*) FROM promoAdobe WHERE campaignId = ?",
    "normalize": f"SELECT {_COLUMNS} FROM promoAdobe WHERE _id > ? ORDER BY _id LIMIT ?",
    "reservation": "SELECT _id, inputs, state, runId, reservedAt FROM campaigns WHERE _id = ?",
    "reservations": """
        SELECT _id, inputs, state, runId, reservedAt FROM campaigns WHERE state = ? ORDER BY reservedAt, _id""",
}
RESERVE: Final = """
INSERT INTO campaigns VALUES (?, ?, 'reserved', '', ?) ON CONFLICT (_id) DO UPDATE
SET inputs = excluded.inputs, state = excluded.state, runId = excluded.runId, reservedAt = excluded.reservedAt
WHERE inputs = ?
"""
ADD: Final = f"""
INSERT INTO promoAdobe ({_COLUMNS}) VALUES ({", ".join("?" * len(FIELDS))}) ON CONFLICT (_id) DO NOTHING
"""
