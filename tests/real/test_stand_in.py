"""The stand-in for Snowflake is one that can be restarted: what was committed is there, what was begun is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from servers.installation import Installation
from servers.snowflake import Snowflake
from tests.warehouse_servers import SnowflakeServer

if TYPE_CHECKING:
    from snowflake.connector.cursor import SnowflakeCursor

SERVER = Snowflake()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A stand-in of the test's own, stopped afterwards."""
    own = Installation(tmp_path, tmp_path)
    yield own
    own.stop([SERVER], print)


@contextmanager
def _cursor(installation: Installation) -> "Iterator[SnowflakeCursor]":
    """A cursor of a client that is gone without a word in the end."""
    import snowflake.connector

    installation.start([SERVER], print, on_free_ports=True)
    account = SnowflakeServer(installation.place(SERVER).port).account("kept")
    given = {
        name: getattr(account, name) for name in ("account", "user", "password", "host", "port", "protocol")
    }
    connection = snowflake.connector.connect(database="kept", **given)
    yield connection.cursor()
    installation.stop([SERVER], print)
    connection.close(retry=False)


def test_what_was_committed_survives_a_restart_and_what_was_begun_does_not(
    installation: Installation,
) -> None:
    with _cursor(installation) as cursor:
        cursor.execute("CREATE SCHEMA s")
        cursor.execute("CREATE TABLE s.t (x BIGINT)")
        cursor.execute("INSERT INTO s.t VALUES (1)")
        cursor.execute("BEGIN")
        cursor.execute("INSERT INTO s.t VALUES (2)")
    with _cursor(installation) as cursor:
        cursor.execute("SELECT x FROM s.t")
        assert cursor.fetchall() == [(1,)]
