"""`python -m soak`: kill -9 at random, again and again; 1 when anything differs from a clean run."""

import argparse
import dataclasses
import logging
import sys
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Final

from dotenv import load_dotenv
from rich.console import Console
from rich.table import Table

from resources.deployments import Deployment, current, deployment_from
from resources.unavailable import Unavailable
from samples import world
from samples.listing_tree import FOLDER
from soak import base, large, promotions, terminal
from soak.arriving import Arriving
from soak.outcome import Outcome
from soak.series import SHARES, Tally, run_series, through
from soak.sides import both, restart_snowflake
from soak.stages import RUN
from soak.strikes import StageFailedError

WORLD = world.WorldConfig(addresses=3_000, customers=500, tweets=400, shoppers=200)
PROMOTIONS = "promotions"
_SHARES: Final = {**SHARES, PROMOTIONS: 0.08}
_WIDTH = 120
"""Below this the table of counts is no table any more."""


def main() -> int:
    """Run the chosen series, then show what was counted."""
    chosen = _arguments()
    logging.getLogger("dagster").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    console = Console(width=max(_WIDTH, Console().width))
    if chosen.large:
        return _large(console)
    try:
        kills = _kills(chosen)
        of_load = kills.pop(PROMOTIONS, 0)
        base.emptied(chosen.home.absolute())
        tallies = _soak(chosen, kills, console) if kills else []
        outcomes = _promotions(chosen, of_load, console) if of_load else []
    except (Unavailable, StageFailedError) as error:
        console.print(f"[red]✗[/red] {error}", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    terminal.show(tallies, outcomes, console)
    is_right = all(outcome.is_right and outcome.is_bounded for _, outcome in outcomes)
    return int(not is_right or any(tally.differences for tally in tallies))


def _kills(chosen: argparse.Namespace) -> dict[str, int]:
    """How many each chosen series gets. Raises Unavailable for a name of none."""
    names = chosen.only.split(",") if chosen.only else list(_SHARES)
    if unknown := set(names) - _SHARES.keys():
        raise Unavailable(f"--only names {', '.join(sorted(unknown))}; allowed are {', '.join(_SHARES)}.")
    whole = sum(_SHARES[name] for name in names)
    return {name: round(chosen.kills * _SHARES[name] / whole) for name in names}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="soak", description="Kill -9 at random, then compare with a clean run."
    )
    parser.add_argument("--kills", type=int, default=220, help="kills in all series together")
    parser.add_argument("--minutes", type=float, default=60.0, help="no round begins after this time")
    parser.add_argument("--load-minutes", type=float, default=10.0, help=f"load on {PROMOTIONS} before kills")
    parser.add_argument("--seed", type=int, default=1, help="what arrives and the plans of the kills")
    parser.add_argument("--only", help=f"comma-separated: {', '.join(_SHARES)}")
    parser.add_argument("--home", type=Path, default=Path(".quadrant/soak"), help="emptied first")
    parser.add_argument(
        "--real", action="store_true", help="the deployment that the environment and .env describe"
    )
    parser.add_argument(
        "--clean-database", default="QUADRANT_CLEAN", help="with --real, beside SNOWFLAKE_DATABASE"
    )
    parser.add_argument(
        "--restart-snowflake",
        action="store_true",
        help="the stand-in of `make servers`, after each kill: it keeps a dead client's transaction",
    )
    parser.add_argument(
        "--large", action="store_true", help="instead: read files of five gigabytes, show the memory"
    )
    return parser.parse_args()


def _soak(chosen: argparse.Namespace, kills: Mapping[str, int], console: Console) -> list[Tally]:
    began = time.monotonic()
    deployment = _deployment(chosen)
    sides = both(deployment, chosen.clean_database, restart_snowflake if chosen.restart_snowflake else None)
    made = world.make(dataclasses.replace(WORLD, seed=chosen.seed))
    tallies = []
    with sides[0].opened() as opened, console.status("A world, and a first run on both sides") as status:
        base.write(made, deployment, opened)
        arriving = Arriving(
            made, opened, base.engine(deployment), Random(chosen.seed), deployment.home / FOLDER
        )
        through((RUN,), sides)
        for name, times in kills.items():
            tally = run_series(
                name,
                times,
                sides,
                arriving,
                began + 60 * chosen.minutes,
                lambda so_far: status.update(terminal.line(so_far)),
            )
            console.print(terminal.line(tally), highlight=False)
            tallies.append(tally)
            if tally.differences:
                break
    return tallies


def _deployment(chosen: argparse.Namespace) -> Deployment:
    if not chosen.real:
        return deployment_from({"QUADRANT_HOME": str(chosen.home.absolute())})
    load_dotenv(".env")
    return dataclasses.replace(current(), home=chosen.home.absolute())


def _large(console: Console) -> int:
    """Read large files; 1 when one takes more memory for being large."""
    table = Table("file", "bytes", "rows", "rejects", "peak memory, MB", "of it for its size, MB", "s")
    readings = list(map(large.read, large.WAYS))
    for found in readings:
        numbers = f"{found.size:,}", f"{found.rows:,}", f"{found.rejects:,}"
        memory = f"{found.peak / 1e6:.0f}", f"{found.growth / 1e6:.0f}"
        table.add_row(found.name, *numbers, *memory, f"{found.took_s:.0f}")
    console.print(table)
    return int(any(found.growth > large.MOST_GROWTH for found in readings))


def _promotions(chosen: argparse.Namespace, kills: int, console: Console) -> list[tuple[str, Outcome]]:
    """A load on the promotions services with the store restarted twice, then kills of all."""
    home = chosen.home.absolute() / PROMOTIONS
    outcomes = []
    for name, plan, seconds in promotions.series(60 * chosen.load_minutes, kills, chosen.seed):
        base.emptied(home)
        with console.status(f"{name}: {seconds / 60:.0f} minutes"):
            outcome = promotions.run(home, plan, seconds=seconds)
        console.print(terminal.load_line(name, outcome), highlight=False)
        outcomes.append((name, outcome))
    return outcomes


if __name__ == "__main__":
    sys.exit(main())
