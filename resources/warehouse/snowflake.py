"""The production warehouse: Snowflake, or a stand-in that speaks its protocol.

Rows are put on a stage before the transaction and copied into their table within it.
"""

import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resources.sql import Statement, Value, statement
from resources.unavailable import Unavailable
from resources.warehouse.port import Boundary, Warehouse
from resources.warehouse.session import Session
from resources.warehouse.spool import Spool

if TYPE_CHECKING:
    import pyarrow as pa

# Snowflake's error 003001, "Insufficient privileges to operate on".
_INSUFFICIENT_PRIVILEGES = 3001


@dataclass(frozen=True)
class Account:
    """How to reach an account; exactly one of `password` and `private_key` (PEM). Timeouts in seconds.

    The connector retries a statement on network errors until `network_timeout`; a login until `login_timeout`.
    """

    account: str
    user: str
    database: str
    warehouse: str = ""
    role: str = ""
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    host: str = ""
    port: int = 443
    protocol: str = "https"
    login_timeout: int = 30
    network_timeout: int = 120

    def arguments(self, label: str) -> dict[str, Any]:
        """The connector's arguments; `label` becomes the query tag."""
        given: dict[str, Any] = {
            "account": self.account,
            "user": self.user,
            "database": self.database,
            "schema": "PUBLIC",
            "warehouse": self.warehouse,
            "role": self.role,
            "password": self.password,
            "private_key": _der(self.private_key) if self.private_key else None,
            "login_timeout": self.login_timeout,
            "network_timeout": self.network_timeout,
            "paramstyle": "qmark",
            "timezone": "UTC",
            "session_parameters": {"QUERY_TAG": label, "CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False},
        }
        if self.host:
            given |= {"host": self.host, "port": self.port, "protocol": self.protocol}
        return {name: value for name, value in given.items() if value not in (None, "")}


class SnowflakeWarehouse(Warehouse):
    """Tables in one database of an account; each session is its own connection."""

    def __init__(self, account: Account, reached: Boundary = lambda boundary: None) -> None:
        """`reached` is told each boundary of a write."""
        self._account = account
        self.reached = reached

    def uri(self, table: str = "") -> str:
        """`snowflake://`, account, database, then schema and table."""
        base = f"snowflake://{self._account.account}/{self._account.database.lower()}"
        return base + (f"/{table.replace('.', '/')}" if table else "")

    @contextmanager
    def session(self, label: str = "") -> Iterator[Session]:
        """Connect, and close whatever happens."""
        import snowflake.connector

        try:
            connection = snowflake.connector.connect(**self._account.arguments(label))
        except snowflake.connector.Error as error:
            raise Unavailable(
                f"Snowflake account {self._account.account!r} cannot be used as {self._account.user!r} "
                f"({str(error).splitlines()[0]}); check SNOWFLAKE_ACCOUNT, SNOWFLAKE_USER and its key or password."
            ) from error
        try:
            yield self._ready(SnowflakeSession(connection, self.reached))
        finally:
            connection.close()

    def _ready(self, session: "SnowflakeSession") -> Session:
        import snowflake.connector

        try:
            return self._upgraded(session)
        except snowflake.connector.errors.ProgrammingError as error:
            if error.errno != _INSUFFICIENT_PRIVILEGES:
                raise
            raise Unavailable(
                f"Role {self._account.role or 'of the user'} may not upgrade database {self._account.database}: run "
                "`python -m platform_assets upgrade` first, with SNOWFLAKE_ROLE=QUADRANT_OWNER and a user of it."
            ) from error


class SnowflakeSession(Session):
    """One connection to the account."""

    def __init__(self, connection: Any, reached: Boundary) -> None:  # noqa: ANN401 - the driver is imported late
        """The connection stays its owner's."""
        super().__init__(reached)
        self._connection = connection
        self._is_in_transaction = False
        self._stages: dict[int, str] = {}

    def execute(self, query: Statement, values: Mapping[str, Value]) -> int:
        """Run one statement; the number of rows it changed."""
        if query.is_ddl and self._is_in_transaction:
            raise ValueError(f"DDL inside a transaction would commit it: {query.text[:80]}")
        with self._cursor(query, values) as cursor:
            return max(int(cursor.rowcount or 0), 0)

    def fetch(self, text: str, **values: Value) -> "pa.Table":
        """Rows of a SELECT."""
        from resources.warehouse.frames import plain

        with self._cursor(statement(text), values) as cursor:
            return plain(cursor.fetch_arrow_all(force_return_table=True))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self._run("BEGIN")
        self._is_in_transaction = True
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            self._run("ROLLBACK")
            raise
        finally:
            self._is_in_transaction = False
            self._stages.clear()

    def stage(self, spool: Spool) -> None:
        """Put the rows as Parquet on a stage of this session, which Snowflake drops with it."""
        import pyarrow.parquet as pq

        if not spool.rows:
            return
        name = f"ledger.spool_{uuid.uuid4().hex}"
        self._run(f"CREATE TEMPORARY STAGE {name}")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.parquet"
            pq.write_table(spool.read(), path)
            self._run(f"PUT file://{path.as_posix()} @{name} AUTO_COMPRESS = FALSE")
        self._stages[id(spool)] = name

    def append(self, spool: Spool) -> int:
        """Copy the staged rows into their table; the number Snowflake says it loaded."""
        if not spool.rows:
            return 0
        text = (
            f"COPY INTO {spool.table} FROM @{self._stages[id(spool)]} "
            "FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
        )
        with self._connection.cursor() as cursor:
            answer = cursor.execute(text).fetchall()
            loaded = [column[0].lower() for column in cursor.description].index("rows_loaded")
            return sum(int(row[loaded]) for row in answer)

    @contextmanager
    def _cursor(self, query: Statement, values: Mapping[str, Value]) -> Iterator[Any]:
        text, names = query.snowflake
        bound = query.bound(values)
        with self._connection.cursor() as cursor:
            cursor.execute(text, [bound[name] for name in names] or None)
            yield cursor

    def _run(self, text: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(text)


def _der(pem: str) -> bytes:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(pem.encode(), password=None)
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
