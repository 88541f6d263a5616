"""What a series came to, for a person: a line when it ends, tables at the end of all."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from soak.outcome import Outcome
from soak.series import Tally


def line(tally: Tally) -> str:
    """How far a series of kills is, or has come."""
    said = f"{tally.name}: {tally.kills} kills in {tally.rounds} rounds, {tally.in_write} of them in a write"
    api = f"; {tally.api_kills} of the API, {tally.while_posting} of them while documents came"
    return said + (api if tally.api_kills else "")


def load_line(name: str, outcome: Outcome) -> str:
    """What a load came to."""
    wrong, lost, doubled = map(len, (outcome.wrong, outcome.lost, outcome.doubled))
    return (
        f"{name}: {len(outcome.answered):,} answers, {outcome.kills.total()} kills; "
        f"{wrong} wrong, {lost} not in the log, {doubled} there twice"
    )


def show(tallies: Sequence[Tally], outcomes: Sequence[tuple[str, Outcome]], console: Console) -> None:
    """Tables of the series that were run, and rows of what differs."""
    if tallies:
        console.print(_killed(tallies))
    for tally in tallies:
        for found in tally.differences:
            console.print(
                f"{tally.name}: {found.table} lacks {found.missing} rows, {found.surplus} too many",
                style="red",
            )
            for example in found.examples:
                console.print(f"  {example}", highlight=False)
    if outcomes:
        console.print(_loaded(outcomes))


def _killed(tallies: Sequence[Tally]) -> Table:
    table = _table("Killed at random, compared with a clean run", (
        "series", "rounds", "kills", "in work", "in a write", "restarts", "API kills", "tables", "rows", "differences",
        "s",
    ))  # fmt: skip
    for tally in tallies:
        numbers = (
            tally.rounds, tally.kills, tally.in_work, tally.in_write, tally.restarts, tally.api_kills, tally.tables,
            tally.rows, len(tally.differences),
        )  # fmt: skip
        table.add_row(tally.name, *map("{:,}".format, numbers), f"{tally.took_s:.0f}")
    return table


def _loaded(outcomes: Sequence[tuple[str, Outcome]]) -> Table:
    table = _table("Services under load, each answer looked for in the log", (
        "series", "answers", "refused", "unanswered", "kills", "wrong", "lost", "doubled", "growth, MB", "s",
    ))  # fmt: skip
    for name, outcome in outcomes:
        numbers = (
            len(outcome.answered), outcome.refused, outcome.unanswered, outcome.kills.total(),
            len(outcome.wrong), len(outcome.lost), len(outcome.doubled),
        )  # fmt: skip
        growth = "" if outcome.growth is None else f"{outcome.growth / 1e6:.1f}"
        table.add_row(name, *map("{:,}".format, numbers), growth, f"{outcome.took_s:.0f}")
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title)
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left", no_wrap=not number)
    return table
