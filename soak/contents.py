"""All that a warehouse holds, but for when it was written, so that two of them can be compared.

What must be equal is decided by who compares; here is only what counts as content.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from resources import catalog
from resources.listing_api import EmbeddedListingApi, ListingApi
from resources.warehouse import Warehouse

AUDIT: Final = frozenset(
    {
        "assigned_at",
        "attempts",
        "changed_at",
        "committed_at",
        "container",
        "delivered_at",
        "extracted_at",
        "launched_at",
        "listed_at",
        "noticed_at",
        "queued_at",
        "seen_at",
        "settled_at",
        "written_at",
    }
)
"""Columns that tell when something was done, by whom, or how often it was tried, and nothing of what was done."""

_COUNTING: Final = ("customer360.deliveries", "listings.", "listings/")
"""Positions that count commits, of which a run that follows a kill needs more, and stamps made of them."""

_POSTED: Final = "listings.posted_listings"
_API: Final = "the listing API"

_STEPS: Final = {"ledger.positions": "source", "ledger.table_versions": "table_name"}
_SHOWN: Final = 3

Contents = Mapping[str, list[str]]


class Difference(NamedTuple):
    """A table that two warehouses do not hold alike: counts of rows that only one has, and some of them."""

    table: str
    missing: int
    surplus: int
    examples: list[str]


def contents(warehouse: Warehouse, without: frozenset[str] = AUDIT) -> dict[str, list[str]]:
    """Rows of every table, sorted, as text; sums of floating numbers to the sixth digit."""
    tables = catalog.tables()
    found: dict[str, list[str]] = {name: [] for name in tables}
    counted = " UNION ALL ".join(f"SELECT '{name}' AS name, COUNT(*) AS n FROM {name}" for name in tables)
    with warehouse.session("contents") as session:
        for filled in session.rows(f"SELECT name FROM ({counted}) WHERE n > 0"):
            table = tables[str(filled["name"])]
            names = [column.name for column in table.columns if column.name not in without]
            rows = session.rows(f"SELECT {', '.join(names)} FROM {table.name}")
            if table.name in _STEPS:
                rows = [row for row in rows if not str(row[_STEPS[table.name]]).startswith(_COUNTING)]
            if table.name == _POSTED:
                # What was posted right before a kill is known to the API when it comes again.
                rows = [{**row, "state": str(row["state"]).replace("known", "posted")} for row in rows]
            found[table.name] = sorted(str([_rounded(value) for value in row.values()]) for row in rows)
    return found


def listed(warehouse: Warehouse) -> dict[str, list[str]]:
    """What the listing API should have: each document of all batches once."""
    with warehouse.session("contents") as session:
        rows = session.rows("SELECT DISTINCT document FROM listings.listing_json")
    return {_API: sorted(str(row["document"]) for row in rows)}


def kept(api: ListingApi) -> dict[str, list[str]]:
    """What the listing API has, as often as it has it; nothing of one that does not show its store."""
    if not isinstance(api, EmbeddedListingApi):
        return {}
    found, after = list[str](), ""
    while page := api.store.documents(after):
        found += [each.document for each in page]
        after = page[-1].content_hash
    return {_API: sorted(found)}


def differences(wanted: Contents, found: Contents) -> list[Difference]:
    """The tables in which `found` is not `wanted`."""
    return [
        _difference(table, rows, found.get(table, []))
        for table, rows in wanted.items()
        if rows != found.get(table, [])
    ]


def _difference(table: str, wanted: list[str], found: list[str]) -> Difference:
    missing, surplus = _without(wanted, found), _without(found, wanted)
    examples = [f"missing {row}" for row in missing[:_SHOWN]] + [f"surplus {row}" for row in surplus[:_SHOWN]]
    return Difference(table, len(missing), len(surplus), examples)


def _without(rows: list[str], others: list[str]) -> list[str]:
    """Rows that `others` lack, each as often as it is lacking."""
    left: dict[str, int] = {}
    for row in others:
        left[row] = left.get(row, 0) + 1
    found = []
    for row in rows:
        if left.get(row, 0):
            left[row] -= 1
        else:
            found.append(row)
    return found


def _rounded(value: object) -> object:
    return round(value, 6) if isinstance(value, float) else value
