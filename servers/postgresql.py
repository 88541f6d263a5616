"""PostgreSQL as this machine has it, for the CRM and for Dagster's storage.

It refuses to run as root, so root runs it as the user `postgres`, to whom its state then belongs.
"""

import os
import shutil
import signal
from pathlib import Path

import sqlalchemy as sa

from resources.unavailable import Unavailable
from servers import processes
from servers.server import HOST, USER, Command, Place, Server

_DEBIAN = Path("/usr/lib/postgresql")
_RUNNER = "postgres"
DATABASES = ("crm", "dagster")


class PostgreSql(Server):
    """A cluster with one user, whose password is asked for (SCRAM-SHA-256), and the databases `crm` and `dagster`."""

    name = "postgresql"
    title = "PostgreSQL"
    ports = (15432,)

    def missing(self) -> str:
        """Its programs, on PATH or where Debian puts them."""
        return "" if _programs() else "PostgreSQL not found; Debian: apt install postgresql"

    def prepare(self, place: Place) -> None:
        """Make the cluster at the first start; one that was interrupted is made anew."""
        place.password()
        self._give_away(place)
        if place.data.exists():
            return
        partial = place.state / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        arguments = [self._program("initdb"), "-D", str(partial), "-U", USER, "--auth=scram-sha-256"]
        arguments += [f"--pwfile={place.password_file}", "-E", "UTF8", "--locale=C"]
        processes.run(arguments, "Making PostgreSQL's cluster", _runner())
        partial.replace(place.data)

    def command(self, place: Place) -> Command:
        """SIGINT is PostgreSQL's fast shutdown: it waits for no client."""
        arguments = [self._program("postgres"), "-D", str(place.data), "-p", str(place.port)]
        settings = (f"listen_addresses={HOST}", "unix_socket_directories=", "max_connections=200")
        for setting in settings:
            arguments += ["-c", setting]
        return Command(arguments, user=_runner(), ending=signal.SIGINT)

    def is_ready(self, place: Place) -> bool:
        """Whether its user can log in."""
        try:
            self.run(place, "postgres", "SELECT 1")
        except sa.exc.OperationalError:
            return False
        return True

    def furnish(self, place: Place) -> None:
        """Make the databases."""
        for database in DATABASES:
            self.create(place, database)

    def create(self, place: Place, database: str) -> None:
        """Make a database, unless it exists."""
        found = self.run(place, "postgres", "SELECT datname FROM pg_database")
        if database not in found:
            self.run(place, "postgres", f'CREATE DATABASE "{database}"')

    def drop(self, place: Place, database: str) -> None:
        """Remove a database, whoever still uses it."""
        self.run(place, "postgres", f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def run(self, place: Place, database: str, statement: str) -> list[object]:
        """Run one statement; the first column of its rows."""
        engine = sa.create_engine(
            self.address(place, database),
            isolation_level="AUTOCOMMIT",
            poolclass=sa.NullPool,
            connect_args={"connect_timeout": 5},
        )
        with engine.connect() as connection:
            result = connection.exec_driver_sql(statement)
            return list(result.scalars()) if result.returns_rows else []

    def url(self, place: Place) -> str:
        """The server, of which the databases are parts."""
        return f"postgresql://{HOST}:{place.port}"

    def settings(self, place: Place) -> dict[str, str]:
        """The CRM, and Dagster's storage as `deploy/dagster.yaml` asks for it."""
        crm, dagster = DATABASES
        return {
            "CRM_URL": self.address(place, crm).render_as_string(hide_password=False),
            "DAGSTER_PG_HOST": HOST,
            "DAGSTER_PG_PORT": str(place.port),
            "DAGSTER_PG_USER": USER,
            "DAGSTER_PG_PASSWORD": place.password(),
            "DAGSTER_PG_DB": dagster,
        }

    @staticmethod
    def address(place: Place, database: str) -> sa.URL:
        """How to reach a database, its password included."""
        return sa.URL.create(
            "postgresql+psycopg2", USER, place.password(), host=HOST, port=place.port, database=database
        )

    @staticmethod
    def _program(name: str) -> str:
        folder = _programs()
        if folder is None:
            raise Unavailable("PostgreSQL is not found: install it, on Debian by apt install postgresql.")
        return str(folder / name)

    @staticmethod
    def _give_away(place: Place) -> None:
        runner = _runner()
        if runner is None:
            return
        for path in (place.state, place.password_file):
            shutil.chown(path, runner, runner)
        try:
            processes.run(["test", "-w", str(place.state)], "", runner)
        except Unavailable:
            raise Unavailable(
                f"PostgreSQL runs as user {runner}, who cannot enter {place.state}: put the clone where others may "
                "enter, or do not start the servers as root."
            ) from None


def _programs() -> Path | None:
    """The folder of `initdb` and `postgres`, of the newest version."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(_DEBIAN.glob("*/bin"), key=lambda folder: (len(folder.parent.name), folder), reverse=True)
    return next((folder for folder in found if (folder / "postgres").exists()), None)


def _runner() -> str | None:
    return _RUNNER if os.geteuid() == 0 else None
