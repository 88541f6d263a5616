"""One SQL: what models may use and what it means on both warehouses, translation, parameters, column lineage."""

import ast
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import UnsupportedError

from resources import catalog
from resources.sql import Model, Statement, statement
from resources.warehouse import Warehouse

ROOT = Path(__file__).parents[2] / "platform_assets"
MODELS = [Model.beside(str(path)) for path in sorted(ROOT.glob("*/*.sql"))]
NAMES = [model.table for model in MODELS]

THREE = "(VALUES (1, 'b'), (2, 'a'), (3, 'b')) AS v (n, t)"

FUNCTIONS: dict[str, tuple[str, object]] = {
    # A function by sqlglot's name, an example, and what Snowflake's documentation says it gives.
    "Abs": ("ABS(-15)", 15),
    "And": ("TRUE AND NULL IS NULL", True),
    "ArgMax": (f"(SELECT MAX_BY(t, n) FROM {THREE})", "b"),
    "ArgMin": (f"(SELECT MIN_BY(t, n) FROM {THREE} WHERE n > 1)", "a"),
    "Avg": (f"(SELECT AVG(n::FLOAT) FROM {THREE})", 2.0),
    "Case": ("CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'other' END", "two"),
    "Cast": ("'2026-11-01'::DATE", dt.date(2026, 11, 1)),
    "Coalesce": ("COALESCE(NULL, 'b', 'c')", "b"),
    "Contains": ("CONTAINS('ice tea', 'te')", True),
    "Count": (f"(SELECT COUNT(DISTINCT t) FROM {THREE})", 2),
    "CountIf": (f"(SELECT COUNT_IF(n > 1) FROM {THREE})", 2),
    "DateAdd": ("DATEADD(day, 14, '2026-02-20 10:00:00'::TIMESTAMP_NTZ)", dt.datetime(2026, 3, 6, 10)),
    "DateDiff": (
        "DATEDIFF(day, '2026-10-31 23:59:00'::TIMESTAMP_NTZ, '2026-11-02 00:01:00'::TIMESTAMP_NTZ)",
        2,
    ),
    "Exists": (f"EXISTS (SELECT 1 FROM {THREE} WHERE n = 3)", True),
    "Floor": ("FLOOR(-135.5)::BIGINT", -136),
    "Greatest": ("GREATEST(1, 3, 2)", 3),
    "GroupConcat": (f"(SELECT LISTAGG(DISTINCT t, ', ') WITHIN GROUP (ORDER BY t) FROM {THREE})", "a, b"),
    "HAVERSINE": ("ROUND(HAVERSINE(40.7127, -74.0059, 34.0500, -118.2500), 6)::FLOAT", 3936.385096),
    "If": ("IFF(NULL, 'true', 'false')", "false"),
    "Lag": (f"(SELECT MAX(b) FROM (SELECT LAG(t) OVER (ORDER BY n) AS b FROM {THREE}))", "b"),
    "Lead": (f"(SELECT MIN(b) FROM (SELECT LEAD(n) OVER (ORDER BY n) AS b FROM {THREE}))", 2),
    "Length": ("LENGTH('zoë')", 3),
    "Levenshtein": ("EDITDISTANCE('Gute nacht', 'Ich weis nicht')", 8),
    "Lower": ("LOWER('SNOW É')", "snow é"),
    "MD5": ("MD5('Snowflake')", "edf1439075a83a447fb8b630ddc9c8de"),
    "Max": (f"(SELECT MAX(t) FROM {THREE})", "b"),
    "Min": (f"(SELECT MIN(t) FROM {THREE})", "a"),
    "Ntile": (f"(SELECT MIN(b) FROM (SELECT NTILE(2) OVER (ORDER BY n) AS b FROM {THREE} QUALIFY n > 1))", 1),
    "Nullif": ("COALESCE(NULLIF('', ''), 'null')", "null"),
    "Or": ("FALSE OR TRUE", True),
    "Pad": ("LPAD('123456', 5, '0') || LPAD('7', 3, '0')", "12345007"),
    "RegexpReplace": ("REGEXP_REPLACE('(860) 555-01', '[^0-9]', '')", "86055501"),
    "Round": ("ROUND(135.135, -2)::BIGINT", 100),
    "RowNumber": (
        f"(SELECT MAX(t) FROM (SELECT t FROM {THREE} QUALIFY ROW_NUMBER() OVER (PARTITION BY t ORDER BY n DESC) = 1))",
        "b",
    ),
    "SHA2": (
        "SHA2('Snowflake', 256)",
        "1dbd59f661d68b90724f21084396b865497173e4d2714f4d91cf05fa5fc5e18d",
    ),
    "SplitPart": ("SPLIT_PART('06103-1234', '-', 1) || '/' || SPLIT_PART('a', '-', 2)", "06103/"),
    "StartsWith": ("STARTSWITH('topic/tweets/0', 'topic/')", True),
    "Substring": ("SUBSTR('testing 1 2 3', 9) || SUBSTR('testing 1 2 3', 9, 1)", "1 2 31"),
    "Sum": (f"(SELECT SUM(n) FROM {THREE})::BIGINT", 6),
    "TimestampTrunc": ("DATE_TRUNC('month', '2026-11-30 23:59:59'::TIMESTAMP_NTZ)", dt.datetime(2026, 11, 1)),
    "ToChar": ("TO_VARCHAR(7) || TO_VARCHAR('2026-11-01'::DATE)", "72026-11-01"),
    "Trim": ("TRIM('  a b ')", "a b"),
    "Variance": (f"(SELECT VARIANCE(n::FLOAT) FROM {THREE})", 1.0),
    "Upper": ("UPPER('elm é')", "ELM É"),
}
CONSTRUCTS = set(
    """
    Add Alias All Anonymous Between Boolean CTE Column DPipe DataType Delete Distinct Div EQ From GT GTE Group Having Identifier In Insert Is Join
    LT LTE Literal Mul NEQ Neg Not Null NullSafeNEQ Order Ordered Paren Placeholder Qualify Schema Select Star Sub Subquery
    Table TableAlias Tuple Union Update Values Var Where Window WindowSpec With Limit
    """.split()  # noqa: SIM905 - a list of words
)
TYPES = {"VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMPNTZ", "DATE"}
WITHOUT_SOURCE = {
    # Counted rows and constants come from no column.
    "crm.households": {"customers"},
    "customer360.offer_rules": set(catalog.tables()["customer360.offer_rules"].schema.names),
    "customer360.profiles": {"portfolios", "tweets"},
    "customer360.support_cases": {"complaints"},
    "geo.addresses": {"sources"},
    "promotions.segments": {"as_of"},
}


