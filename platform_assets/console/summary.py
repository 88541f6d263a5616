"""What a person reads after a run: what there is, what is new, one example of each outcome, where to look further."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from platform_assets.console.ports import Ports
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
ORDER BY what, n DESC, reason"""

CATEGORIES = (
    "SELECT category, COUNT(*) AS n FROM customer360.categories GROUP BY category ORDER BY n DESC, category"
)

HOMES = "SELECT method, COUNT(*) AS n FROM crm.customer_homes GROUP BY method ORDER BY method"

_GROUPS = {
    "geo": "addresses",
    "crm": "customers",
    "tweets": "tweets",
    "customer360": "customer 360",
    "promotions": "promotions",
}


@dataclass
class Figures:
    """Everything the summary shows, read in one session."""

    rows: dict[str, int] = field(default_factory=dict)
    rejects: list[dict[str, object]] = field(default_factory=list)
    categories: dict[str, int] = field(default_factory=dict)
    homes: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    deliveries: dict[str, int] = field(default_factory=dict)
    examples: dict[str, dict[str, object]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


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
        outcomes={name: number(text) for name, text in OUTCOMES.items()},
        deliveries={str(row["state"]): int(str(row["n"])) for row in session.rows(DELIVERIES)},
        examples={name: found[0] for name, text in EXAMPLES.items() if (found := session.rows(text))},
        lost=[str(row["told"]) for row in session.rows(f"{RECENT} ORDER BY told")],
    )


def show(console: Console, ports: Ports, before: Figures, now: Figures, took_s: float) -> None:
    """Print the summary; `before` is what there was when the run began."""
    console.print()
    _show_rows(console, before, now)
    _show_tweets(console, before, now)
    _show_outcomes(console, before, now)
    _show_rejects(console, before, now)
    console.print(f"\n[bold]Done in {took_s:.1f} s.[/bold] {_news(before, now)}")
    _show_where(console, ports)


def _news(before: Figures, now: Figures) -> str:
    changed = {table: now.rows[table] - before.rows.get(table, 0) for table in now.rows}
    if not sum(before.rows.values()):
        return "Everything is new: this was the first run."
    if not any(changed.values()):
        return "Nothing was new, nothing was recomputed."
    arrived = {
        t: n
        for t, n in changed.items()
        if n and ("raw_" in t or "rejected_" in t or t == "geo.address_files")
    }
    told = [_counted(n, "rows", "+,") + f" in {table}" for table, n in arrived.items()]
    told += [
        _counted(now.outcomes[name] - before.outcomes[name], name, "+,")
        for name in now.outcomes
        if now.outcomes[name] != before.outcomes[name]
    ]
    return "New: " + (", ".join(told) or "rows that replace others") + "."


def _counted(n: int, things: str, form: str = ",") -> str:
    return f"{n:{form}} {things.removesuffix('s') if abs(n) == 1 else things}"


def _show_rows(console: Console, before: Figures, now: Figures) -> None:
    _title(console, "Tables")
    grid = Table(box=None, show_header=False, padding=(0, 3, 0, 0))
    columns = []
    for domain, title in _GROUPS.items():
        inner = Table(box=None, show_header=True, header_style="bold", padding=(0, 1, 0, 0))
        inner.add_column(title)
        inner.add_column("rows", justify="right")
        inner.add_column("", justify="right", style="green")
        for table, rows in now.rows.items():
            if table.startswith(f"{domain}."):
                inner.add_row(table.split(".")[1], f"{rows:,}", _change(before.rows.get(table, 0), rows))
        columns.append(inner)
    half = (len(columns) + 1) // 2
    grid.add_row(*columns[:half])
    grid.add_row(*[""] * half)
    grid.add_row(*columns[half:])
    console.print(Padding(grid, (0, 0, 0, 2)))


def _show_tweets(console: Console, before: Figures, now: Figures) -> None:
    _title(console, "Whose tweets")
    total = sum(now.categories.values()) or 1
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for category, n in now.categories.items():
        bar = "█" * max(1, round(30 * n / total))
        table.add_row(
            category,
            f"{n:,}",
            _change(before.categories.get(category, 0), n),
            f"[blue]{bar}[/blue] {n / total:.0%}",
        )
    console.print(Padding(table, (0, 0, 0, 2)))
    if now.homes:
        homes = ", ".join(f"{n:,} {method}" for method, n in now.homes.items())
        console.print(f"  Homes of customers: {homes}.")


def _show_outcomes(console: Console, before: Figures, now: Figures) -> None:
    _title(console, "What the bank does about it")
    for (name, n), example in zip(now.outcomes.items(), EXAMPLES, strict=True):
        change = _change(before.outcomes.get(name, 0), n)
        console.print(f"  [bold]{_counted(n, name)}[/bold] [green]{change}[/green]")
        found = now.examples.get(example)
        if found:
            console.print(
                Padding(f"{found['who']} · {found['what']}", (0, 2, 0, 4)), highlight=False, markup=False
            )
            console.print(
                Padding(f"why: {found['reason']}", (0, 2, 0, 4)), style="dim", highlight=False, markup=False
            )
    delivered = now.deliveries.get("delivered", 0)
    change = _change(before.deliveries.get("delivered", 0), delivered)
    console.print(f"  [bold]{delivered:,} cases and offers delivered[/bold] [green]{change}[/green]")
    others = ", ".join(f"{n:,} {state}" for state, n in now.deliveries.items() if state != "delivered")
    if others:
        console.print(Padding(others, (0, 2, 0, 4)), style="dim")


def _show_rejects(console: Console, before: Figures, now: Figures) -> None:
    earlier = {(row["what"], row["reason"]): int(str(row["n"])) for row in before.rejects}
    _title(console, "Rejected, and why")
    by_kind: dict[str, list[str]] = {}
    for row in now.rejects:
        n = int(str(row["n"]))
        change = _change(earlier.get((row["what"], row["reason"]), 0), n) if earlier else ""
        by_kind.setdefault(str(row["what"]), []).append(
            f"{n:,} {row['reason']}{f' ({change})' if change else ''}"
        )
    for kind, reasons in by_kind.items():
        console.print(Padding(f"[bold]{kind}[/bold]  {', '.join(reasons)}", (0, 2, 0, 2)), highlight=False)
    if not by_kind:
        console.print("  nothing")
    if now.lost:
        told = "; ".join(now.lost)
        console.print(
            Padding(f"[bold red]Lost before they were read[/bold red]  {told}", (1, 2, 0, 2)), highlight=False
        )


def _show_where(console: Console, ports: Ports) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_row("data", ports.warehouse.uri())
    table.add_row("", ports.object_store.uri())
    table.add_row("look", "[bold]make ui[/bold]      the graph in Dagster, sensors and schedules live")
    table.add_row("", "[bold]make arrive[/bold]  let a new address file and new tweets arrive")
    table.add_row(
        "",
        "[bold]make sql[/bold]     ask the warehouse, for example: SELECT * FROM customer360.offers LIMIT 5;",
    )
    console.print(Padding(table, (1, 0, 0, 0)), highlight=False)


def _title(console: Console, text: str) -> None:
    console.print(f"\n[bold cyan]{text}[/bold cyan]")


def _change(before: int, now: int) -> str:
    return f"{now - before:+,}" if before and now != before else ""
