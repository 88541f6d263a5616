"""One row per customer with its person and household: ids that are minted once and then kept.

A ledger, because an id given to the bank must not change with the next rebuild: the new state is a function of the
customers, their homes and the state before. `crm.household_changes` records what became of each household.
"""

import datetime as dt
from collections.abc import Iterator

import dagster as dg

from platform_assets.crm.minting import Change, Customer, Member, changes, mint
from platform_assets.reports import built, label
from platform_assets.tables import POOL, asset_key, python_specs
from resources.warehouse import Built, Commit, Delete, Session, Warehouse

TABLES = ("crm.household_members", "crm.household_changes")
INPUTS = ("crm.customers", "crm.customer_homes")
SOURCE = "crm/household_members"
CODE = "1"
"""Raised when the rules in `minting` change."""


@dg.multi_asset(
    name="crm__household_members",
    specs=python_specs(TABLES, "core", __doc__, [asset_key(name) for name in INPUTS], CODE),
    pool=POOL,
)
def household_members(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[dg.MaterializeResult]:
    """Read customers and the ledger, mint, write what changed."""
    with warehouse.session(label(context)) as session:
        added = _update(warehouse, session, dt.datetime.now(dt.UTC))
        for table, rows in zip(TABLES, added, strict=True):
            made = Built(session.count(table), session.version(table), bool(rows), rows)
            yield built(session, warehouse, table, made)


def _update(warehouse: Warehouse, session: Session, now: dt.datetime) -> tuple[int, int]:
    position = session.position(SOURCE)
    inputs = " ".join([CODE, *(session.version(table) for table in INPUTS)])
    if position == inputs:
        return 0, 0
    before = [Member(**row) for row in session.rows(f"SELECT * FROM {TABLES[0]} ORDER BY customer_id")]  # type: ignore[arg-type]
    used = [
        str(row["household_id"]) for row in session.rows(f"SELECT DISTINCT household_id FROM {TABLES[1]}")
    ]
    after = mint([Customer(**row) for row in session.rows(CUSTOMERS)], before, used)  # type: ignore[arg-type]
    found = changes(before, after)
    with warehouse.spool(TABLES[0]) as members, warehouse.spool(TABLES[1]) as history:
        if after != before:
            members.write_rows(vars(member) for member in after)
            history.write_rows(_row(change, now) for change in found)
        deletes = [Delete(TABLES[0])] if after != before else []
        session.commit(Commit(SOURCE, position, inputs, 0, ledger=[members, history], deletes=deletes))
        return members.rows, history.rows


def _row(change: Change, now: dt.datetime) -> dict[str, object]:
    return {**vars(change), "changed_at": now.replace(tzinfo=None)}


CUSTOMERS = """
SELECT c.customer_id, c.first_name, c.last_name, c.birth_date, c.email, c.phone, h.address_id
FROM crm.customers AS c
LEFT JOIN crm.customer_homes AS h ON h.customer_id = c.customer_id
"""
