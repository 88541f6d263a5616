"""Opening the CRM's database, and what to tell a person when that fails.

Knows drivers and isolation levels, no tables; no user, password or query of the URL ever leaves this module.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from resources.unavailable import Unavailable

_TIMEOUT_S = 10
# Each driver has its own word for the seconds that connecting may take.
_CONNECT_TIMEOUT = {
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
    "mysqlconnector": "connection_timeout",
    "oracledb": "tcp_connect_timeout",
    "pyodbc": "timeout",
    "pymssql": "login_timeout",
    "snowflake": "login_timeout",
}
# Which driver to name where one is missing, and the package that brings it.
_PACKAGES = {
    "postgresql": ("postgresql+psycopg2", "psycopg2-binary"),
    "mysql": ("mysql+pymysql", "pymysql"),
    "oracle": ("oracle+oracledb", "oracledb"),
    "mssql": ("mssql+pyodbc", "pyodbc"),
}
# Under which isolation a transaction sees one state; elsewhere a snapshot is one connection only.
_ONE_STATE = {"postgresql": "REPEATABLE READ", "mysql": "REPEATABLE READ", "oracle": "SERIALIZABLE"}


@contextmanager
def connected(url: str, *, is_one_state: bool = False) -> Iterator[sa.Connection]:
    """One connection, closed whatever happens; `is_one_state`: all that is asked sees one state. Raises Unavailable."""
    engine = _engine(_parsed(url))
    with translated(url), engine.connect() as connection:
        _begin(connection, is_one_state)
        yield connection


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn what the database says into one sentence; the driver's own error may hold a secret: dropped."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        reason = _without_secrets(_parsed(url), " ".join(str(cause).split()).rstrip("."))
        raise Unavailable(
            f"The CRM at CRM_URL {place(url)} cannot be read ({reason}): check its address, that it runs, "
            "and the user, password and rights in CRM_URL."
        ) from None


def place(url: str) -> str:
    """Kind, host, port and database, nothing else."""
    parsed = _parsed(url)
    return sa.URL.create(
        parsed.get_backend_name(), host=parsed.host, port=parsed.port, database=parsed.database
    ).render_as_string()


def _begin(connection: sa.Connection, is_one_state: bool) -> None:
    """Begin the transaction, which ends with the connection."""
    kind = connection.dialect.name
    if is_one_state and kind in _ONE_STATE:
        connection.execution_options(isolation_level=_ONE_STATE[kind])
    if kind == "sqlite" and is_one_state:
        connection.exec_driver_sql("BEGIN")
    elif kind == "postgresql":
        connection.execution_options(postgresql_readonly=True)
        # Times are read as text, so that text must be the same whatever the server or the role has set; LOCAL, for a
        # pooler gives the session to others.
        connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
        connection.exec_driver_sql("SET LOCAL datestyle = 'ISO'")


def _parsed(url: str) -> sa.URL:
    try:
        return sa.make_url(url)
    except (ArgumentError, ValueError):
        # The text may hold a password wherever its syntax is wrong.
        raise Unavailable(
            "CRM_URL is no database address: write it like postgresql+psycopg2://user:password@host/database."
        ) from None


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    try:
        driver = url.get_dialect().driver
        timeout = {_CONNECT_TIMEOUT[driver]: _TIMEOUT_S} if driver in _CONNECT_TIMEOUT else {}
        return sa.create_engine(url, poolclass=sa.NullPool, connect_args=timeout, hide_parameters=True)
    except (ImportError, ArgumentError) as error:
        known = _PACKAGES.get(url.get_backend_name())
        how = f"write {known[0]}://, and install {known[1]}" if known else "install it, or name another one"
        raise Unavailable(
            f"CRM_URL names the database {url.drivername!r}, whose driver is missing ({error}): {how} "
            "by .venv/bin/pip install."
        ) from None


def _sqlite(url: sa.URL) -> sa.Engine:
    path = Path(url.database or "").absolute()
    if not path.is_file():
        raise Unavailable(
            f"The CRM file {path} of CRM_URL does not exist: correct CRM_URL, or make the file."
        )

    def opened() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode=ro", uri=True, timeout=_TIMEOUT_S, isolation_level=None
        )
        # A CRM's stray byte must reach the quarantine, not end the extraction.
        connection.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
        return connection

    return sa.create_engine("sqlite://", creator=opened, poolclass=sa.NullPool, hide_parameters=True)


def _without_secrets(url: sa.URL, text: str) -> str:
    values = [url.password, *(value for value in url.query.values() if isinstance(value, str))]
    for secret in filter(None, values):
        for spelling in (str(secret), quote(str(secret)), quote_plus(str(secret))):
            text = text.replace(spelling, "***")
    return text
