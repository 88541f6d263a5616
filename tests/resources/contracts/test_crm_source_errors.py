"""What a person is told when the CRM cannot be used: one sentence, and no password in it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from resources.crm_source import CrmMapping, CrmSource, CrmTable, TableMapping
from resources.crm_source.sql import SqlCrmSource
from resources.unavailable import Unavailable


def made(path: Path, *statements: str) -> None:
    """A database of one's own."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)


def _sentence(source: CrmSource, table: CrmTable = "customers") -> str:
    with pytest.raises(Unavailable) as caught:
        list(source.read(table, None))
    with pytest.raises(Unavailable, match=r".") as again:
        source.keys(table)
    assert str(again.value) == str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_file_is_named_and_not_made(tmp_path: Path) -> None:
    sentence = _sentence(SqlCrmSource(f"sqlite:///{tmp_path}/crm.db"))
    assert f"{tmp_path}/crm.db of CRM_URL does not exist" in sentence
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "crm.db").write_text("customer_id,first_name\n" * 100)
    sentence = _sentence(SqlCrmSource(f"sqlite:///{tmp_path}/crm.db"))
    assert f"{tmp_path}/crm.db cannot be read (file is not a database)" in sentence


def test_a_missing_table_is_named_with_those_that_exist(tmp_path: Path) -> None:
    made(tmp_path / "crm.db", "CREATE TABLE loans (id TEXT)", "CREATE VIEW clients AS SELECT id FROM loans")
    sentence = _sentence(SqlCrmSource(f"sqlite:///{tmp_path}/crm.db"), "portfolios")
    assert f"CRM_URL sqlite:///{tmp_path}/crm.db has no table 'portfolios'" in sentence
    assert "mapping" in sentence
    assert "there are clients, loans." in sentence


def test_a_missing_column_is_named_with_those_that_exist(tmp_path: Path) -> None:
    made(tmp_path / "crm.db", "CREATE TABLE clients (no TEXT, mail TEXT)")
    mapping: CrmMapping = {"customers": TableMapping("clients", {"customer_id": "no", "email": "e_mail"})}
    sentence = _sentence(SqlCrmSource(f"sqlite:///{tmp_path}/crm.db", mapping))
    assert f"Table 'clients' at CRM_URL sqlite:///{tmp_path}/crm.db has no column 'e_mail'" in sentence
    assert "columns 'email' in the CRM mapping" in sentence
    assert "there are mail, no." in sentence


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql+psycopg2://app:hunter2@127.0.0.1:1/bank", "cannot be read"),
        (
            "postgresql+psycopg://app:hunter2@127.0.0.1/bank",
            "write postgresql+psycopg2://, and install psycopg2-",
        ),
        ("nosuch://app:hunter2@127.0.0.1/bank", "whose driver is missing"),
        ("app:hunter2@127.0.0.1/bank", "CRM_URL is no database address"),
        ("postgresql://app:hunter2@127.0.0.1:port/bank", "CRM_URL is no database address"),
    ],
)
def test_a_url_that_cannot_work_is_told_without_its_password(url: str, said: str) -> None:
    sentence = _sentence(SqlCrmSource(url))
    assert said in sentence
    assert "hunter2" not in sentence


def test_what_a_driver_says_is_repeated_without_the_password() -> None:
    from sqlalchemy.exc import OperationalError

    from resources.crm_source.database import translated

    said = Exception("login of app with hunter%202\nor hunter+2, hunter 2 and hunter3 failed")
    with (
        pytest.raises(Unavailable) as caught,
        translated("mssql+pyodbc://app:hunter%202@db/bank?token=hunter3"),
    ):
        raise OperationalError("SELECT 1", {}, said)
    assert "hunter" not in str(caught.value)
    assert "failed" in str(caught.value)
    assert caught.value.__suppress_context__
