"""`python -m platform_assets COMMAND`: what `make` calls, and what operators do by hand."""

import argparse
import logging
import os
import signal
import socket
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from dotenv import load_dotenv
from rich.console import Console

from platform_assets.console.arguments import LAUNCH_CAMPAIGN
from resources.deployments import Deployment, current
from resources.unavailable import Unavailable


def main() -> int:
    """Run one command; 1 and a sentence when something outside is wrong."""
    parser = argparse.ArgumentParser(
        prog="quadrant", description="Five data systems as one Dagster asset graph."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, command in sorted(COMMANDS.items()):
        about = (command.__doc__ or "").partition("\n")[0]
        known = commands.add_parser(name, help=about, description=about)
        for argument, meaning in ARGUMENTS.get(name, {}).items():
            known.add_argument(argument, **({"help": meaning} if isinstance(meaning, str) else meaning))
    given = vars(parser.parse_args())
    chosen = given.pop("command")
    # As the dagster commands do; what the shell says comes first.
    load_dotenv(".env")
    console = Console()
    logging.getLogger("dagster").setLevel(logging.ERROR)
    # It logs what interrupts it with a trace, and then raises that all the same.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    warnings.simplefilter("ignore")
    from platform_assets.console.progress import RunFailed

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        COMMANDS[chosen](console, current(), **given)
    except (Unavailable, RunFailed) as error:
        # Not among what `rejects` writes.
        Console(stderr=True, soft_wrap=True).print(f"[red]✗[/red] {error}", highlight=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    return 0


def run(console: Console, deployment: Deployment) -> None:
    """The whole graph once."""
    from platform_assets.console import ports
    from platform_assets.console.run import run as run_graph
    from platform_assets.definitions import definitions_for

    prepare(console, deployment)
    with ports.opened(deployment, *ports.of_a_run(deployment)) as opened:
        definitions = definitions_for(deployment)
        is_confirmed = deployment.is_confirm_required
        run_graph(console, definitions, opened, deployment.home, is_confirm_required=is_confirmed)


def arrive(console: Console, deployment: Deployment) -> None:
    """A new address file, new tweets, and a new file to list."""
    from platform_assets.console import ports
    from samples import listing_tree, world

    if not deployment.is_local:
        raise Unavailable(f"QUADRANT_DEPLOYMENT is {deployment.name!r}; sample arrivals are for local only.")
    prepare(console, deployment)
    with ports.opened(deployment, "object_store", "message_log") as opened:
        arrival = world.arrive(opened.object_store, opened.message_log, deployment.home)
    tree = deployment.home / listing_tree.FOLDER
    listed = f", and {listing_tree.arrive(tree)}" if tree.is_dir() else ""
    console.print(
        f"Arrived: {arrival.key} with {arrival.addresses} addresses, {arrival.tweets} tweets{listed}."
    )
    console.print(
        "With `make ui` running, the sensors take them in within a minute; otherwise `make run` does."
    )


def sql(console: Console, deployment: Deployment) -> None:
    """A shell on the warehouse."""
    from platform_assets.console import ports
    from platform_assets.console.shell import shell

    with ports.opened(deployment, "warehouse") as opened:
        shell(opened.warehouse, console)


def ui(console: Console, deployment: Deployment) -> None:
    """Dagster's UI, daemon and code server, until Ctrl-C."""
    import dagster as dg

    from platform_assets.console.recovery import end_dead_runs

    prepare(console, deployment)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", deployment.ui_port))
        except OSError as error:
            raise Unavailable(
                f"Port {deployment.ui_port} is taken; stop what listens there, or set DAGSTER_PORT to another port."
            ) from error
    with dg.DagsterInstance.get() as instance:
        end_dead_runs(instance, console)
    console.print(f"Dagster at http://127.0.0.1:{deployment.ui_port}; Ctrl-C stops everything.")
    arguments = ["dev", "--host", "127.0.0.1", "--port", str(deployment.ui_port), "--log-level", "warning"]
    os.execv(sys.executable, [sys.executable, "-W", "ignore", "-m", "dagster", *arguments])


def prepare(console: Console, deployment: Deployment) -> None:
    """Make the sample world, in a local deployment that has no data of its own."""
    from samples import crm, world

    home = deployment.home
    if not deployment.is_local or world.is_written(home):
        return
    if not OWN_DATA & deployment.settings.keys() and world.is_free(home):
        with console.status("Making the sample world"):
            written = world.write(world.make(world.WorldConfig()), home)
        console.print(
            f"Made a sample world: {written.addresses:,} address rows in {written.files} files, "
            f"{written.customers:,} customers, {written.tweets:,} messages, {written.receipts:,} receipts."
        )
    elif "CRM_URL" not in deployment.settings and not (home / "crm.sqlite").exists():
        home.mkdir(parents=True, exist_ok=True)
        crm.write(home / "crm.sqlite", crm.Tables([], []))
        console.print(
            f"Data of your own, so no sample world. {home / 'crm.sqlite'} is an empty CRM; or set CRM_URL."
        )


def upgrade(console: Console, deployment: Deployment) -> None:
    """Bring the warehouse to today's tables, without a run; production does so before a deployment."""
    from platform_assets.console import ports

    with ports.opened(deployment, "warehouse") as opened, opened.warehouse.session("upgrade"):
        console.print(f"{opened.warehouse.uri()} has today's tables.", highlight=False)


def rejects(console: Console, deployment: Deployment, file: str) -> None:
    """Write the rejects of an address file to standard output, as CSV to correct."""
    from platform_assets.console import operations, ports

    with ports.opened(deployment, "warehouse") as opened:
        sys.stdout.write(operations.sheet_of(file, opened.warehouse))


def repair(console: Console, deployment: Deployment, sheet: str) -> None:
    """Hand the corrected rejects of an address file back, then refresh."""
    from platform_assets.console import operations, ports
    from platform_assets.definitions import definitions_for

    with ports.opened(deployment, "warehouse", "object_store") as opened:
        operations.repair(console, definitions_for(deployment), opened, sheet)


def replay_file(console: Console, deployment: Deployment, file: str) -> None:
    """Take an address file in again although its version is known, then refresh."""
    from platform_assets.console import operations
    from platform_assets.definitions import definitions_for

    operations.replay_file(console, definitions_for(deployment), file)


def replay_quadrant(console: Console, deployment: Deployment, quadrant: str) -> None:
    """Locate the tweets of a quadrant anew, and bring up to date what depends on them."""
    from platform_assets.console import operations
    from platform_assets.definitions import definitions_for

    operations.replay_quadrant(console, definitions_for(deployment), quadrant)


def replay_topic(
    console: Console, deployment: Deployment, *, earliest: bool, from_time: str, from_offset: list[str]
) -> None:
    """Read topic `tweets` again from an earlier place, then refresh."""
    from platform_assets.console import operations
    from platform_assets.definitions import definitions_for

    operations.replay_topic(
        console, definitions_for(deployment), from_offset, from_time, is_earliest=earliest
    )


def load_promotions(console: Console, deployment: Deployment, file: str) -> None:
    """Add the promotions of a JSON file to the store; those that are there stay as they are."""
    from platform_assets.console import ports, promotions_file

    with ports.opened(deployment, "promotion_store") as opened:
        promotions_file.load(console, opened.promotion_store, file)


def launch_campaign(console: Console, deployment: Deployment, **given: Any) -> None:  # noqa: ANN401 - its fields
    """Launch a campaign: who gets which promotion and who is held out, then refresh."""
    from platform_assets.console import operations
    from platform_assets.definitions import definitions_for

    operations.launch_campaign(console, definitions_for(deployment), given)


OWN_DATA = {"CRM_URL", "S3_BUCKET", "KAFKA_BOOTSTRAP_SERVERS"}
ARGUMENTS: dict[str, Mapping[str, Any]] = {
    "rejects": {"file": "object key, such as geo/incoming/x.csv"},
    "repair": {"sheet": "path of the corrected CSV"},
    "load_promotions": {"file": "path of a JSON array, or of JSON objects on lines"},
    "replay_file": {"file": "object key, such as geo/incoming/x.csv"},
    "replay_quadrant": {"quadrant": "northeast, northwest, southeast or southwest"},
    "launch_campaign": LAUNCH_CAMPAIGN,
    "replay_topic": {
        "--earliest": {"action": "store_true", "help": "all that the log still holds"},
        "--from-time": {
            "default": "",
            "metavar": "TIME",
            "help": "what was published at or after it, such as 2026-11-01T12:00:00+00:00",
        },
        "--from-offset": {
            "nargs": "+",
            "default": [],
            "metavar": "PARTITION=OFFSET",
            "help": "first offset of each partition, such as 0=1200; the others stay",
        },
    },
}
"""Arguments of commands that have some, and what they mean, or all that argparse is told of them."""

COMMANDS: dict[str, Callable[..., None]] = {
    "run": run,
    "ui": ui,
    "arrive": arrive,
    "sql": sql,
    "upgrade": upgrade,
    "rejects": rejects,
    "repair": repair,
    "load_promotions": load_promotions,
    "replay_file": replay_file,
    "replay_quadrant": replay_quadrant,
    "replay_topic": replay_topic,
    "launch_campaign": launch_campaign,
}

if __name__ == "__main__":
    sys.exit(main())
