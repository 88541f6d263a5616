"""One contract for every warehouse: a DuckDB file, and Snowflake through fakesnow over HTTP."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from resources import catalog
from resources.sql import Model, statement
from resources.unavailable import Unavailable
from resources.warehouse import (
    Built,
    Commit,
    Delete,
    DuckDbWarehouse,
    OvertakenError,
    Session,
    UnreconciledError,
    Warehouse,
)
from tests.warehouse_servers import SnowflakeServer

NOON = dt.datetime(2026, 11, 1, 12, 0, 0, 123456)
FILE = "geo/incoming/hartford.csv"
WRITTEN = (
    "ledger.positions",
    "ledger.table_versions",
    "tweets.tweets",
    "geo.rejected_addresses",
    "customer360.offer_rules",
)

RULE_TOPICS = Model(
    "customer360.offer_rules",
    """
SELECT
  tweet_id AS rule_id, text AS topic, 'p' AS product, 0::FLOAT AS min_value_usd, 1::FLOAT AS max_value_usd,
  0::FLOAT AS min_sentiment, log_offset AS priority, :pitch AS pitch
FROM tweets.tweets
""",
)
BY_QUADRANT = Model(
    "tweets.located_tweets",
    """
SELECT
  tweet_id, quadrant, text AS address_id, '' AS building_id, 1 AS building_dwellings, 0::FLOAT AS distance_m,
  NULL::FLOAT AS runner_up_distance_m
