"""`python -m platform_assets run|ui|arrive|sql`: what `make` calls."""

import argparse
import logging
import os
import signal
import socket
import sys
import warnings
from collections.abc import Callable

from dotenv import load_dotenv
from rich.console import Console

from resources.deployments import Deployment, current
from resources.unavailable import Unavailable


def main() -> int:
    """Run one command; 1 and a sentence when something outside is wrong."""
    parser = argparse.ArgumentParser(
        prog="quadrant", description="Five data systems as one Dagster asset graph."
    )
    parser.add_argument("command", choices=sorted(COMMANDS))
    chosen = parser.parse_args().command
    # As the dagster commands do; what the shell says comes first.
    load_dotenv(".env")
    console = Console()
    logging.getLogger("dagster").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    from platform_assets.console.progress import RunFailed

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        COMMANDS[chosen](console, current())
    except (Unavailable, RunFailed) as error:
        console.print(f"[red]✗[/red] {error}", highlight=False)
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
    with ports.opened(deployment, "warehouse", "object_store") as opened:
        run_graph(
            console, definitions_for(deployment), opened, is_confirm_required=deployment.is_confirm_required
        )


def arrive(console: Console, deployment: Deployment) -> None:
    """A new address file and new tweets."""
    from platform_assets.console import ports
    from samples import world

    if not deployment.is_local:
        raise Unavailable(f"QUADRANT_DEPLOYMENT is {deployment.name!r}; sample arrivals are for local only.")
    prepare(console, deployment)
    with ports.opened(deployment, "object_store", "message_log") as opened:
        arrival = world.arrive(opened.object_store, opened.message_log, deployment.home)
    console.print(f"Arrived: {arrival.key} with {arrival.addresses} addresses, and {arrival.tweets} tweets.")
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
            f"{written.customers:,} customers, {written.tweets:,} messages."
        )
    elif "CRM_URL" not in deployment.settings and not (home / "crm.sqlite").exists():
        home.mkdir(parents=True, exist_ok=True)
        crm.write(home / "crm.sqlite", crm.Tables([], []))
        console.print(
            f"Data of your own, so no sample world. {home / 'crm.sqlite'} is an empty CRM; or set CRM_URL."
        )


OWN_DATA = {"CRM_URL", "S3_BUCKET", "KAFKA_BOOTSTRAP_SERVERS"}
COMMANDS: dict[str, Callable[[Console, Deployment], None]] = {
    "run": run,
    "ui": ui,
    "arrive": arrive,
    "sql": sql,
}

if __name__ == "__main__":
    sys.exit(main())
