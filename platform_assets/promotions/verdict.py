"""What a campaign person may conclude of a measured effect, in a sentence or two.

Words belong here, and which of them fits; the numbers are in `measurement`.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

FEW = 200
"""Shoppers of an arm below which an interval of skewed revenue is shorter than it should be."""


def verdict(row: Mapping[str, Any], ends_at: dt.datetime) -> str:
    """Of a row of `promotions.effects`; `ends_at` is the end of the campaign."""
    if row["state"] == "planned":
        return f"Not started: it is measured from {row['measured_to']:%Y-%m-%d %H:%M} UTC."
    if not row["holdout_users"]:
        return "Nobody was held out, so what it changed cannot be told."
    if not row["is_balanced"]:
        return (
            f"Do not use: {row['treated_users']:,} treated and {row['holdout_users']:,} held out are not the shares "
            "that were drawn, so the arms differ in more than the promotion; find out why first."
        )
    if row["revenue_p_value"] is None:
        return "Too little was bought to tell a difference."
    return " ".join(filter(None, [_so_far(row, ends_at), _conclusion(row), _small(row)]))


def _so_far(row: Mapping[str, Any], ends_at: dt.datetime) -> str:
    return f"So far, and until {ends_at:%Y-%m-%d} it may change:" if row["state"] == "running" else ""


def _conclusion(row: Mapping[str, Any]) -> str:
    change, low, high = (
        row[name] for name in ("incremental_revenue_eur", "revenue_low_eur", "revenue_high_eur")
    )
    between = f"({low:+,.2f} to {high:+,.2f})"
    if not row["is_significant"]:
        return (
            f"No effect on revenue that chance would not explain: {change:+,.2f} EUR per shopper {between}; "
            f"with so many shoppers one of {row['minimum_detectable_eur']:,.2f} EUR or more would be seen."
        )
    total, cost = row["total_incremental_eur"], row["cost_eur"]
    if change < 0:
        return f"It lowered revenue: {change:+,.2f} EUR per shopper {between}, {total:+,.0f} EUR in all."
    than = "more than" if total > cost else "less than"
    return (
        f"It raised revenue: {change:+,.2f} EUR per shopper {between}, {total:+,.0f} EUR in all, "
        f"{than} the {cost:,.0f} EUR that its uses cost."
    )


def _small(row: Mapping[str, Any]) -> str:
    fewest = min(row["treated_users"], row["holdout_users"])
    return f"Only {fewest:,} shoppers in the smaller arm: take it with care." if fewest < FEW else ""
