"""Uses are taken once however often the store is read, and its broken documents are listed as they are now."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from platform_assets.promotions.assignments import CHECKS
from platform_assets.promotions.reading import REJECTED, USES, Taken, take_rejected, take_uses
from platform_assets.promotions.uses import CHECKS as USE_CHECKS
from resources.promotion_store import Promotion, SqlitePromotionStore
from resources.warehouse import Warehouse
from tests import killing
from tests.killing import NOW, USED, Killer, Place
from tests.models import assert_rows, fill


@pytest.fixture
def store(tmp_path: Path) -> SqlitePromotionStore:
    store = SqlitePromotionStore(tmp_path / "promotions.sqlite")
    store.add(USED)
    return store


def test_each_use_is_a_row_once(warehouse: Warehouse, store: SqlitePromotionStore) -> None:
    assert take_uses(store, warehouse, NOW) == Taken(2, 2)
    assert take_uses(store, warehouse, NOW) == Taken(2, 0)
    store.use(3, "P7", "r9", NOW)
    assert take_uses(store, warehouse, NOW + dt.timedelta(1)) == Taken(3, 1)
    assert_rows(
        warehouse,
        USES,
        """
        stored_id   | user_id | promotion_id | campaign_id | used_at             | used_request_id | seen_at
        spring/1/P7 | 1       | P7           | spring      | 2026-10-01 12:00:00 | r1              | 2026-11-01 02:00:00
        elsewhere   | 2       | P9           | -           | -                   | -               | 2026-11-01 02:00:00
        spring/3/P7 | 3       | P7           | spring      | 2026-11-01 02:00:00 | r9              | 2026-11-02 02:00:00
        """,
    )


def test_a_store_without_uses_writes_nothing(duckdb_warehouse: Warehouse, tmp_path: Path) -> None:
    store = SqlitePromotionStore(tmp_path / "empty.sqlite")
    assert take_uses(store, duckdb_warehouse, NOW) == Taken(0, 0)
    assert take_rejected(store, duckdb_warehouse).seen == 0
    with duckdb_warehouse.session() as session:
        assert (session.version(USES), session.version(REJECTED)) == ("", "")


def test_what_is_no_promotion_is_listed_while_it_is_there(
    warehouse: Warehouse, store: SqlitePromotionStore
) -> None:
    broken = "INSERT INTO promoAdobe (_id, requestId, userId, promotionId, used) VALUES (?, 'r', ?, 'P1', ?)"
    with sqlite3.connect(store.uri().removeprefix("sqlite://")) as connection:
        connection.executemany(broken, [("a", "x y", "false"), ("b", 5, "maybe"), ("c", 5, "false")])
    done = take_rejected(store, warehouse)
    assert (done.seen, len(done.unreadable)) == (6, 2)
    assert_rows(warehouse, REJECTED, "stored_id | reason\na | bad_user_id\nb | bad_used")
    with warehouse.session() as session:
        before = session.version(REJECTED)
        assert '"x y"' in str(session.rows(f"SELECT raw FROM {REJECTED} WHERE stored_id = 'a'"))
    take_rejected(store, warehouse)
    connection.execute("DELETE FROM promoAdobe WHERE _id = 'a'")
    connection.commit()
    connection.close()
    with warehouse.session() as session:
        assert session.version(REJECTED) == before
    take_rejected(store, warehouse)
    assert_rows(warehouse, REJECTED, "stored_id\nb")


@pytest.mark.parametrize("killer", [Killer("staged"), Killer("reconciled"), Killer("committed")], ids=str)
def test_a_reading_that_was_killed_takes_each_use_once(
    killer: Killer, duckdb_warehouse: Warehouse, store: SqlitePromotionStore, tmp_path: Path
) -> None:
    store.close()
    place = Place(tmp_path, tmp_path / "warehouse.duckdb")
    killing.die("uses", place, killer)
    killing.run("uses", place)
    killing.run("uses", place)
    assert_rows(duckdb_warehouse, USES, "stored_id\nspring/1/P7\nelsewhere")


def _broken(warehouse: Warehouse) -> dict[str, int]:
    with warehouse.session() as session:
        results = [check.result(session, "promotions.uses") for check in (*CHECKS, *USE_CHECKS)]
    return {str(r.check_name): int(str(r.metadata["offenders"].value)) for r in results if not r.passed}


def test_checks_find_what_breaks_a_promise(warehouse: Warehouse) -> None:
    assert _broken(warehouse) == {}
    fill(
        warehouse,
        promotions__campaigns="""
        campaign_id | budget_eur | cost_eur | max_users | assigned_users | holdout_users
        good        | 4          | 2        | -         | 2              | 1
        poor        | 1.99       | 2        | -         | 1              | 0
        capped      | 100        | 2        | 1         | 2              | 0
        short       | 100        | 2        | -         | 1              | 1 -- the holdout is missing
        """,
        promotions__assignments="""
        campaign_id | user_id | is_holdout | stored_id
        good        | 1       | false      | good/1
        good        | 2       | false      | good/2
        good        | 3       | true       | -
        poor        | 1       | false      | poor/1
        capped      | 1       | false      | capped/1
        capped      | 2       | false      | capped/2
        short       | 1       | false      | short/1
        """,
        promotions__uses="""
        stored_id | user_id | campaign_id
        good/1    | 1       | good
        good/9    | 9       | good -- was never given
        other     | 5       | -
        """,
    )
    assert _broken(warehouse) == {
        "within_budget_and_caps": 2,
        "the_ledgers_agree": 1,
        "uses_of_campaigns_were_given": 1,
    }
    fill(
        warehouse,
        promotions__assignments="campaign_id | user_id | is_holdout\ngood | 1 | true",
        promotions__uses="stored_id | user_id\nother | 5",
    )
    assert {"one_arm_each", "each_use_once"} <= _broken(warehouse).keys()


def test_an_id_that_two_documents_share_is_one_use(
    duckdb_warehouse: Warehouse, store: SqlitePromotionStore
) -> None:
    class Twice(SqlitePromotionStore):
        """As one that holds an ObjectId and a text of the same digits."""

        def used(self) -> Iterator[Promotion]:
            found = list(super().used())
            return iter([*found, *found])

    twice = Twice(Path(store.uri().removeprefix("sqlite://")))
    assert take_uses(twice, duckdb_warehouse, NOW) == Taken(4, 2)
