"""The moment that a table is seen from."""

import datetime as dt

import pytest

from platform_assets.moments import moment
from resources.unavailable import Unavailable
from resources.warehouse import DuckDbWarehouse
from tests.models import fill


def test_a_moment_is_what_was_asked_for_else_the_latest_else_the_beginning(
    duckdb_warehouse: DuckDbWarehouse,
) -> None:
    asked = ("promotions.sales", "sold_at")
    with duckdb_warehouse.session() as session:
        assert moment("2026-11-01T12:00:00", session, *asked) == dt.datetime(2026, 11, 1, 12)
        assert moment("", session, *asked) == dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    fill(duckdb_warehouse, promotions__sales="sold_at\n2026-10-30\n2026-10-31\n2026-10-29")
    with duckdb_warehouse.session() as session:
        assert moment("", session, *asked) == dt.datetime(2026, 10, 31)
        for text in ("soon", "9999-12-31T23:59:59-01:00"):
            with pytest.raises(Unavailable, match=f"as_of is '{text}'; allowed is an ISO time such as"):
                moment(text, session, *asked)
