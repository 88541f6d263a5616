"""How servers are started and stopped, with one that costs nothing: known again, refused, told about, ended."""

import os
import signal
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from resources.unavailable import Unavailable
from servers import processes
from servers.installation import Installation, shown
from servers.server import Command, Place, Server

LISTENER = """
import socket, sys
port, word = int(sys.argv[2]), sys.argv[3]
print(word, flush=True)
if word == "broken":
    sys.exit(3)
with socket.create_server(("127.0.0.1", port)) as server:
    while True:
        server.accept()[0].close()
"""


class Listener(Server):
    """Takes connections and says nothing."""

    name = "listener"
    title = "Listener"
    ports = (0,)
    lacking = ""
    word = "working"

    def missing(self) -> str:
        return self.lacking

    def prepare(self, place: Place) -> None:
        place.password()

    def command(self, place: Place) -> Command:
        return Command([sys.executable, "-c", LISTENER, str(place.state), str(place.port), self.word])

    def is_ready(self, place: Place) -> bool:
        return True

    def url(self, place: Place) -> str:
        return f"tcp://127.0.0.1:{place.port}"


@pytest.fixture
def server() -> Listener:
    return Listener()


@pytest.fixture
def installation(tmp_path: Path, server: Listener) -> Iterator[Installation]:
    installation = Installation.at(tmp_path / "servers")
    yield installation
    processes.stop(server.command(installation.place(server)), installation.place(server))


def start(installation: Installation, server: Listener) -> list[str]:
    said: list[str] = []
    installation.start([server], said.append, on_free_ports=True)
    return said


def test_a_server_starts_once_runs_on_and_stops(installation: Installation, server: Listener) -> None:
    assert start(installation, server)[-1] == f"Listener runs at {server.url(installation.place(server))}"
    number = processes.pid(installation.place(server))
    assert number
    assert start(installation, server) == [
        f"Listener already runs at {server.url(installation.place(server))}"
    ]
    assert processes.pid(installation.place(server)) == number
    said: list[str] = []
    installation.stop([server], said.append)
    installation.stop([server], said.append)
    assert said == ["Listener stopped", "Listener did not run"]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", installation.place(server).port))


def test_a_server_that_was_killed_is_started_again(installation: Installation, server: Listener) -> None:
    start(installation, server)
    place = installation.place(server)
    number = processes.pid(place)
    assert number
    os.kill(number, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while processes.pid(place):
        assert time.monotonic() < deadline
    start(installation, server)
    assert processes.pid(installation.place(server)) not in (None, number)


def test_a_pid_that_another_process_has_got_is_not_ours(installation: Installation, server: Listener) -> None:
    place = installation.place(server)
    place.state.mkdir(parents=True)
    place.pid_file.write_text(str(os.getpid()))
    assert processes.pid(place) is None
    assert not processes.stop(server.command(place), place)


def test_a_server_that_ends_at_once_is_told_with_the_end_of_its_log(
    installation: Installation, server: Listener
) -> None:
    server.word = "broken"
    with pytest.raises(Unavailable, match="Listener ended while it started; its log says:\nbroken"):
        start(installation, server)


def test_a_taken_port_is_refused_by_name_and_number() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=f"Port {port} for Listener is taken"):
            processes.refuse_taken("Listener", (port,))


def test_what_a_machine_lacks_skips_a_server_and_says_how_to_get_it(
    installation: Installation, server: Listener
) -> None:
    server.lacking = "java not found; Debian: apt install default-jre"
    assert start(installation, server) == [
        "Listener is skipped: java not found; Debian: apt install default-jre."
    ]


def test_a_second_command_at_one_time_is_refused(installation: Installation) -> None:
    with (
        installation.locked(),
        pytest.raises(Unavailable, match="Another command works on the servers"),
        installation.locked(),
    ):
        pass


def test_passwords_are_kept_and_only_their_owner_reads_them(
    installation: Installation, server: Listener
) -> None:
    start(installation, server)
    place = installation.place(server)
    assert len(place.password()) >= 32
    assert place.password() == installation.place(server).password()
    for path in (place.password_file, installation.settings_file):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_settings_are_shown_without_their_secrets() -> None:
    secrets = {
        "SNOWFLAKE_PASSWORD": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "CRM_URL": "postgresql+psycopg://someone:c@127.0.0.1:5432/crm",
        "MONGO_URL": "mongodb://someone:e@127.0.0.1:27017/?authSource=admin",
        "DAGSTER_PG_PASSWORD": "d",
    }
    plain = {"S3_BUCKET": "quadrant", "S3_ENDPOINT_URL": "http://127.0.0.1:19000"}
    assert shown({**secrets, **plain}) == [
        *(f"{name}=..." for name in secrets),
        *(f"{name}={value}" for name, value in plain.items()),
    ]
