"""Server processes: started apart from the command that starts them, known again by their pid, ended with a deadline.

What a server is and needs is in its own module.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from resources.unavailable import Unavailable
from servers.server import HOST, Command, Place

_POLL_S = 0.05
_READY_S = 60.0
_END_S = 30.0
_SHOWN_LINES = 15
# The first shell leaves the second one behind, which notes its own pid before it becomes the server.
_NOTED = 'echo $$ > "$0.new" && mv "$0.new" "$0" && exec "$@"'
_DETACHED = ("/bin/sh", "-c", '"$@" &', "detached", "/bin/sh", "-c", _NOTED)


def start(title: str, command: Command, place: Place, is_ready: Callable[[], bool]) -> None:
    """Run a server until it is stopped, and wait until it is ready.

    Raises Unavailable with the end of its log when it ends by itself or is not ready within a minute.
    """
    place.pid_file.unlink(missing_ok=True)
    with place.log.open("ab") as log:
        offset = log.tell()
        subprocess.run(
            [*_DETACHED, str(place.pid_file), *command.arguments],
            cwd=place.state,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=True,
            user=command.user,
            group=command.user,
            extra_groups=() if command.user else None,
        )
    deadline = time.monotonic() + _READY_S
    while not _is_listening(place.port) or not is_ready():
        if (noted := _noted(place)) and _has_ended(noted):
            raise Unavailable(f"{title} ended while it started; its log says:\n{_end(place.log, offset)}")
        if time.monotonic() > deadline:
            stop(command, place)
            raise Unavailable(
                f"{title} was not ready within {_READY_S:g} s; its log says:\n{_end(place.log, offset)}"
            )
        time.sleep(_POLL_S)


def run(arguments: Sequence[str], what: str, user: str | None = None) -> None:
    """Run a tool to its end; raises Unavailable with what it said last when it fails."""
    done = subprocess.run(
        arguments,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=user,
        extra_groups=() if user else None,
    )
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_SHOWN_LINES:])
        raise Unavailable(f"{what} failed:\n{said}")


def stop(command: Command, place: Place) -> bool:
    """End a server and wait until it is gone; whether it ran. One that does not hear is killed after 30 s."""
    running = pid(place)
    if running is None:
        place.pid_file.unlink(missing_ok=True)
        return False
    for ending in (command.ending, signal.SIGKILL):
        os.kill(running, ending)
        deadline = time.monotonic() + _END_S
        while _runs(place, running) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        if not _runs(place, running):
            break
    place.pid_file.unlink(missing_ok=True)
    return True


def pid(place: Place) -> int | None:
    """The process of this place; None when there is none, or when another one has got its number.

    Every server is started with a path of its own place among its arguments.
    """
    found = _noted(place)
    return found if found and str(place.state) in _arguments(found) else None


def refuse_taken(title: str, ports: tuple[int, ...]) -> None:
    """Raises Unavailable for the first port that somebody else listens on."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise Unavailable(
                    f"Port {port} for {title} is taken ({error.strerror}): stop what listens there, or start with "
                    "--free-ports."
                ) from error


def free_ports(count: int) -> tuple[int, ...]:
    """Ports that nobody has now, different ones."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return tuple(int(probe.getsockname()[1]) for probe in probes)
    finally:
        for probe in probes:
            probe.close()


def _noted(place: Place) -> int | None:
    try:
        return int(place.pid_file.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None


def _runs(place: Place, number: int) -> bool:
    """Whether this still is the server of the place. While it ends it has no arguments, and its ports still."""
    arguments = _arguments(number)
    return not _has_ended(number) and (not arguments or str(place.state) in arguments)


def _has_ended(number: int) -> bool:
    """Whether a process is no more. Its arguments do not tell: while it becomes the server, it has none."""
    try:
        os.kill(number, 0)
        state = Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        # The first thread may be gone before the others, who still hold the ports.
        return state == "Z" and len(list(Path(f"/proc/{number}/task").iterdir())) < 2
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    except FileNotFoundError:
        return Path("/proc/self").exists()


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _arguments(number: int) -> str:
    """The command line of a process; empty when it has ended, even if nobody has asked for its exit yet."""
    try:
        return Path(f"/proc/{number}/cmdline").read_text(encoding="utf-8", errors="replace")
    except ProcessLookupError:
        return ""
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(number)], capture_output=True, text=True, check=False
    )
    return listed.stdout


def _end(log: Path, offset: int) -> str:
    with log.open("rb") as file:
        file.seek(offset)
        lines = file.read().decode("utf-8", "replace").splitlines()
    return "\n".join(lines[-_SHOWN_LINES:]) or "nothing."
