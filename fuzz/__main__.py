"""`python -m fuzz`: mutated inputs for every parser; 1 when one of them did what none may do."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from fuzz.batches import replayed
from fuzz.targets import NAMES
from fuzz.watchdog import Tally, fuzzed

FOLDER = Path(".quadrant/fuzz")
_TOP = 4
_WIDTH = 120
"""Below this the table of counts is no table any more."""


def main() -> int:
    """Fuzz the chosen parsers, or replay one kept failure."""
    chosen = _arguments()
    console = Console(width=max(_WIDTH, Console().width))
    if chosen.replay:
        console.print(str(replayed(chosen.replay)))
        return 0
    tallies = []
    for name in chosen.only.split(","):
        with console.status(name) as status:
            tally = fuzzed(
                name, chosen.inputs, chosen.seed, chosen.workers, lambda so_far: status.update(_line(so_far))
            )
        console.print(_line(tally))
        for failure in tally.failures:
            path = failure.keep(FOLDER)
            console.print(f"  [red]{failure.sentence}[/red]", highlight=False)
            console.print(f"  python -m fuzz --replay {path}", highlight=False)
        tallies.append(tally)
    console.print(_table(tallies))
    return int(any(tally.failures for tally in tallies))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz", description="Mutated inputs for every parser.")
    parser.add_argument("--inputs", type=int, default=1_000_000, help="for each parser")
    parser.add_argument("--only", default=",".join(NAMES), help=f"comma-separated: {', '.join(NAMES)}")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same inputs")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--replay", type=Path, help="a kept failure: a file of .quadrant/fuzz/")
    chosen = parser.parse_args()
    if unknown := set(chosen.only.split(",")) - set(NAMES):
        parser.error(f"--only names {', '.join(sorted(unknown))}; allowed are {', '.join(NAMES)}")
    return chosen


def _line(tally: Tally) -> str:
    return f"{tally.name}: {tally.inputs:,} inputs in {tally.took_s:.0f} s, {len(tally.failures)} failures"


def _table(tallies: Sequence[Tally]) -> Table:
    table = Table(title="Mutated inputs")
    table.add_column("parser", no_wrap=True)
    for name in ("an input is", "inputs", "rows", "rejects", "most of them", "s", "failures"):
        table.add_column(
            name, justify="right" if name in ("inputs", "rows", "rejects", "s", "failures") else "left"
        )
    for tally in tallies:
        reasons = ", ".join(f"{reason} {n:,}" for reason, n in tally.rejects.most_common(_TOP))
        numbers = f"{tally.inputs:,}", f"{tally.rows:,}", f"{tally.rejects.total():,}"
        table.add_row(
            tally.name, tally.meaning, *numbers, reasons, f"{tally.took_s:.0f}", str(len(tally.failures))
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