FROM tweets.tweets
WHERE quadrant = :quadrant
""",
)
TEXTS = Model(
    "geo.streets", "SELECT text AS street_text FROM tweets.tweets UNION SELECT text FROM tweets.tweets"
)


@pytest.fixture(params=["duckdb", "snowflake"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Warehouse]:
    """Makes warehouses of each kind, all over one database that nobody has opened yet."""
    if request.param == "duckdb":
        return lambda: DuckDbWarehouse(tmp_path / "new" / "warehouse.duckdb", wait_s=5)
    server: SnowflakeServer = request.getfixturevalue("snowflake")
    database = server.new_database()
    return lambda: server.warehouse(database)


def tweets(*texts: str, quadrant: str = "northeast", start: int = 0) -> pa.Table:
    """Rows of `tweets.tweets`."""
    return pa.Table.from_pylist(
        [
            {
                "tweet_id": f"t{number}",
                "text": text,
                "quadrant": quadrant,
                "copies": 1,
                "topic": "tweets",
                "log_partition": 0,
                "log_offset": number,
            }
            for number, text in enumerate(texts, start)
        ]
    )


def rejects(*lines: int) -> pa.Table:
    """Rows of `geo.rejected_addresses`."""
    return pa.Table.from_pylist(
        [{"file": FILE, "file_version": "v1", "line": n, "reason": "no_point", "raw": "?"} for n in lines]
    )


def load(warehouse: Warehouse, session: Session, rows: pa.Table, position: int = 0) -> None:
    """Commit tweets of a source that stands at `position`; 0 for one never read."""
    expected = str(position) if position else None
    with warehouse.spool("tweets.tweets") as spool:
        spool.write(rows)
        session.commit(Commit("log", expected, str(position + 1), read=rows.num_rows, loaded=[spool]))


def built_part(session: Session, quadrant: str) -> Built:
    """Build one quadrant."""
    return session.build(BY_QUADRANT, ("quadrant", quadrant), {"quadrant": quadrant})


def values(session: Session, column: str, table: str) -> list[object]:
    """A column, sorted."""
    return [row["x"] for row in session.rows(f"SELECT {column} AS x FROM {table} ORDER BY 1")]


def everything(session: Session) -> dict[str, list[dict[str, object]]]:
    """All rows of the tables that are written here."""
    return {name: session.rows(f"SELECT * FROM {name}") for name in WRITTEN}


def test_an_empty_database_gets_every_table_of_the_migrations_with_their_columns(
    bare: Callable[[], Warehouse],
) -> None:
    with bare().session() as session:
        for table in catalog.tables().values():
            assert session.fetch(f"SELECT * FROM {table.name} LIMIT 0").column_names == table.schema.names
        assert values(session, "number", "ledger.migrations") == [m.number for m in catalog.migrations()]


def test_an_older_database_is_upgraded_and_keeps_its_rows(
    bare: Callable[[], Warehouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    every = catalog.migrations()
    monkeypatch.setattr(catalog, "migrations", lambda: every[:2])
    with bare().session() as session:
        assert values(session, "number", "ledger.migrations") == [1, 2]
        insert = "INSERT INTO geo.streets (street_text, street, method) SELECT 'Main St', 'MAIN ST', 'usps'"
        session.execute(statement(insert), {})
    monkeypatch.undo()
    with bare().session() as session:
        assert values(session, "number", "ledger.migrations") == [m.number for m in every]
        assert values(session, "street", "geo.streets") == ["MAIN ST"]
        assert values(session, "customer_id", "crm.customers") == []
    with bare().session() as session:
        assert len(values(session, "number", "ledger.migrations")) == len(every)


def test_a_newer_database_is_refused_in_one_sentence_and_left_as_it_is(bare: Callable[[], Warehouse]) -> None:
    with bare().session() as session:
        record = statement("INSERT INTO ledger.migrations (number, name) SELECT 100, '0100_later'")
        session.execute(record, {})
    with pytest.raises(Unavailable) as refused, bare().session():
        pytest.fail("a newer database was opened")
    assert "newer Quadrant (migration 100)" in str(refused.value)
    assert "\n" not in str(refused.value)
    with pytest.raises(Unavailable, match="newer"), bare().session():
        pytest.fail("a newer database was opened at the second attempt")


def test_a_source_that_was_never_read_has_no_position(warehouse: Warehouse) -> None:
    with warehouse.session() as session:
        assert session.position("log") is None


def test_a_commit_appends_its_rows_and_moves_its_position_together(warehouse: Warehouse) -> None:
    with warehouse.session() as session:
        load(warehouse, session, tweets("hello", "again"))
        assert session.position("log") == "1"
        assert values(session, "text", "tweets.tweets") == ["again", "hello"]
    with warehouse.session() as session:
        load(warehouse, session, tweets("third", start=2), position=1)
        assert session.position("log") == "2"
        assert values(session, "text", "tweets.tweets") == ["again", "hello", "third"]


def test_positions_of_different_sources_move_alone(warehouse: Warehouse) -> None:
    with warehouse.session() as session:
        for source in ("crm/customers", "crm/portfolios"):
            session.commit(Commit(source, None, f"{source} 1", read=0))
        session.commit(Commit("crm/customers", "crm/customers 1", "2", read=0))
        assert session.position("crm/customers") == "2"
        assert session.position("crm/portfolios") == "crm/portfolios 1"


@pytest.mark.parametrize("expected", [None, "0", "2", ""])
def test_a_second_writer_is_told_and_writes_nothing(warehouse: Warehouse, expected: str | None) -> None:
    with warehouse.session() as session:
        load(warehouse, session, tweets("first"))
        before = everything(session)
        with (
            warehouse.spool("tweets.tweets") as spool,
            pytest.raises(OvertakenError, match="log is no longer"),
        ):
            spool.write(tweets("second"))
            session.commit(Commit("log", expected, "9", read=1, loaded=[spool]))
        assert everything(session) == before
    with warehouse.session() as session:
        assert everything(session) == before


def test_a_commit_that_does_not_add_up_writes_nothing(warehouse: Warehouse) -> None:
    with warehouse.session() as session:
        before = everything(session)
        with (
            warehouse.spool("tweets.tweets") as loaded,
            warehouse.spool("geo.rejected_addresses") as rejected,
            pytest.raises(UnreconciledError, match="4 rows read, but 3 loaded or rejected"),
        ):
            loaded.write(tweets("one", "two"))
            rejected.write(rejects(3))
            session.commit(Commit("log", None, "1", read=4, loaded=[loaded], rejected=[rejected]))
        assert everything(session) == before


def test_loaded_and_rejected_rows_count_and_ledger_rows_do_not(warehouse: Warehouse) -> None:
    entry = {c.name: "x" for c in catalog.tables()["geo.address_files"].columns if c.kind == "VARCHAR"}
    counts = dict.fromkeys(("read_rows", "loaded_rows", "rejected_rows", "size_bytes"), 2**40)
    with (
        warehouse.session() as session,
        warehouse.spool("tweets.tweets") as loaded,
        warehouse.spool("geo.rejected_addresses") as rejected,
        warehouse.spool("geo.address_files") as ledger,
    ):
        loaded.write(tweets("one", "two"))
        rejected.write(rejects(3))
        ledger.write_rows([{**entry, **counts, "committed_at": NOON}])
        session.commit(Commit("f", None, "1", 3, loaded=[loaded], rejected=[rejected], ledger=[ledger]))
        assert values(session, "line", "geo.rejected_addresses") == [3]
        assert values(session, "size_bytes", "geo.address_files") == [2**40]


def test_deletes_of_a_commit_are_in_its_transaction_and_come_before_its_rows(warehouse: Warehouse) -> None:
    with warehouse.session() as session:
        load(warehouse, session, tweets("old", "old"))
        load(warehouse, session, tweets("kept", quadrant="southwest", start=2), position=1)
        replaced = [Delete("tweets.tweets", {"quadrant": "northeast", "copies": 1})]
        with warehouse.spool("tweets.tweets") as spool:
            spool.write(tweets("new", start=3))
            with pytest.raises(UnreconciledError):
                session.commit(Commit("log", "2", "3", read=2, loaded=[spool], deletes=replaced))
        assert values(session, "text", "tweets.tweets") == ["kept", "old", "old"]
        with warehouse.spool("tweets.tweets") as spool:
            spool.write(tweets("new", start=3))
            session.commit(Commit("log", "2", "3", read=1, loaded=[spool], deletes=replaced))
        assert values(session, "text", "tweets.tweets") == ["kept", "new"]
        session.commit(Commit("log", "3", "4", read=0, deletes=[Delete("tweets.tweets")]))
        assert values(session, "text", "tweets.tweets") == []


def test_a_table_has_a_new_version_whenever_its_rows_may_have_changed_and_only_then(
    warehouse: Warehouse,
) -> None:
    with warehouse.session() as session:
        seen = [session.version("tweets.tweets")]
        assert seen == [""]
        load(warehouse, session, tweets("first"))
        seen.append(session.version("tweets.tweets"))
        load(warehouse, session, tweets("second", start=1), position=1)
        seen.append(session.version("tweets.tweets"))
        session.commit(Commit("log", "2", "3", read=0, deletes=[Delete("tweets.tweets", {"tweet_id": "t0"})]))
        seen.append(session.version("tweets.tweets"))
        assert len(set(seen)) == 4
        session.commit(Commit("log", "3", "4", read=0))
        assert session.version("tweets.tweets") == seen[-1]
        assert session.version("geo.raw_addresses") == ""


def test_a_model_is_built_once_and_again_when_an_input_a_parameter_or_its_text_changes(
    warehouse: Warehouse,
) -> None:
    with warehouse.session() as session:
        load(warehouse, session, tweets("markets", "advice"))
        first = session.build(RULE_TOPICS, values={"pitch": "a"})
        assert (first.rows, first.was_written, first.added) == (2, True, 2)
        again = session.build(RULE_TOPICS, values={"pitch": "a"})
        assert (again.rows, again.was_written, again.version) == (2, False, first.version)
        other = session.build(RULE_TOPICS, values={"pitch": "b"})
        assert other.was_written
        assert set(values(session, "pitch", RULE_TOPICS.table)) == {"b"}
        load(warehouse, session, tweets("service", start=2), position=1)
        assert session.build(RULE_TOPICS, values={"pitch": "b"}).rows == 3
        rewritten = Model(RULE_TOPICS.table, RULE_TOPICS.text.replace("'p'", "'q'"))
        assert session.build(rewritten, values={"pitch": "b"}).was_written
        assert values(session, "product", RULE_TOPICS.table) == ["q", "q", "q"]
    with warehouse.session() as session:
        assert not session.build(rewritten, values={"pitch": "b"}).was_written


def test_a_model_that_depends_on_a_built_one_is_rebuilt_after_it(warehouse: Warehouse) -> None:
    copied = Model(
        "geo.streets", f"SELECT topic AS street_text, pitch AS street, '' AS method FROM {RULE_TOPICS.table}"
    )
    with warehouse.session() as session:
        load(warehouse, session, tweets("markets"))
        session.build(RULE_TOPICS, values={"pitch": "a"})
        assert session.build(copied).was_written
        assert not session.build(copied).was_written
        session.build(RULE_TOPICS, values={"pitch": "b"})
        assert session.build(copied).was_written
        assert values(session, "street", "geo.streets") == ["b"]


def test_parts_of_a_table_are_built_apart_and_versioned_together(warehouse: Warehouse) -> None:
    with warehouse.session() as session:
        load(warehouse, session, tweets("a", "b"))
        load(warehouse, session, tweets("c", quadrant="southwest", start=2), position=1)
        northeast = built_part(session, "northeast")
        alone = session.version(BY_QUADRANT.table)
        southwest = built_part(session, "southwest")
        assert (northeast.rows, southwest.rows) == (2, 1)
        both = session.version(BY_QUADRANT.table)
        assert alone != both
        load(warehouse, session, tweets("d", quadrant="southwest", start=3), position=2)
        rebuilt = built_part(session, "southwest")
        assert (rebuilt.rows, rebuilt.was_written) == (2, True)
        assert values(session, "address_id", BY_QUADRANT.table) == ["a", "b", "c", "d"]
        assert session.version(BY_QUADRANT.table) not in (alone, both)
        skipped = built_part(session, "southwest")
        assert (skipped.rows, skipped.was_written) == (2, False)


def test_a_failing_build_leaves_rows_and_version_as_they_were(warehouse: Warehouse) -> None:
    broken = Model(
        RULE_TOPICS.table, RULE_TOPICS.text.replace("log_offset AS priority", "text::BIGINT AS priority")
    )
    with warehouse.session() as session:
        load(warehouse, session, tweets("markets"))
        session.build(RULE_TOPICS, values={"pitch": "a"})
        before = everything(session)
    with pytest.raises(Exception, match="markets"), warehouse.session() as session:  # noqa: B017, PT011
        session.build(broken, values={"pitch": "a"})
    with warehouse.session() as session:
        assert everything(session) == before


def test_fill_computes_new_keys_only_and_drops_the_gone_ones(warehouse: Warehouse) -> None:
    computed: list[list[str]] = []

    def upper(fresh: pa.Table) -> pa.Table:
        texts = sorted(fresh.column("street_text").to_pylist())
        computed.append(texts)
        return pa.Table.from_pylist(
            [{"street_text": t, "street": t.upper(), "method": "usps"} for t in texts],
            schema=pa.schema([(n, pa.string()) for n in ("street_text", "street", "method")]),
        )

    with warehouse.session() as session:
        load(warehouse, session, tweets("elm", "oak", "oak"))
        first = session.fill("geo.streets", "street_text", TEXTS, "v1", upper)
        assert (first.rows, first.added, first.was_written) == (2, 2, True)
        assert not session.fill("geo.streets", "street_text", TEXTS, "v1", upper).was_written
        load(warehouse, session, tweets("ash", start=3), position=1)
        session.commit(Commit("log", "2", "3", 0, deletes=[Delete("tweets.tweets", {"text": "elm"})]))
        second = session.fill("geo.streets", "street_text", TEXTS, "v1", upper)
        assert (second.rows, second.added) == (2, 1)
        assert second.version != first.version
        load(warehouse, session, tweets("oak", start=5), position=3)
        same = session.fill("geo.streets", "street_text", TEXTS, "v1", upper)
        assert (same.version, same.was_written) == (second.version, False), "what reads it has no work"
        assert values(session, "street", "geo.streets") == ["ASH", "OAK"]
        third = session.fill("geo.streets", "street_text", TEXTS, "v2", upper)
        assert (third.rows, third.added) == (2, 2)
        session.commit(Commit("log", "4", "5", 0, deletes=[Delete("tweets.tweets", {"text": "ash"})]))
        last = session.fill("geo.streets", "street_text", TEXTS, "v2", upper)
        assert (last.rows, last.added) == (1, 0)
        other = Model(TEXTS.table, "SELECT DISTINCT text || '!' AS street_text FROM tweets.tweets")
        assert session.fill("geo.streets", "street_text", other, "v2", upper).was_written
        assert values(session, "street", "geo.streets") == ["OAK!"]
    assert computed == [["elm", "oak"], ["ash"], [], ["ash", "oak"], [], ["oak!"]]


def test_schema_changes_inside_a_transaction_are_refused_and_undo_it(warehouse: Warehouse) -> None:
    with warehouse.session() as session:
        load(warehouse, session, tweets("kept"))
        for ddl in (
            "CREATE TABLE geo.extra (x BIGINT)",
            "DROP TABLE tweets.tweets",
            "TRUNCATE TABLE tweets.tweets",
        ):
            with pytest.raises(ValueError, match="DDL inside a transaction"), session.transaction():
                session.execute(statement("DELETE FROM tweets.tweets"), {})
                session.execute(statement(ddl), {})
            assert values(session, "text", "tweets.tweets") == ["kept"]


def test_after_an_error_the_session_is_closed_and_the_next_one_works(warehouse: Warehouse) -> None:
    with pytest.raises(RuntimeError, match="stop"), warehouse.session() as session, session.transaction():
        session.execute(statement("DELETE FROM ledger.positions"), {})
        raise RuntimeError("stop")
    if isinstance(
        warehouse, DuckDbWarehouse
    ):  # the stand-in gives no master token, so its connections never end
        with pytest.raises(duckdb.ConnectionException, match="closed"):
            session.rows("SELECT 1 AS x")
    with warehouse.session() as session:
        load(warehouse, session, tweets("works"))
        assert values(session, "text", "tweets.tweets") == ["works"]


def test_every_type_comes_back_as_it_went_in(warehouse: Warehouse) -> None:
    rows: list[dict[str, object]] = [
        {
            "customer_id": "zoë 'O''Hara' \\ 🦉\t\n",
            "birth_date": dt.date(1899, 12, 31),
            "created_at": NOON,
            "updated_at": dt.datetime(9999, 12, 31, 23, 59, 59, 999999),
            "marketing_consent": True,
            "street": "",
        },
        {"customer_id": "nothing known"},
        {"customer_id": "no", "marketing_consent": False, "created_at": dt.datetime(1900, 1, 1)},
    ]
    common: dict[str, object] = {
        "extract_id": "customers/1",
        "extracted_at": NOON,
        "operation": "upsert",
        "row_hash": "h",
    }
    names = catalog.tables()["crm.raw_customers"].schema.names
    given = [{name: {**common, **row}.get(name) for name in names} for row in rows]
    with warehouse.session() as session, warehouse.spool("crm.raw_customers") as spool:
        spool.write_rows(given)
        session.commit(Commit("crm", None, "1", read=3, loaded=[spool]))
        found = session.fetch("SELECT * FROM crm.raw_customers ORDER BY customer_id DESC")
        assert found.schema.types == spool.schema.types
        for row, expected in zip(found.to_pylist(), given, strict=True):
            # The stand-in sends an empty time as 1970.
            unknown = {n for n, v in expected.items() if v is None and row[n] == dt.datetime(1970, 1, 1)}
            assert row | dict.fromkeys(unknown) == expected
            assert not unknown or not isinstance(warehouse, DuckDbWarehouse)
        (counted,) = session.rows("SELECT COUNT(*) - COUNT(updated_at) AS n FROM crm.raw_customers")
        assert counted["n"] == 2


def test_numbers_keep_all_their_digits(warehouse: Warehouse) -> None:
    with warehouse.session() as session, warehouse.spool("tweets.tweets") as spool:
        spool.write(tweets("x", start=2**63 - 1), lon=-72.64453700000001, lat=1e-300)
        session.commit(Commit("log", None, "1", read=1, loaded=[spool]))
        (row,) = session.rows("SELECT log_offset, lon, lat, -log_offset AS negative FROM tweets.tweets")
        assert row == {
            "log_offset": 2**63 - 1,
            "lon": -72.64453700000001,
            "lat": 1e-300,
            "negative": 1 - 2**63,
        }


def test_values_are_bound_whatever_they_hold(warehouse: Warehouse) -> None:
    given: dict[str, str | int | float | bool | dt.datetime] = {
        "words": "'; DROP TABLE x; -- :flag ? %s $words",
        "big": 2**62,
        "ratio": 0.1,
        "flag": True,
        "moment": dt.datetime(2026, 11, 1, 7, 30, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
    }
    with warehouse.session() as session:
        (row,) = session.rows(
            "SELECT :words AS words, :big::BIGINT AS big, :ratio::FLOAT AS ratio, :flag::BOOLEAN AS flag, "
            ":moment::TIMESTAMP_NTZ AS moment, :words AS again",
            **given,
        )
    assert row == {
        **given,
        "moment": dt.datetime(2026, 11, 1, 12, 30),
        "again": given["words"],
    }


def test_an_empty_answer_keeps_its_columns_and_types(warehouse: Warehouse) -> None:
    with warehouse.session() as session:
        for table in ("crm.customers", "geo.addresses", "tweets.located_tweets"):
            found = session.fetch(f"SELECT * FROM {table}")
            assert (found.num_rows, found.schema.names) == (0, catalog.tables()[table].schema.names)
            assert found.schema.types == catalog.tables()[table].schema.types


def test_counts_and_sums_are_plain_integers_and_floats(warehouse: Warehouse) -> None:
    with warehouse.session() as session:
        load(warehouse, session, tweets("a", "b"))
        found = session.fetch(
            "SELECT COUNT(*) AS rows_, SUM(copies)::BIGINT AS copies, AVG(log_offset)::FLOAT AS mean, NULL::FLOAT AS nothing "
            "FROM tweets.tweets"
        )
    assert found.to_pylist() == [{"rows_": 2, "copies": 2, "mean": 0.5, "nothing": None}]
    assert found.schema.types == [pa.int64(), pa.int64(), pa.float64(), pa.float64()]


def test_haversine_is_in_kilometres_as_documented_by_snowflake(warehouse: Warehouse) -> None:
    with warehouse.session() as session:
        (row,) = session.rows("SELECT HAVERSINE(40.7127, -74.0059, 34.0500, -118.2500) AS km")
    assert row["km"] == pytest.approx(3936.385096389, abs=1e-6)


def test_a_spool_refuses_columns_that_its_table_has_not_and_misses_the_needed_ones(
    warehouse: Warehouse,
) -> None:
    with pytest.raises(KeyError):
        warehouse.spool("tweets.nothing")
    with warehouse.spool("tweets.tweets") as spool:
        with pytest.raises(ValueError, match="has no column mood"):
            spool.write(tweets("x").append_column("mood", pa.array(["sad"])))
        with pytest.raises(ValueError, match=r"tweets\.tweets\.text is needed"):
            spool.write(tweets("x").drop_columns(["text"]))
        assert spool.rows == 0


def test_a_spool_written_in_pieces_and_cleared_holds_what_came_after(warehouse: Warehouse) -> None:
    with warehouse.session() as session, warehouse.spool("tweets.tweets") as spool:
        spool.write(tweets("forgotten"))
        spool.clear()
        for start in range(0, 30, 10):
            spool.write(tweets(*"abcdefghij", start=start), lang="en")
        session.commit(Commit("log", None, "1", read=30, loaded=[spool]))
        assert values(session, "COUNT(*)", "tweets.tweets WHERE lang = 'en'") == [30]


def test_what_all_rows_of_a_spool_share_is_in_each_of_them(warehouse: Warehouse) -> None:
    with warehouse.session() as session, warehouse.spool("geo.rejected_addresses") as spool:
        spool.share(file="shared", file_version="v2", member=None)
        for lines in ((1, 2), (3,)):
            spool.write(rejects(*lines).drop_columns(["file", "file_version"]))
        session.commit(Commit("log", None, "1", read=3, rejected=[spool]))
        counted = "geo.rejected_addresses WHERE file = 'shared' AND file_version = 'v2' AND member IS NULL"
        assert values(session, "line", counted) == [1, 2, 3]
        with pytest.raises(ValueError, match="has no column mood"):
            spool.share(mood="sad")


def test_a_missing_value_where_one_is_needed_fails_the_whole_commit(warehouse: Warehouse) -> None:
    with warehouse.session() as session, warehouse.spool("tweets.tweets") as spool:
        holed = tweets("x", "y").set_column(1, "text", pa.array(["x", None]))
        before = everything(session)
        with pytest.raises(Exception, match=r"(?i)null"):  # noqa: B017, PT011
            spool.write(holed)
            session.commit(Commit("log", None, "1", read=2, loaded=[spool]))
        assert everything(session) == before


def test_a_table_has_an_address_without_secrets(warehouse: Warehouse) -> None:
    kind = "duckdb" if isinstance(warehouse, DuckDbWarehouse) else "snowflake"
    assert warehouse.uri("geo.addresses").startswith(f"{kind}://")
    assert warehouse.uri("geo.addresses") == f"{warehouse.uri()}/geo/addresses"
    assert "snow:" not in warehouse.uri()
