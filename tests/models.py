"""How a model is tested: small tables written by hand go in, the model runs, the rows it makes are compared.

A table is text: a line of column names, then a row per line, cells between bars, a comment after ` -- `. `-` is
NULL, `''` the empty text. Columns that a case is silent about are NULL, or the empty value of their type.
"""

import datetime as dt
from collections.abc import Mapping
from contextlib import ExitStack

import pytest

from resources import catalog
from resources.sql import Model, Value
from resources.warehouse import Built, Commit, Warehouse

Row = dict[str, object]

_EMPTY: Mapping[str, object] = {
    "VARCHAR": "",
    "BIGINT": 0,
    "FLOAT": 0.0,
    "BOOLEAN": False,
    "DATE": dt.date(1970, 1, 1),
    "TIMESTAMP_NTZ": dt.datetime(1970, 1, 1),
}
_NEVER = dt.datetime(1000, 1, 1)
_NEVER_SQL = "'1000-01-01 00:00:00'::TIMESTAMP_NTZ"


def table(name: str, text: str) -> list[Row]:
    """Rows of a warehouse table, typed as it is."""
    kinds = {column.name: column.kind for column in catalog.tables()[name].columns}
    lines = [line.partition(" -- ")[0].strip() for line in text.splitlines()]
    header, *rows = [
        [cell.strip() for cell in line.split("|")] for line in lines if line and line[:3] != "-- "
    ]
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"{len(header)} columns, but {len(row)} cells: {row}")
    return [{n: _value(kinds[n], cell) for n, cell in zip(header, row, strict=True)} for row in rows]


def fill(warehouse: Warehouse, **texts: str) -> None:
    """Put rows into tables, `geo__addresses` being `geo.addresses`, by one commit."""
    named = {argument.replace("__", "."): text for argument, text in texts.items()}
    put(warehouse, {name: table(name, text) for name, text in named.items()})


def put(warehouse: Warehouse, rows: Mapping[str, list[Row]]) -> None:
    """Add rows to tables by one commit; required columns left out get the empty value of their type."""
    with ExitStack() as stack:
        spools = [stack.enter_context(warehouse.spool(name)) for name in rows]
        for spool in spools:
            columns = catalog.tables()[spool.table].columns
            empty = {c.name: _EMPTY[c.kind] for c in columns if not c.is_nullable}
            spool.write_rows([{**empty, **row} for row in rows[spool.table]])
        session = stack.enter_context(warehouse.session("fill"))
        before = session.position("test")
        read = sum(spool.rows for spool in spools)
        session.commit(Commit("test", before, str(int(before or 0) + 1), read, loaded=spools))


def build(
    warehouse: Warehouse, model: Model, part: tuple[str, str] | None = None, /, **values: Value
) -> Built:
    """Run a model in a session of its own."""
    with warehouse.session("build") as session:
        return session.build(model, part, values)


def assert_rows(warehouse: Warehouse, name: str, text: str) -> None:
    """A table holds exactly these rows, in any order; columns not named are not compared."""
    expected = table(name, text)
    header = text.strip().splitlines()[0].partition(" -- ")[0].replace("|", " ").split()
    kinds = {column.name: column.kind for column in catalog.tables()[name].columns}
    # The stand-in sends an empty time as 1970, so it is sent as another one here.
    asked = [f"COALESCE({n}, {_NEVER_SQL}) AS {n}" if kinds[n] == "TIMESTAMP_NTZ" else n for n in header]
    with warehouse.session("assert") as session:
        rows = session.rows(f"SELECT {', '.join(asked)} FROM {name}")
    found = [{n: None if value == _NEVER else value for n, value in row.items()} for row in rows]
    assert sorted(map(_shown, found)) == sorted(map(_shown, expected))
    for one, other in zip(sorted(found, key=_shown), sorted(expected, key=_shown), strict=True):
        assert one == {k: pytest.approx(v, abs=1e-9) if isinstance(v, float) else v for k, v in other.items()}


def _shown(row: Row) -> str:
    return " | ".join(f"{k}={v:.6g}" if isinstance(v, float) else f"{k}={v}" for k, v in row.items())


def _value(kind: str, cell: str) -> object:
    if cell == "-":
        return None
    if cell == "''":
        return ""
    if kind == "BOOLEAN":
        return {"true": True, "false": False}[cell]
    read = {
        "BIGINT": int,
        "FLOAT": float,
        "DATE": dt.date.fromisoformat,
        "TIMESTAMP_NTZ": dt.datetime.fromisoformat,
        "VARCHAR": str,
    }
    return read[kind](cell)  # type: ignore[operator]
