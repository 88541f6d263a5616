"""What the summary of a run tells, read from the warehouse in one session.

How it is shown is in `summary`.
"""

from dataclasses import dataclass, field

from platform_assets.console.listing_ticks import Ticked
from platform_assets.tweets.losses import RECENT
from resources import catalog
from resources.warehouse import Session

OUTCOMES = {
    "open cases": "SELECT COUNT(*) AS n FROM customer360.support_cases WHERE state = 'open'",
    "offers": "SELECT COUNT(*) AS n FROM customer360.offers",
    "household merges": "SELECT COUNT(*) AS n FROM customer360.household_merges",
}

DELIVERIES = "SELECT state, COUNT(*) AS n FROM customer360.deliveries GROUP BY state ORDER BY state"

EXAMPLES = {
    "case": """
SELECT
  c.first_name || ' ' || c.last_name AS who,
  k.priority || ' priority, ' || k.topic || ': ' || t.text AS what,
  k.reason
FROM customer360.support_cases AS k
JOIN crm.customers AS c ON c.customer_id = k.customer_id
JOIN tweets.tweets AS t ON t.tweet_id = k.first_tweet_id
WHERE k.state = 'open'
ORDER BY CASE k.priority WHEN 'high' THEN 0 WHEN 'normal' THEN 1 ELSE 2 END, k.opened_at DESC, k.case_id
LIMIT 1""",
    "offer": """
SELECT c.first_name || ' ' || c.last_name AS who, o.pitch AS what, o.reason
FROM customer360.offers AS o
JOIN crm.customers AS c ON c.customer_id = o.customer_id
ORDER BY o.offered_at DESC, o.offer_id
LIMIT 1""",
    "merge": """
SELECT
  a.house_number || ' ' || a.street || ', ' || a.city AS who,
  'manage ' || m.surname || ' as one family' AS what,
  m.reason
FROM customer360.household_merges AS m
JOIN geo.addresses AS a ON a.address_id = m.address_id
ORDER BY m.value_usd DESC, m.household_id
LIMIT 1""",
}

REJECTS = """
SELECT 'address records' AS what, reason, COUNT(*) AS n FROM geo.rejected_addresses GROUP BY reason
UNION ALL
SELECT 'messages' AS what, reason, COUNT(*) AS n FROM tweets.rejected_tweets GROUP BY reason
UNION ALL
SELECT 'customers' AS what, reason, COUNT(*) AS n FROM crm.rejected_customers GROUP BY reason
UNION ALL
SELECT 'portfolios' AS what, reason, COUNT(*) AS n FROM crm.rejected_portfolios GROUP BY reason
UNION ALL
SELECT 'receipts' AS what, reason, COUNT(*) AS n FROM promotions.rejected_sales GROUP BY reason
UNION ALL
SELECT 'listed lines' AS what, reason, COUNT(*) AS n
FROM (SELECT DISTINCT source, raw, reason FROM listings.rejected_listings) AS d
GROUP BY reason
ORDER BY what, n DESC, reason"""

CATEGORIES = (
    "SELECT category, COUNT(*) AS n FROM customer360.categories GROUP BY category ORDER BY n DESC, category"
)

SEGMENTS = "SELECT segment, COUNT(*) AS n FROM promotions.segments GROUP BY segment ORDER BY n DESC, segment"

CAMPAIGNS = """
SELECT campaign_id, promotion_id, treated_users, holdout_users, uses, verdict
FROM promotions.effects
ORDER BY measured_to DESC, campaign_id
LIMIT 3"""

HOMES = "SELECT method, COUNT(*) AS n FROM crm.customer_homes GROUP BY method ORDER BY method"


@dataclass
class Figures:
    """Everything the summary shows, read in one session."""

    rows: dict[str, int] = field(default_factory=dict)
    rejects: list[dict[str, object]] = field(default_factory=list)
    categories: dict[str, int] = field(default_factory=dict)
    homes: dict[str, int] = field(default_factory=dict)
    segments: dict[str, int] = field(default_factory=dict)
    campaigns: list[dict[str, object]] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    deliveries: dict[str, int] = field(default_factory=dict)
    examples: dict[str, dict[str, object]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    listings: Ticked | None = None
    """Of the ticks of this run, which the warehouse does not tell apart."""


def figures(session: Session) -> Figures:
    """Read what the summary shows."""

    def number(text: str) -> int:
        return int(str(next(iter(session.rows(text)[0].values()))))

    tables = [table for table in catalog.tables() if not table.startswith("ledger.")]
    text = " UNION ALL ".join(
        f"SELECT '{table}' AS table_name, COUNT(*) AS n FROM {table}" for table in tables
    )
    counted = {str(row["table_name"]): int(str(row["n"])) for row in session.rows(text)}
    return Figures(
        rows={table: counted[table] for table in tables},
        rejects=session.rows(REJECTS),
        categories={str(row["category"]): int(str(row["n"])) for row in session.rows(CATEGORIES)},
        homes={str(row["method"]): int(str(row["n"])) for row in session.rows(HOMES)},
        segments={str(row["segment"]): int(str(row["n"])) for row in session.rows(SEGMENTS)},
        campaigns=session.rows(CAMPAIGNS),
        outcomes={name: number(text) for name, text in OUTCOMES.items()},
        deliveries={str(row["state"]): int(str(row["n"])) for row in session.rows(DELIVERIES)},
        examples={name: found[0] for name, text in EXAMPLES.items() if (found := session.rows(text))},
        lost=[str(row["told"]) for row in session.rows(f"{RECENT} ORDER BY told")],
    )
