"""`python -m soak`: kill -9 at random, again and again; 1 when anything differs from a clean run."""

import argparse
import dataclasses
import logging
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from random import Random

from dotenv import load_dotenv
from rich.console import Console
from rich.table import Table

from resources.deployments import Deployment, current, deployment_from
from resources.unavailable import Unavailable
from samples import world
from samples.listing_tree import FOLDER
from soak import base, large, promotions
from soak.arriving import Arriving
from soak.outcome import COLUMNS, shown
from soak.series import SHARES, Tally, run_series, through
from soak.sides import both, restart_snowflake
from soak.stages import RUN
from soak.strikes import StageFailedError

WORLD = world.WorldConfig(addresses=3_000, customers=500, tweets=400, shoppers=200)
PROMOTIONS = "promotions"
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
        if chosen.only == PROMOTIONS:
            return _promotions(chosen, console)
        tallies = _soak(chosen, console)
    except (Unavailable, StageFailedError) as error:
        console.print(f"[red]✗[/red] {error}", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    console.print(_table(tallies))
    for tally in tallies:
        for found in tally.differences:
            console.print(
                f"{tally.name}: {found.table} lacks {found.missing} rows, {found.surplus} too many",
                style="red",
            )
            for example in found.examples:
                console.print(f"  {example}", highlight=False)
    return int(any(tally.differences for tally in tallies))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="soak", description="Kill -9 at random, then compare with a clean run."
    )
    parser.add_argument("--kills", type=int, default=220, help="kills in all series together")
    parser.add_argument(
        "--minutes",
        type=float,
        default=60.0,
        help="no round begins after this time; of the load of promotions",
    )
    parser.add_argument("--seed", type=int, default=1, help="what arrives and the plans of the kills")
    parser.add_argument("--only", help=f"comma-separated: {', '.join(SHARES)}; or {PROMOTIONS}")
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


def _soak(chosen: argparse.Namespace, console: Console) -> list[Tally]:
    began = time.monotonic()
    deployment = _deployment(chosen)
    names = chosen.only.split(",") if chosen.only else list(SHARES)
    if unknown := set(names) - SHARES.keys():
        raise Unavailable(f"--only names {', '.join(sorted(unknown))}; allowed are {', '.join(SHARES)}.")
    base.emptied(deployment.home)
    sides = both(deployment, chosen.clean_database, restart_snowflake if chosen.restart_snowflake else None)
    made = world.make(dataclasses.replace(WORLD, seed=chosen.seed))
    tallies = []
    with sides[0].opened() as opened, console.status("A world, and a first run on both sides") as status:
        base.write(made, deployment, opened)
        arriving = Arriving(
            made, opened, base.engine(deployment), Random(chosen.seed), deployment.home / FOLDER
        )
        through((RUN,), sides)
        share = sum(SHARES[name] for name in names)
        for name in names:
            kills = round(chosen.kills * SHARES[name] / share)
            tally = run_series(
                name,
                kills,
                sides,
                arriving,
                began + 60 * chosen.minutes,
                lambda so_far: status.update(_line(so_far)),
            )
            console.print(_line(tally), highlight=False)
            tallies.append(tally)
            if tally.differences:
                break
    return tallies


def _deployment(chosen: argparse.Namespace) -> Deployment:
    if not chosen.real:
        return deployment_from({"QUADRANT_HOME": str(chosen.home.absolute())})
    load_dotenv(".env")
    return dataclasses.replace(current(), home=chosen.home.absolute())


def _line(tally: Tally) -> str:
    said = f"{tally.name}: {tally.kills} kills in {tally.rounds} rounds, {tally.in_write} of them in a write"
    api = f"; {tally.api_kills} of the API, {tally.while_posting} of them while documents came"
    return said + (api if tally.api_kills else "")


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


def _promotions(chosen: argparse.Namespace, console: Console) -> int:
    """A load on the promotions services with the store restarted twice, then kills of all; 1 when anything is wrong."""
    home = chosen.home.absolute()
    table = Table(*COLUMNS)
    is_right = True
    for name, plan, seconds in promotions.series(60 * chosen.minutes, chosen.kills, chosen.seed):
        base.emptied(home)
        with console.status(f"{name}: {seconds / 60:.0f} minutes"):
            outcome = promotions.run(home, plan, seconds=seconds)
        table.add_row(name, *shown(outcome))
        is_right = is_right and outcome.is_right and outcome.is_bounded
    console.print(table)
    return int(not is_right)


def _table(tallies: Sequence[Tally]) -> Table:
    table = Table(title="Killed at random, compared with a clean run")
    for name in (
        "series",
        "rounds",
        "kills",
        "in work",
        "in a write",
        "restarts",
        "API kills",
        "tables",
        "rows",
        "differences",
        "s",
    ):
        table.add_column(name, justify="left" if name == "series" else "right", no_wrap=name == "series")
    for tally in tallies:
        table.add_row(
            tally.name,
            *map("{:,}".format, (tally.rounds, tally.kills, tally.in_work, tally.in_write, tally.restarts)),
            *map("{:,}".format, (tally.api_kills, tally.tables, tally.rows, len(tally.differences))),
            f"{tally.took_s:.0f}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
