"""A state's address file, from the bucket to checked rows, rejects, normalized streets and units.

Against pandas and SQLite, which load everything unchecked, and against DuckDB's bare CREATE TABLE AS in file order.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa

from bench import inputs as made
from bench.measuring import Bench, Claim, Result, faster, within

KEY = "geo/incoming/state.csv"
_FOUND = """
SELECT COUNT(*) AS loaded, SUM(CAST(ROUND(lon * 1000000) AS BIGINT)) AS lon, COUNT(DISTINCT street) AS streets,
  SUM(CAST(postcode AS BIGINT)) AS postcodes
FROM {table}
"""
_GOOD = "(SELECT * FROM addresses WHERE lon <> 0 AND lat <> 0 AND {number} <> '') AS good"
_COLUMNS = ["LON", "LAT", "NUMBER", "STREET", "UNIT", "CITY", "DISTRICT", "REGION", "POSTCODE", "ID", "HASH"]


def prepare(inputs: Path, is_small: bool) -> None:
    """Two million records."""
    made.address_file(inputs / KEY, 20_000 if is_small else 2_000_000)


def ours(inputs: Path, scratch: Path) -> Iterator[Result]:
    """What the assets raw_addresses, streets and units do."""
    from platform_assets.geo import openaddresses, postal, streets, units
    from platform_assets.geo.arrival import take_in
    from platform_assets.geo.raw_addresses import CHECKS
    from resources.object_store import FolderObjectStore
    from resources.warehouse import DuckDbWarehouse

    warehouse = DuckDbWarehouse(scratch / "warehouse.duckdb")
    with warehouse.session():
        pass
    postal.usps_table(["1 Main St Apt 2"])
    yield {"parser": openaddresses.VERSION}
    entry = take_in(KEY, FolderObjectStore(inputs), warehouse)
    with warehouse.session() as session:
        offenders = [session.rows(check.offenders)[0]["n"] for check in CHECKS]
        for texts, key, table in (
            (streets.TEXTS, "street_text", postal.usps_table),
            (units.TEXTS, "unit_text", postal.units_table),
        ):
            session.fill(texts.table, key, texts, postal.VERSION, partial(_normalized, key, table))
    yield {}
    with warehouse.session() as session:
        (found,) = session.rows(_FOUND.format(table="geo.raw_addresses"))
        normalized = session.count(streets.TEXTS.table) + session.count(units.TEXTS.table)
    counts = {name: int(str(value)) for name, value in found.items()}
    yield {**counts, "read": entry.read_rows, "offenders": str(offenders), "normalized": normalized}


def _normalized(key: str, table: Callable[[list[str]], pa.Table], fresh: pa.Table) -> pa.Table:
    return table(fresh.column(key).to_pylist())


def pandas_sqlite(inputs: Path, scratch: Path) -> Iterator[Result]:
    """`pandas.read_csv` and `to_sql`, codes kept as text."""
    import sqlite3

    import pandas as pd  # type: ignore[import-untyped]

    connection = sqlite3.connect(scratch / "addresses.sqlite")
    yield {}
    frame = pd.read_csv(inputs / KEY, dtype={"NUMBER": str, "POSTCODE": str, "HASH": str})
    frame.to_sql("addresses", connection, index=False)
    connection.commit()
    yield {}
    (read,) = connection.execute("SELECT COUNT(*) FROM addresses").fetchone()
    row = connection.execute(_FOUND.format(table=_GOOD.format(number="COALESCE(number, '')"))).fetchone()
    yield {"read": read, **dict(zip(("loaded", "lon", "streets", "postcodes"), row, strict=True))}


def bare_duckdb(inputs: Path, scratch: Path) -> Iterator[Result]:
    """CREATE TABLE AS over `read_csv`, types given, rows in the order of the file."""
    import duckdb

    types = {name: "DOUBLE" if name in ("LON", "LAT") else "VARCHAR" for name in _COLUMNS}
    yield {}
    connection = duckdb.connect(scratch / "addresses.duckdb")
    connection.execute(
        f"CREATE TABLE addresses AS SELECT * FROM read_csv('{inputs / KEY}', header = true, columns = {types})"
    )
    connection.close()
    yield {}
    connection = duckdb.connect(scratch / "addresses.duckdb")
    read = connection.execute("SELECT COUNT(*) FROM addresses").fetchone() or (0,)
    table = _GOOD.format(number="COALESCE(number, '')")
    row = connection.execute(_FOUND.format(table=table)).fetchone() or ()
    counts = dict(zip(("loaded", "lon", "streets", "postcodes"), map(int, row), strict=True))
    yield {"read": read[0], **counts}


BENCH = Bench(
    "addresses",
    prepare,
    {"ours": ours, "pandas": pandas_sqlite, "duckdb": bare_duckdb},
    (
        Claim("2M addresses, checked and normalized: pandas to SQLite", "ours", "pandas", *faster(5)),
        Claim("2M addresses, checked and normalized: bare DuckDB CTAS", "ours", "duckdb", *within(2)),
    ),
)
