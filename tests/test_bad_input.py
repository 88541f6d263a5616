"""Bad input never crashes a batch and never disappears: the whole list, through the real steps of each ingest."""

import datetime as dt
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from platform_assets.crm import extraction, values
from platform_assets.geo import address_rows, arrival
from platform_assets.promotions import arrival as sales_arrival
from platform_assets.promotions import receipts
from platform_assets.tweets import arrival as tweet_arrival
from platform_assets.tweets import message
from resources.crm_source import COLUMNS, KEYS, CrmTable
from resources.crm_source.sql import SqlCrmSource
from resources.deployments import deployment_from
from resources.message_log import SqliteMessageLog
from resources.object_store import FolderObjectStore
from resources.unavailable import Unavailable
from resources.warehouse import DuckDbWarehouse, Session
from tests import bad_input
from tests.bad_input import (
    FILES,
    MESSAGES,
    ROWS,
    SALES_FILES,
    SETTINGS,
    BadFile,
    BadMessage,
    BadRow,
    BadSetting,
)

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
TABLES: tuple[CrmTable, ...] = ("customers", "portfolios")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A warehouse into which everything on the list was ingested."""
    home = tmp_path_factory.mktemp("bad")
    warehouse = DuckDbWarehouse(home / "warehouse.duckdb")
    store = FolderObjectStore(home / "objects")
    for file in FILES:
        store.put(_key(file), file.content)
        arrival.take_in(_key(file), store, warehouse)
    for file in SALES_FILES:
        store.put(_sales_key(file), file.content)
    list(sales_arrival.take_in_all(store.all(sales_arrival.INCOMING), store, warehouse))
    with closing(SqliteMessageLog(home / "log.sqlite")) as log:
        good = bad_input.original(tweet="a good neighbour")
        log.append("tweets", [(None, value) for bad in MESSAGES for value in (bad.value, good)])
        list(tweet_arrival.take_in("tweets", log, warehouse))
    _write_crm(home / "crm.sqlite")
    for table in TABLES:
        extraction.extract(table, SqlCrmSource(f"sqlite:///{home / 'crm.sqlite'}"), warehouse, NOW)
    with warehouse.session() as session:
        yield session


def _key(file: BadFile) -> str:
    return f"geo/incoming/{file.name}.csv"


def _sales_key(file: BadFile) -> str:
    return f"{sales_arrival.INCOMING}{file.name}.csv"


def _write_crm(path: Path) -> None:
    with closing(sqlite3.connect(path)) as crm, crm:
        for table in TABLES:
            crm.execute(f"CREATE TABLE {table} ({', '.join(COLUMNS[table])})")
            rows = [_good(table)] + [
                {**_good(table), KEYS[table]: bad.place, **bad.changes} for bad in ROWS if bad.table == table
            ]
            marks = ", ".join("?" * len(COLUMNS[table]))
            crm.executemany(
                f"INSERT INTO {table} VALUES ({marks})",
                [tuple(row[c] for c in COLUMNS[table]) for row in rows],
            )


def _good(table: CrmTable) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(COLUMNS[table])
    key = {"customers": "C1", "portfolios": "P1"}[table]
    return {**row, "customer_id": "C1", KEYS[table]: key, "updated_at": "2026-11-01T00:00:00"}


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_a_bad_file_or_record_is_kept_with_its_place_and_reason(session: Session, file: BadFile) -> None:
    _assert_kept(session, file, _key(file), *arrival.TABLES, "geo.address_files")


@pytest.mark.parametrize("file", SALES_FILES, ids=[file.name for file in SALES_FILES])
def test_a_bad_sales_file_or_receipt_is_kept_with_its_place_and_reason(
    session: Session, file: BadFile
) -> None:
    _assert_kept(session, file, _sales_key(file), *sales_arrival.TABLES, sales_arrival.LEDGER)


def _assert_kept(session: Session, file: BadFile, key: str, loaded: str, rejected: str, files: str) -> None:
    rejects = session.rows(f"SELECT line, reason, detail, raw FROM {rejected} WHERE file = :file", file=key)
    assert tuple((row["line"], row["reason"]) for row in rejects) == file.rejects
    assert all(str(row["detail"]).endswith(".") for row in rejects)
    assert all(row["raw"] or row["reason"] == "empty_file" for row in rejects)
    ledger = session.rows(f"SELECT * FROM {files} WHERE file = :file", file=key)
    assert [(r["read_rows"], r["loaded_rows"], r["rejected_rows"]) for r in ledger] == [
        (file.loaded + len(file.rejects), file.loaded, len(file.rejects))
    ]
    kept = session.rows(f"SELECT COUNT(*) AS n FROM {loaded} WHERE file = :file", file=key)
    assert kept[0]["n"] == file.loaded


@pytest.mark.parametrize(
    ("offset", "bad"), [(2 * n, bad) for n, bad in enumerate(MESSAGES)], ids=[bad.name for bad in MESSAGES]
)
def test_a_bad_message_is_kept_with_its_offset_and_reason(
    session: Session, offset: int, bad: BadMessage
) -> None:
    rejects = session.rows("SELECT * FROM tweets.rejected_tweets WHERE log_offset = :o", o=offset)
    assert [row["reason"] for row in rejects] == [bad.reason]
    assert str(rejects[0]["detail"]).endswith(".")
    assert bool(rejects[0]["raw"]) is bool(bad.value)
    kept = session.rows("SELECT text FROM tweets.raw_tweets WHERE log_offset = :o", o=offset + 1)
    assert kept == [{"text": "a good neighbour"}]


@pytest.mark.parametrize("bad", ROWS, ids=[f"{bad.table}: {bad.name}" for bad in ROWS])
def test_a_bad_crm_row_is_kept_with_its_key_and_reason(session: Session, bad: BadRow) -> None:
    place = f"{bad.table} {bad.place}"
    rejects = session.rows(f"SELECT place, reason, detail, raw FROM crm.rejected_{bad.table}")
    found = [row for row in rejects if row["reason"] == bad.reason and str(row["place"]).startswith(place)]
    assert found
    for row in found:
        assert str(row["detail"]).endswith(".")
        assert str(row["raw"]).startswith("{")


def test_what_is_read_is_loaded_or_rejected_and_nothing_else(session: Session) -> None:
    for table in TABLES:
        ledger = session.rows("SELECT * FROM crm.extracts WHERE source_table = :t", t=table)[0]
        bad = sum(row.table == table for row in ROWS)
        assert (ledger["read_rows"], ledger["loaded_rows"], ledger["rejected_rows"]) == (bad + 1, 1, bad)
        counts = session.rows(f"SELECT reason, COUNT(*) AS n FROM crm.rejected_{table} GROUP BY reason")
        assert {r["reason"]: r["n"] for r in counts} == Counter(r.reason for r in ROWS if r.table == table)
        key = KEYS[table]
        assert session.rows(f"SELECT {key} AS k FROM crm.raw_{table}") == [{"k": _good(table)[key]}]
    assert session.rows("SELECT COUNT(*) AS n FROM tweets.rejected_tweets")[0]["n"] == len(MESSAGES)
    assert str(session.position("topic/tweets/0")).startswith(f"{2 * len(MESSAGES)}@")


def test_the_list_holds_every_reason_there_is() -> None:
    # No content is denied: the tests of the arrivals take the right to read away.
    denied = {"access_denied"}
    assert {reason for file in FILES for _, reason in file.rejects} | denied == set(address_rows.REASONS)
    assert {reason for file in SALES_FILES for _, reason in file.rejects} | denied == set(receipts.REASONS)
    assert {bad.reason for bad in MESSAGES} == set(message.REASONS)
    assert {bad.reason for bad in ROWS} == set(values.REASONS)


@pytest.mark.parametrize("bad", SETTINGS, ids=[bad.name for bad in SETTINGS])
def test_a_malformed_setting_is_one_sentence_that_names_it(bad: BadSetting) -> None:
    with pytest.raises(Unavailable) as caught:
        deployment_from(bad.environ)
    sentence = str(caught.value)
    assert all(word in sentence for word in bad.words), sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "hush" not in sentence
