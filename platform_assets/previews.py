"""What of a table may be shown in Dagster's event log, which keeps it for ever and is read by many.

An allow-list: rows of what is public, counts of what describes people. A table that is not named shows nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from resources import catalog
from resources.warehouse import Part, Session

ROWS: Final = frozenset(
    {
        "geo.raw_addresses",
        "geo.addresses",
        "geo.address_files",
        "customer360.offer_rules",
        "promotions.sales_files",
        "promotions.campaigns",
        "promotions.effects",
        "listings.listing_files",
    }
)
"""Tables whose first rows are shown. `geo.streets` and `geo.units` are none: they hold lines of customers."""

COUNTS: Final[Mapping[str, tuple[str, ...]]] = {
    "geo.rejected_addresses": ("reason",),
    "geo.streets": ("method",),
    "geo.units": (),
    "crm.raw_customers": ("operation",),
    "crm.rejected_customers": ("reason",),
    "crm.raw_portfolios": ("operation",),
    "crm.rejected_portfolios": ("reason",),
    "crm.customers": ("has_marketing_consent",),
    "crm.portfolios": ("product", "is_open"),
    "crm.customer_changes": ("change",),
    "crm.customer_homes": ("method",),
    "crm.household_members": ("kind",),
    "crm.household_changes": ("change",),
    "crm.households": ("kind",),
    "tweets.raw_tweets": ("shape",),
    "tweets.rejected_tweets": ("reason",),
    "tweets.deleted_tweets": ("notice", "scope"),
    "tweets.lost_offsets": ("topic", "reason"),
    "tweets.tweets": ("quadrant",),
    "tweets.located_tweets": ("quadrant",),
    "tweets.scored_tweets": ("topic", "is_complaint"),
    "customer360.categories": ("category", "match_level"),
    "customer360.profiles": ("contact_state",),
    "customer360.support_cases": ("state", "priority", "topic"),
    "customer360.offers": ("rule_id", "product"),
    "customer360.household_merges": ("customers",),
    "customer360.deliveries": ("kind", "state"),
    "promotions.sales": ("promotion_id",),
    "promotions.rejected_sales": ("reason",),
    "promotions.assignments": ("campaign_id", "is_holdout", "segment"),
    "promotions.uses": ("campaign_id",),
    "promotions.rejected_promotions": ("reason",),
    "listings.listing_txt": ("source",),
    "listings.listing_csv": ("mode",),
    "listings.rejected_listings": ("reason",),
    "listings.listing_json": ("source",),
    "listings.posted_listings": ("state", "container"),
    "promotions.segments": ("segment", "recency_score", "frequency_score", "monetary_score"),
}
"""Columns with few values that tell nothing of one person; of the other tables only these are shown, counted."""

_ROWS_SHOWN = 5
_VALUES_SHOWN = 20
_WIDTH = 60


def preview(session: Session, table: str, part: Part | None = None) -> str:
    """A table, or one part of it, as Markdown: its first rows where everybody may see them, else counts of values."""
    where = f" WHERE {part[0]} = :{part[0]}" if part else ""
    values = dict([part] if part else [])
    return (_first_rows if table in ROWS else _counted)(session, table, where, values)


def _first_rows(session: Session, table: str, where: str, values: Mapping[str, str]) -> str:
    columns = [column.name for column in catalog.tables()[table].columns]
    rows = session.rows(f"SELECT {', '.join(columns)} FROM {table}{where} LIMIT {_ROWS_SHOWN}", **values)
    return _markdown(columns, ([row[name] for name in columns] for row in rows))


def _counted(session: Session, table: str, where: str, values: Mapping[str, str]) -> str:
    rows = [
        (column, row["counted"], row["n"])
        for column in COUNTS.get(table, ())
        for row in session.rows(
            f"SELECT {column} AS counted, COUNT(*) AS n FROM {table}{where}"
            f" GROUP BY {column} ORDER BY n DESC, counted LIMIT {_VALUES_SHOWN}",
            **values,
        )
    ]
    return _markdown(("column", "value", "rows"), rows)


def _markdown(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(header)
    lines = [names, ["---"] * len(names), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    text = text.replace("|", "\\|").replace("\n", " ")
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
