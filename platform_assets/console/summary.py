"""What a person reads after a run: what there is, what is new, one example of each outcome, where to look further.

What is told is read in `figures`.
"""

from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from platform_assets.console.figures import EXAMPLES, Figures
from platform_assets.console.ports import Ports

_GROUPS = {
    "geo": "addresses",
    "crm": "customers",
    "tweets": "tweets",
    "customer360": "customer 360",
    "promotions": "promotions",
    "listings": "listings",
}


def show(console: Console, ports: Ports, before: Figures, now: Figures, took_s: float) -> None:
    """Print the summary; `before` is what there was when the run began."""
    console.print()
    _show_rows(console, before, now)
    _show_tweets(console, before, now)
    _show_shoppers(console, before, now)
    _show_campaigns(console, now)
    _show_outcomes(console, before, now)
    _show_listings(console, now)
    _show_rejects(console, before, now)
    console.print(f"\n[bold]Done in {took_s:.1f} s.[/bold] {_news(before, now)}")
    _show_where(console, ports)


def _news(before: Figures, now: Figures) -> str:
    # Each tick lists everything; what is new of it is what was posted.
    tables = [table for table in now.rows if not table.startswith("listings.")]
    changed = {table: now.rows[table] - before.rows.get(table, 0) for table in tables}
    posted = now.listings.posted if now.listings else 0
    if not sum(before.rows.values()):
        return "Everything is new: this was the first run."
    if not any(changed.values()) and not posted:
        return "Nothing was new, nothing was recomputed."
    arrived = {
        t: n
        for t, n in changed.items()
        if n and ("raw_" in t or "rejected_" in t or t in ("geo.address_files", "promotions.sales"))
    }
    told = [_counted(n, "rows", "+,") + f" in {table}" for table, n in arrived.items()]
    told += [
        _counted(now.outcomes[name] - before.outcomes[name], name, "+,")
        for name in now.outcomes
        if now.outcomes[name] != before.outcomes[name]
    ]
    told += [_counted(posted, "documents", "+,") + " posted"] if posted else []
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
    _bars(console, before.categories, now.categories)
    if now.homes:
        homes = ", ".join(f"{n:,} {method}" for method, n in now.homes.items())
        console.print(f"  Homes of customers: {homes}.")


def _show_shoppers(console: Console, before: Figures, now: Figures) -> None:
    _title(console, "Which shoppers")
    _bars(console, before.segments, now.segments)
    console.print(f"  From {_counted(now.rows.get('promotions.sales', 0), 'receipts')}.")


def _show_campaigns(console: Console, now: Figures) -> None:
    if now.campaigns:
        _title(console, "What campaigns changed")
    for row in now.campaigns:
        told = (
            f"{row['treated_users']:,} shoppers got {row['promotion_id']}, {row['holdout_users']:,} were held out, "
            f"{row['uses']:,} used it"
        )
        console.print(f"  [bold]{row['campaign_id']}[/bold]  {told}", highlight=False)
        console.print(Padding(str(row["verdict"]), (0, 2, 0, 4)), highlight=False, markup=False)


def _bars(console: Console, before: Mapping[str, int], now: Mapping[str, int]) -> None:
    """How many of each kind, what changed, and which share that is."""
    total = sum(now.values()) or 1
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for kind, n in now.items():
        bar = "█" * max(1, round(30 * n / total))
        table.add_row(kind, f"{n:,}", _change(before.get(kind, 0), n), f"[blue]{bar}[/blue] {n / total:.0%}")
    console.print(Padding(table, (0, 0, 0, 2)))


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


def _show_listings(console: Console, now: Figures) -> None:
    found = now.listings
    if not found:
        return
    _title(console, "Listings")
    told = f"{_counted(found.lines, 'lines')} read in {_counted(found.ticks, 'ticks')}, {found.rejected:,} rejected"
    console.print(
        f"  {told}; documents: {found.posted:,} posted, {found.known:,} already known", highlight=False
    )
    if found.stored is not None:
        console.print(f"  The API stores {_counted(found.stored, 'documents')}, each once.", highlight=False)
    if found.pending or found.dead:
        console.print(f"  [red]{found.pending:,} wait for the API, {found.dead:,} are dead letters[/red]")


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
