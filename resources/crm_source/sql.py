"""The CRM in any database that SQLAlchemy can reach.

What is asked is here; how a database is opened, and how its names are found, is in `database` and `tables`.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from resources.crm_source.database import connected, place, translated
from resources.crm_source.mapping import OWN_NAMES, CrmMapping
from resources.crm_source.port import KEYS, CrmSource, CrmTable
from resources.crm_source.tables import Source, source

_CHUNK = 10_000


class SqlCrmSource(CrmSource):
    """Customers and portfolios behind an SQLAlchemy URL.

    Connecting ends after 10 s. Nothing is retried here: a wrong password tried again and again locks
    accounts, and the run's own retry repeats the extraction. Rows come from a server-side cursor where the
    driver has one. A SQLite file is opened read-only and never created. Times without a zone are UTC.
    """

    def __init__(self, url: str, mapping: CrmMapping | None = None) -> None:
        """`url` like `postgresql+psycopg2://user:password@host/bank`; nothing is connected before a call."""
        self._url = url
        self._mapping = {**OWN_NAMES, **(mapping or {})}
        self._held: sa.Connection | None = None

    def read(self, table: CrmTable, since: dt.datetime | None) -> Iterator[list[dict[str, object]]]:
        """One SELECT; the connection closes when the iterator ends, fails or is dropped."""
        with self._connection() as connection:
            rows_of = self._source(connection, table)
            query = sa.select(*rows_of.columns).select_from(rows_of.table).order_by(*rows_of.order())
            if since is not None:
                query = query.where(rows_of.since(since))
            with connection.execute(query, execution_options={"yield_per": _CHUNK}) as result:
                for rows in result.mappings().partitions():
                    yield [dict(row) for row in rows]

    def keys(self, table: CrmTable) -> set[object]:
        """One SELECT of the key column."""
        with self._connection() as connection:
            key = self._source(connection, table).key
            query = sa.select(key).where(key.is_not(None))
            with connection.execute(query, execution_options={"yield_per": _CHUNK}) as result:
                return set(result.scalars())

    def uri(self, table: CrmTable) -> str:
        """The database's address and its own name of the table."""
        return f"{place(self._url)}/{self._mapping[table].table}"

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """PostgreSQL and MySQL: REPEATABLE READ; Oracle: SERIALIZABLE; SQLite: one read transaction."""
        with connected(self._url, is_one_state=True) as connection:
            self._held = connection
            try:
                yield
            finally:
                self._held = None

    @contextmanager
    def _connection(self) -> Iterator[sa.Connection]:
        if self._held is None:
            with connected(self._url) as connection:
                yield connection
        else:
            with translated(self._url):
                yield self._held

    def _source(self, connection: sa.Connection, table: CrmTable) -> Source:
        return source(connection, self._mapping[table], table, KEYS[table], place(self._url))
