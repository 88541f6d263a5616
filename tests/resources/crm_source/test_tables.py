"""How a time is compared with columns of other databases than SQLite, which the contract covers."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql

from resources.crm_source.tables import bound

NOON = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (postgresql.TIMESTAMP(timezone=True), NOON),
        (oracle.TIMESTAMP(timezone=True), NOON),
        # A time without a zone is UTC by convention of the port.
        (postgresql.TIMESTAMP(), NOON.replace(tzinfo=None)),
        (mysql.DATETIME(), NOON.replace(tzinfo=None)),
        (mssql.DATETIME(), NOON.replace(tzinfo=None)),
        # A day holds all its rows.
        (sa.Date(), NOON.date()),
        # Text sorts by its date first.
        (sa.String(), "2026-11-02"),
        (sa.types.NULLTYPE, "2026-11-02"),
    ],
)
def test_a_time_is_bound_as_the_column_compares_it(kind: sa.types.TypeEngine[object], value: object) -> None:
    assert bound(kind, NOON).value == value
