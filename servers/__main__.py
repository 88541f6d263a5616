"""`python -m servers start|stop|status|fill|test`: what `make servers`, `stop-servers` and `test-real` call."""

import argparse
import signal
import sys
from pathlib import Path

from dotenv import load_dotenv
from rich.console import Console
from rich.table import Table

from resources.deployments import current
from resources.unavailable import Unavailable
from samples import world
from servers import filling, processes, trial
from servers.installation import SERVERS, Installation, shown


def main() -> int:
    """Run one command; 1 and a sentence when something is wrong, for `test` pytest's exit code."""
    parser = argparse.ArgumentParser(prog="python -m servers", description="Real servers on loopback.")
    commands = parser.add_subparsers(dest="command", required=True)
    names = [server.name for server in SERVERS]
    for command, what in (("start", "install and start what does not run"), ("stop", "stop; data stay")):
        chosen = commands.add_parser(command, help=what)
        chosen.add_argument("names", nargs="*", choices=[*names, []], metavar="NAME", help=", ".join(names))
        if command == "start":
            chosen.add_argument("--free-ports", action="store_true", help="not the fixed ones")
    commands.add_parser("status", help="which run, and where")
    commands.add_parser("fill", help="put the sample world into them")
    commands.add_parser("test", help="test on servers of its own; further arguments are pytest's")
    given, rest = parser.parse_known_args()
    if rest and given.command != "test":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(highlight=False, soft_wrap=True)
    try:
        return _run(console, given, rest)
    except Unavailable as error:
        console.print(f"[red]✗[/red] {error}")
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130


def _run(console: Console, given: argparse.Namespace, rest: list[str]) -> int:
    installation = Installation.at()
    if given.command == "test":
        load_dotenv(".env")
        settings = current().settings
        is_live = "SNOWFLAKE_ACCOUNT" in settings and "SNOWFLAKE_HOST" not in settings
        return trial.run(console.print, rest, is_live=is_live)
    if given.command == "status":
        _show(console, installation)
        return 0
    names = getattr(given, "names", [])
    chosen = [server for server in SERVERS if server.name in names or not names]
    with installation.locked():
        if given.command == "fill":
            filling.fill(installation, console.print, world.WorldConfig())
        elif given.command == "stop":
            installation.stop(chosen, console.print)
        else:
            installation.start(chosen, console.print, on_free_ports=given.free_ports)
            _tell(console, installation)
    return 0


def _tell(console: Console, installation: Installation) -> None:
    """What to put into .env, its secrets in a file."""
    file = installation.settings_file.relative_to(Path.cwd())
    console.print(f"\nTo use them: cat {file} >> .env, which adds these lines (... stands for a secret):")
    for line in shown(installation.settings()):
        console.print(f"  {line}", markup=False)


def _show(console: Console, installation: Installation) -> None:
    table = Table("server", "state", "address", "pid", box=None)
    for server in SERVERS:
        place = installation.place(server)
        number = processes.pid(place)
        state = "runs" if number else "cannot run" if server.missing() else "stopped"
        told = server.url(place) if number else server.missing()
        table.add_row(server.name, state, told, str(number or ""))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
