"""The real servers that `--real` hands to tests: those of an installation, and a live Snowflake account if one is set.

A server that does not run skips the tests that need it; starting it is the matter of `python -m servers`.
"""

import dataclasses
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from resources.warehouse.snowflake import Account
from servers import processes
from servers.installation import Installation
from servers.kafka import Kafka
from servers.mongodb import MongoDb
from servers.postgresql import PostgreSql
from servers.s3 import S3
from servers.server import USER, Place, Server
from servers.snowflake import Snowflake
from tests.servers import S3Server
from tests.warehouse_servers import SnowflakeServer


@dataclass(frozen=True)
class RealServers:
    """Servers of one installation."""

    installation: Installation

    def place(self, server: Server) -> Place:
        """Where a server runs; skips the test when it does not."""
        place = self.installation.place(server)
        if processes.pid(place) is None:
            pytest.skip(f"{server.title} does not run: {server.missing() or 'python -m servers start'}")
        return place

    def kafka(self) -> str:
        """The broker's address."""
        return Kafka.address(self.place(Kafka()))

    def s3(self) -> S3Server:
        """The S3 server."""
        place = self.place(S3())
        return S3Server(S3().url(place), USER, place.password())

    def mongodb(self, database: str = "") -> str:
        """The address of the MongoDB, or of a database of it, its password included."""
        server, _, options = MongoDb().address(self.place(MongoDb())).partition("?")
        return f"{server}{database}?{options}"

    @contextmanager
    def postgresql(self) -> Iterator[str]:
        """The URL of a database of the test's own, dropped afterwards."""
        server, name = PostgreSql(), f"t{uuid.uuid4().hex[:12]}"
        place = self.place(server)
        server.create(place, name)
        try:
            yield server.address(place, name).render_as_string(hide_password=False)
        finally:
            server.drop(place, name)

    @contextmanager
    def dagster_storage(self) -> Iterator[dict[str, str]]:
        """`DAGSTER_PG_*` of a database of the test's own, dropped afterwards."""
        with self.postgresql() as url:
            database = url.rpartition("/")[2]
            settings = PostgreSql().settings(self.place(PostgreSql()))
            mine = {name: value for name, value in settings.items() if name.startswith("DAGSTER_PG_")}
            yield {**mine, "DAGSTER_PG_DB": database}

    def stand_in(self) -> SnowflakeServer:
        """The stand-in for Snowflake."""
        return SnowflakeServer(self.place(Snowflake()).port)

    @contextmanager
    def snowflake(self) -> Iterator[SnowflakeServer]:
        """A live account where `SNOWFLAKE_*` names one, else the stand-in."""
        # Only here, for Dagster takes a second to load.
        from resources.deployments import current, resources_for

        deployment = current()
        if "SNOWFLAKE_ACCOUNT" not in deployment.settings or "SNOWFLAKE_HOST" in deployment.settings:
            yield self.stand_in()
            return
        resource = resources_for(deployment)["warehouse"]
        given = {
            field.name: _value(getattr(resource, field.name, None)) for field in dataclasses.fields(Account)
        }
        live = LiveAccount(
            443, Account(**{name: value for name, value in given.items() if value is not None})
        )
        try:
            yield live
        finally:
            live.clean()


@dataclass(frozen=True)
class LiveAccount(SnowflakeServer):
    """A live account, in which each test has a database of its own until the end."""

    given: Account
    _made: list[str] = dataclasses.field(default_factory=list)

    def account(self, database: str) -> Account:
        """How to reach a database of it."""
        return dataclasses.replace(self.given, database=database)

    def new_database(self) -> str:
        """The name of an empty database."""
        name = f"quadrant_test_{uuid.uuid4().hex[:12]}"
        self._execute(f"CREATE TRANSIENT DATABASE {name}")
        self._made.append(name)
        return name

    def clean(self) -> None:
        """Drop what was made."""
        for name in self._made:
            self._execute(f"DROP DATABASE IF EXISTS {name}")

    def _execute(self, statement: str) -> None:
        import snowflake.connector

        with (
            closing(snowflake.connector.connect(**self.given.arguments("test"))) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def _value(setting: Any) -> Any:
    """A secret is still the name of its variable."""
    return setting.get_value() if hasattr(setting, "get_value") else setting
