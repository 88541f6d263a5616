"""`python -m bench [names]`: measure, compare, print the table."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import tweet_log
from bench.benches import BENCHES
from bench.measuring import Bench, Claim, DisagreementError, Figures, measure

_WIDTH = 132
"""Below this the table of figures is no table any more."""


def main() -> int:
    """Measure the named benches, all without a name; 1 when a side fails or two disagree."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Side by side with the usual way.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}; all without one")
    parser.add_argument("--small", action="store_true", help="small inputs, one round: does everything run")
    parser.add_argument(
        "--rounds", type=int, default=5, help="rounds of which the minimum counts (%(default)s)"
    )
    parser.add_argument("--kafka", metavar="HOST:PORT", help="a real broker for tweet_log")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    chosen = parser.parse_args()
    console = Console(width=max(_WIDTH, Console().width))
    if unknown := set(chosen.names) - BENCHES.keys():
        console.print(f"There is no bench {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}.")
        return 1
    # Sides inherit these: the broker's address, and compiled modules as every user has them.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ[tweet_log.BROKER] = chosen.kafka or ""
    table = _table()
    figures: dict[str, dict[str, object]] = {}
    usual = [name for name in BENCHES if chosen.kafka or name != tweet_log.KAFKA.name]
    for name in chosen.names or usual:
        if lacking := BENCHES[name].lacking():
            console.print(lacking)
            continue
        console.print(f"{name} ...")
        try:
            found = _measured(
                BENCHES[name], is_small=chosen.small, rounds=1 if chosen.small else chosen.rounds
            )
        except (DisagreementError, subprocess.CalledProcessError) as error:
            console.print(str(error))
            return 1
        figures[name] = {side: asdict(each) for side, each in found.items()}
        for claim in BENCHES[name].claims:
            if claim.ours in found and claim.usual in found:
                table.add_row(*_row(claim, found[claim.ours].of(claim.of), found[claim.usual].of(claim.of)))
    console.print(table)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1))
    return 0


def _measured(bench: Bench, *, is_small: bool, rounds: int) -> dict[str, Figures]:
    with tempfile.TemporaryDirectory(prefix="quadrant-bench-") as folder:
        inputs = Path(folder) / "inputs"
        inputs.mkdir()
        bench.prepare(inputs, is_small)
        return measure(bench, inputs, rounds)


def _table() -> Table:
    table = Table("what", title="Ours against the usual way, minimum of each side")
    for heading in ("ours", "other", "ratio", "target", "CPU s", "peak MB"):
        table.add_column(heading, justify="right")
    return table


def _row(claim: Claim, ours: Figures, usual: Figures) -> list[str]:
    met = "[green]met[/]" if claim.is_met(ours, usual) else "[red]missed[/]"
    return [
        claim.what,
        _time(ours.seconds),
        _time(usual.seconds),
        f"{usual.seconds / ours.seconds:.2f}x"
        if ours.seconds <= usual.seconds
        else f"1/{ours.seconds / usual.seconds:.2f}",
        f"{claim.target} {met}",
        f"{_time(ours.cpu_s)} / {_time(usual.cpu_s)}",
        f"{ours.peak_mb:.0f} / {usual.peak_mb:.0f}",
    ]


def _time(seconds: float) -> str:
    if seconds >= 0.1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-4 else f"{seconds * 1e6:.2f} us"


if __name__ == "__main__":
    sys.exit(main())