def queries() -> Iterator[tuple[str, exp.Expr]]:
    """Every model, and every query in the Python of the assets, with `x` for what is filled in."""
    for model in MODELS:
        yield model.table, model.query.tree
    for path in sorted(ROOT.rglob("*.py")):
        for text in texts(ast.parse(path.read_text(encoding="utf-8"))):
            if re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE|MERGE)\s+\S", text):
                yield path.name, sqlglot.parse_one(re.sub(r"\{\w+\}", "x", text), dialect="snowflake")


def texts(node: ast.AST) -> Iterator[str]:
    """Strings of a tree; an f-string is one."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from texts(child)


def kind(node: exp.Expr) -> str:
    """The name under which an expression is allowed."""
    return node.name.upper() if isinstance(node, exp.Anonymous) else type(node).__name__


def test_queries_use_listed_functions_constructs_and_types_only() -> None:
    found = list(queries())
    assert len(found) > len(MODELS) + 20
    strange = {
        (place, kind(node))
        for place, tree in found
        for node in tree.walk()
        if kind(node) not in (FUNCTIONS if isinstance(node, exp.Func) else CONSTRUCTS)
    }
    assert not strange, "not portable until it has a row in FUNCTIONS, with an example from the documentation"
    cast = {(place, node.to.this.value) for place, tree in found for node in tree.find_all(exp.Cast)}
    assert {(place, name) for place, name in cast if name not in TYPES} == set()


def test_every_listed_function_means_the_same_on_each_warehouse(warehouse: Warehouse) -> None:
    columns = ",\n".join(f"{example} AS f_{name}" for name, (example, _) in FUNCTIONS.items())
    with warehouse.session() as session:
        (row,) = session.rows(f"SELECT {columns}")
    assert row == {f"f_{name.lower()}": expected for name, (_, expected) in FUNCTIONS.items()}


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_a_model_keeps_the_rules_of_portable_sql(model: Model) -> None:
    tree = model.query.tree
    assert set(model.columns) == set(catalog.tables()[model.table].schema.names)
    assert set(model.inputs) <= set(catalog.tables())
    parsed = {f"{table.db}.{table.name}".lower() for table in tree.find_all(exp.Table) if table.db}
    assert set(model.inputs) == parsed
    selects = [tree] if isinstance(tree, exp.Select) else list(tree.find_all(exp.Select))[:2]
    assert not [column for select in selects for column in select.selects if column.is_star]
    for window in tree.find_all(exp.Window):
        if isinstance(window.this, exp.RowNumber | exp.Lag | exp.Lead | exp.Ntile):
            assert window.args.get("order") is not None
    for function in tree.find_all(exp.GroupConcat):
        assert isinstance(function.parent, exp.WithinGroup) or function.find(exp.Order) is not None
    assert "$" not in model.text


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_every_column_of_a_model_has_a_source_unless_it_counts_or_is_constant(model: Model) -> None:
    found = model.lineage(catalog.types())
    assert list(found) == list(model.columns)
    assert {column for column, sources in found.items() if not sources} == WITHOUT_SOURCE.get(
        model.table, set()
    )
    known = {(table, column) for table, columns in catalog.types().items() for column in columns}
    assert {source for sources in found.values() for source in sources} <= known


def lineage(table: str) -> dict[str, str]:
    """Sources of each column, as one sorted line."""
    model = MODELS[NAMES.index(table)]
    return {
        c: " ".join(".".join(s) for s in sources) for c, sources in model.lineage(catalog.types()).items()
    }


def test_columns_of_located_tweets_come_from_where_their_sql_says() -> None:
    points = "geo.addresses.lat geo.addresses.lon tweets.tweets.lat tweets.tweets.lon"
    assert lineage("tweets.located_tweets") == {
        "tweet_id": "tweets.tweets.tweet_id",
        "quadrant": "tweets.tweets.quadrant",
        "address_id": "geo.addresses.address_id",
        "building_id": "geo.addresses.building_id",
        "building_dwellings": "geo.addresses.building_dwellings",
        "distance_m": points,
        "runner_up_distance_m": points,
    }


def test_columns_of_offers_come_from_where_their_sql_says() -> None:
    assert lineage("customer360.offers") == {
        "offer_id": "customer360.categories.customer_id customer360.categories.tweet_id",
        "customer_id": "customer360.categories.customer_id",
        "rule_id": "customer360.offer_rules.rule_id",
        "product": "customer360.offer_rules.product",
        "pitch": "customer360.offer_rules.pitch",
        "tweet_id": "customer360.categories.tweet_id",
        "offered_at": "customer360.categories.tweeted_at",
        "reason": "customer360.offer_rules.product customer360.profiles.portfolios customer360.profiles.value_usd "
        "tweets.scored_tweets.topic",
    }


def test_columns_of_addresses_come_from_where_their_sql_says() -> None:
    def raw(*columns: str) -> list[str]:
        return [f"geo.raw_addresses.{column}" for column in columns]

    # A locality that nothing names is the cell, so that the point is a source of it; the newest record is a file's line.
    city = raw("city", "lat", "lon")
    newest = raw("file", "line", "member")
    building = [*city, *raw("house_number"), "geo.streets.street"]
    unit = ["geo.streets.unit", "geo.units.unit"]
    expected = {
        "address_id": [*building, *unit],
        "house_number": raw("house_number"),
        "street": ["geo.streets.street"],
        "unit": unit,
        "city": city,
        "postcode": [*newest, *raw("postcode")],
        "lon": [*newest, *raw("lon")],
        "lat": [*newest, *raw("lat")],
        "quadrant": [*newest, *raw("lat", "lon")],
        "building_id": building,
        "building_dwellings": building,
        "sources": [],
        "files": raw("file"),
    }
    assert lineage("geo.addresses") == {
        column: " ".join(sorted(sources)) for column, sources in expected.items()
    }


def test_a_source_that_cannot_be_told_is_an_error() -> None:
    model = Model("geo.x", "SELECT * FROM geo.unknown")
    with pytest.raises((ValueError, sqlglot.errors.SqlglotError)):
        model.lineage(catalog.types())


@pytest.mark.parametrize(
    "expression",
    [
        "TO_CHAR(x, 'FM999')",
        "SHA2(x, 512)",
        "COLLATE(x, 'en-ci')",
        "REGEXP_REPLACE(x, 'a', 'b', 1, 2)",
        "TO_DECIMAL(x, '99')",
        "APPROX_TOP_K(x, 3, 4)",
    ],
)
def test_a_translation_that_would_mean_something_else_raises(expression: str) -> None:
    with pytest.raises(UnsupportedError):
        _ = Statement(f"SELECT {expression} FROM t").duckdb


def test_names_of_parameters_are_found_and_casts_and_texts_are_left_alone() -> None:
    text = "SELECT ':a' AS t, x::BIGINT, :a::VARCHAR, '10:30'::VARCHAR, :b, :a FROM s WHERE y = :b -- :a"
    found = statement(text)
    assert found.parameters == {"a", "b"}
    sent, names = found.snowflake
    assert names == ("a", "b", "a", "b")
    assert sent.count("?") == 4
    assert "':a' AS t" in sent
    assert "x::BIGINT" in sent
    assert "'10:30'::VARCHAR" in sent
    assert "$a" in found.duckdb
    assert "':a'" in found.duckdb


def test_each_statement_is_given_its_own_values_only_and_a_missing_one_is_an_error() -> None:
    found = statement("SELECT :a, :b")
    assert found.bound({"a": 1, "b": 2, "c": 3}) == {"a": 1, "b": 2}
    with pytest.raises(KeyError):
        found.bound({"a": 1})


def test_times_are_bound_as_naive_utc() -> None:
    eastern = dt.timezone(dt.timedelta(hours=-5))
    found = statement("SELECT :t, :u, :d").bound(
        {
            "t": dt.datetime(2026, 11, 1, 7, tzinfo=eastern),
            "u": dt.datetime(2026, 11, 1, 7),
            "d": dt.date(2026, 11, 1),
        }
    )
    assert found == {
        "t": dt.datetime(2026, 11, 1, 12),
        "u": dt.datetime(2026, 11, 1, 7),
        "d": dt.date(2026, 11, 1),
    }


@pytest.mark.parametrize(
    ("text", "is_ddl"),
    [
        ("CREATE TABLE a.b (c BIGINT)", True),
        ("DROP TABLE a.b", True),
        ("ALTER TABLE a.b ADD COLUMN c BIGINT", True),
        ("TRUNCATE TABLE a.b", True),
        ("COMMENT ON TABLE a.b IS 'c'", True),
        ("DELETE FROM a.b", False),
        ("INSERT INTO a.b (c) SELECT 1", False),
        ("UPDATE a.b SET c = 1", False),
        ("MERGE INTO a.b USING a.c ON b.x = c.x WHEN MATCHED THEN DELETE", False),
        ("SELECT 1", False),
    ],
)
def test_statements_that_commit_on_snowflake_are_known(text: str, is_ddl: bool) -> None:
    assert Statement(text).is_ddl is is_ddl


def test_comments_of_a_schema_do_not_reach_duckdb() -> None:
    assert (
        "meaning" not in Statement("CREATE TABLE a.b (c BIGINT COMMENT 'meaning') COMMENT = 'meaning'").duckdb
    )


def test_a_model_lies_beside_its_asset_and_changes_its_digest_with_its_text() -> None:
    model = Model.beside(str(ROOT / "geo" / "addresses.py"))
    assert model.table == "geo.addresses"
    assert model.inputs == ("geo.raw_addresses", "geo.streets", "geo.units")
    assert model.digest != Model(model.table, model.text + "\n").digest
