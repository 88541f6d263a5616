"""Snowflake's set-up: it parses, gives no password, and grants a run just what the adapter does."""

import logging
import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from resources import catalog
from tests.models import put
from tests.warehouse_servers import SnowflakeServer

SETUP = (Path(__file__).parents[2] / "deploy/snowflake/setup.sql").read_text(encoding="utf-8")
CODE = "\n".join(line for line in SETUP.splitlines() if not line.startswith("--"))
GRANT = re.compile(
    r"GRANT ([A-Z, ]+?) ON (?:(ALL|FUTURE) )?([A-Z]+) (?:IN [A-Z]+ )?([A-Z0-9_.]+) TO ROLE (\w+)"
)
RAN = re.compile(
    r"(?i)\b(select|insert|update|delete|copy into|create temporary stage|put|begin|commit|rollback)\b"
)
NEEDS = {"copy into": "INSERT", "create temporary stage": "CREATE STAGE"}
FREE = {"PUT", "BEGIN", "COMMIT", "ROLLBACK"}


def _granted(role: str) -> set[tuple[str, str, str, str]]:
    """Privilege, whether on all or future, kind of object and where, of a role."""
    return {
        (privilege.strip(), scope, kind, place)
        for privileges, scope, kind, place, to in GRANT.findall(CODE)
        for privilege in privileges.split(",")
        if to == role
    }


def test_every_statement_parses(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL, logger="sqlglot"):
        statements = [tree for tree in sqlglot.parse(CODE, dialect="snowflake") if tree is not None]
    assert len(statements) > 40
    assert {type(tree) for tree in statements} <= {exp.Create, exp.Use, exp.Grant, exp.Command, exp.Alter}
    # Repeatable: nothing is replaced, everything is made where it lacks.
    assert "OR REPLACE" not in CODE
    assert all("IF NOT EXISTS" in found for found in re.findall(r"(?m)^CREATE .*", CODE))


def test_nobody_has_a_password_and_the_warehouse_sleeps() -> None:
    assert "PASSWORD" not in CODE
    assert len(re.findall("TYPE = SERVICE", CODE)) == len(re.findall("(?m)^CREATE USER", CODE)) == 2
    assert "AUTO_SUSPEND = 60" in CODE
    assert "WAREHOUSE_SIZE = 'XSMALL'" in CODE
    assert "RESOURCE_MONITOR = QUADRANT" in CODE


def test_a_run_may_do_what_the_adapter_does_and_make_nothing_that_lasts(
    snowflake: SnowflakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    database = snowflake.new_database()
    with snowflake.warehouse(database).session():
        pass
    # Upgraded: from here on it is as the runs find it.
    with caplog.at_level(logging.DEBUG, logger="snowflake.connector"):
        warehouse = snowflake.warehouse(database)
        put(warehouse, {"customer360.offers": [{"offer_id": "o1", "customer_id": "C1"}]})
        with warehouse.session() as session:
            assert session.count("customer360.offers") == 1
    ran = {m.partition("[")[2] for m in caplog.messages if m.startswith(("running query [", "query: ["))}
    assert ran
    done = {str(RAN.search(text)[1]).lower() for text in ran if RAN.search(text)}  # type: ignore[index]
    assert {"select", "update", "copy into", "create temporary stage"} <= done
    assert not [
        text for text in ran if re.match(r"(?i)(create (?!temporary stage)|drop|alter (?!session))", text)
    ]
    needed = {NEEDS.get(verb, verb.upper()) for verb in done} - FREE
    for schema in {table.partition(".")[0].upper() for table in catalog.tables()} | {"LEDGER"}:
        may = {
            p
            for p, scope, _, place in _granted("QUADRANT_WRITER")
            if scope == "FUTURE" and place == f"QUADRANT.{schema}"
        }
        assert needed - {"CREATE STAGE"} <= may, schema
    assert ("CREATE STAGE", "", "SCHEMA", "QUADRANT.LEDGER") in _granted("QUADRANT_WRITER")


def test_a_run_and_an_analyst_own_nothing_and_an_analyst_only_reads() -> None:
    writer, reader = ({p for p, *_ in _granted(f"QUADRANT_{role}")} for role in ("WRITER", "READER"))
    assert writer == {"USAGE", "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE STAGE"}
    assert reader == {"USAGE", "SELECT"}
    assert not [place for *_, place in _granted("QUADRANT_READER") if "CRM" in place or "LEDGER" in place]
