"""fakesnow, which speaks Snowflake's HTTP protocol over DuckDB.

It proves the protocol, not the speed, and checks no password; a live account is used by `SNOWFLAKE_*` alone.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from servers.server import HOST, Command, Place, Server

ACCOUNT = {
    "SNOWFLAKE_ACCOUNT": "fakesnow",
    "SNOWFLAKE_USER": "fake",
    "SNOWFLAKE_PASSWORD": "snow",
    "SNOWFLAKE_DATABASE": "quadrant",
    "SNOWFLAKE_PROTOCOL": "http",
    "SNOWFLAKE_HOST": "localhost",
}


class Snowflake(Server):
    """A stand-in for an account; a database exists from its first connection on."""

    name = "snowflake"
    title = "Snowflake's protocol (fakesnow)"
    ports = (18085,)

    def missing(self) -> str:
        """A package of the test group."""
        return "" if find_spec("fakesnow") else "fakesnow not found; make test installs it"

    def prepare(self, place: Place) -> None:
        """Make its folder."""
        place.data.mkdir(exist_ok=True)

    def command(self, place: Place) -> Command:
        """Databases are files of its folder."""
        # Without the folder of the program on the path, where this module would hide the connector's package.
        program = [sys.executable, "-P", str(Path(__file__).with_name("snowflake_on_disk.py"))]
        return Command([*program, HOST, str(place.port), str(place.data)])

    def is_ready(self, place: Place) -> bool:
        """Whether it answers a SELECT of the connector."""
        import snowflake.connector

        try:
            with (
                snowflake.connector.connect(
                    account="fakesnow",
                    user="fake",
                    password="snow",
                    host="localhost",
                    port=place.port,
                    protocol="http",
                    login_timeout=10,
                    network_timeout=10,
                    session_parameters={"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False},
                ) as connection,
                connection.cursor() as cursor,
            ):
                cursor.execute("SELECT 1")
                return bool(cursor.fetchone())
        except snowflake.connector.Error:
            return False

    def url(self, place: Place) -> str:
        """The server."""
        return f"http://{HOST}:{place.port}"

    def settings(self, place: Place) -> dict[str, str]:
        """The address, and what every client of the stand-in gives."""
        return {**ACCOUNT, "SNOWFLAKE_PORT": str(place.port)}
