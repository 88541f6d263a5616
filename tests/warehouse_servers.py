"""The Snowflake stand-in that tests start: fakesnow in a process of its own, spoken to over HTTP by the real connector.

Here it starts by a deadline, is reaped, and gives databases; what a warehouse must do is the matter of the tests.
"""

import subprocess
import sysconfig
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from resources.sql import statement
from resources.warehouse import SnowflakeWarehouse, Warehouse
from resources.warehouse.snowflake import Account

_DEADLINE_S = 30.0
_READY = "Uvicorn running on http://"

Reached = Callable[[str], None]


def ignore(boundary: str) -> None:
    """Nothing happens at a boundary."""


@dataclass(frozen=True)
class SnowflakeServer:
    """A running stand-in; a database exists from its first connection on."""

    port: int

    def account(self, database: str) -> Account:
        """How to reach a database of it."""
        return Account(
            "fakesnow",
            "fake",
            database=database,
            password="snow",
            host="localhost",
            port=self.port,
            protocol="http",
            network_timeout=15,
        )

    def warehouse(self, database: str, reached: Reached = ignore) -> SnowflakeWarehouse:
        """A warehouse in a database of it."""
        return SnowflakeWarehouse(self.account(database), reached)

    def new_database(self) -> str:
        """The name of a database that does not exist."""
        return f"d{uuid.uuid4().hex[:12]}"


@contextmanager
def snowflake_server() -> Iterator[SnowflakeServer]:
    """fakesnow on a port of the system's choice, ready when handed over."""
    command = [str(Path(sysconfig.get_path("scripts")) / "fakesnow"), "-s", "-p", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines: SimpleQueue[str] = SimpleQueue()
    reader = threading.Thread(target=_drained, args=(process, lines), daemon=True)
    reader.start()
    try:
        yield SnowflakeServer(_announced(lines))
    finally:
        process.kill()
        process.wait(_DEADLINE_S)
        reader.join(_DEADLINE_S)
        if process.stdout:
            process.stdout.close()


def emptied(warehouse: Warehouse) -> None:
    """Leave an upgraded warehouse without rows, as it was after its upgrade; every write has left a version."""
    with warehouse.session("empty") as session:
        written = session.rows("SELECT DISTINCT table_name FROM ledger.table_versions")
        for table in [*(str(row["table_name"]) for row in written), "ledger.table_versions"]:
            session.execute(statement(f"DELETE FROM {table}"), {})
        # The seed row of the positions is part of an upgraded warehouse.
        session.execute(statement("DELETE FROM ledger.positions WHERE source <> ''"), {})


def _drained(process: "subprocess.Popen[str]", lines: "SimpleQueue[str]") -> None:
    """A pipe that nobody reads would stop the server; the empty line says that it has ended."""
    for line in process.stdout or ():
        lines.put(line)
    lines.put("")


def _announced(lines: "SimpleQueue[str]") -> int:
    seen = ""
    try:
        while line := lines.get(timeout=_DEADLINE_S):
            seen += line
            if _READY in line:
                return int(line.partition(_READY)[2].partition(" ")[0].rpartition(":")[2])
    except Empty:
        pass
    raise RuntimeError(f"fakesnow did not say {_READY!r} within {_DEADLINE_S:g} s, but: {seen}")
