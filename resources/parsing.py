"""What follows from the parse of a statement in Snowflake's dialect: translation, parameters, column lineage.

The one module that knows sqlglot's trees; `sql` asks it when a statement is run or its lineage is drawn.
"""

from collections.abc import Collection, Mapping
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.tokenizer_core import TokenType

_DDL = (exp.Create, exp.Alter, exp.Drop, exp.TruncateTable, exp.Command, exp.Comment)


def parse(text: str) -> exp.Expr:
    """The tree of one statement; raises sqlglot.ParseError."""
    return sqlglot.parse_one(text, dialect="snowflake")


def parameters(tree: exp.Expr) -> frozenset[str]:
    """Names of its `:name` parameters."""
    return frozenset(str(found.this) for found in tree.find_all(exp.Placeholder))


def is_ddl(tree: exp.Expr) -> bool:
    """Whether it changes the schema."""
    return isinstance(tree, _DDL)


def duckdb(tree: exp.Expr) -> str:
    """The statement in DuckDB's dialect, parameters as `$name`; raises UnsupportedError rather than guess."""
    tree = tree.copy()
    for comment in list(tree.find_all(exp.SchemaCommentProperty, exp.CommentColumnConstraint)):
        (comment.parent if isinstance(comment.parent, exp.ColumnConstraint) else comment).pop()
    return tree.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)


def positional(text: str, names: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The text with each `:name` as `?`, and the names in their order."""
    tokens = sqlglot.tokenize(text, dialect="snowflake")
    pieces, found, end = [], [], 0
    for colon, name in zip(tokens, tokens[1:], strict=False):
        if colon.token_type is TokenType.COLON and name.start == colon.end + 1 and name.text in names:
            # The blank keeps `?::` from being read as one token.
            pieces += [text[end : colon.start], "? "]
            found.append(name.text)
            end = name.end + 1
    return "".join([*pieces, text[end:]]), tuple(found)


def columns(tree: exp.Expr) -> tuple[str, ...]:
    """Columns that a query yields, in order; raises ValueError for what is no query."""
    if not isinstance(tree, exp.Query):
        raise ValueError(f"A model is a SELECT, not {tree.key.upper()}.")
    return tuple(name.lower() for name in tree.named_selects)


def sources(tree: exp.Expr, known: Mapping[str, Mapping[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """Tables and columns that each column of a query comes from, given every table's columns and types.

    Columns that only filter or join are not sources. Raises ValueError when a source cannot be told.
    """
    schema: dict[str, Any] = {}
    for table, types in known.items():
        namespace, name = table.upper().split(".")
        schema.setdefault(namespace, {})[name] = {column.upper(): kind for column, kind in types.items()}
    tree = qualify(tree.copy(), schema=schema, dialect="snowflake")
    # Selects cut to one column would read better in a drawing of the nodes; to cut them is most of the time.
    nodes = lineage(
        None, tree, schema=schema, dialect="snowflake", scope=build_scope(tree), trim_selects=False
    )
    return {name.lower(): _leaves(name, node) for name, node in nodes.items()}


def _leaves(column: str, node: object) -> list[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for step in node.walk():  # type: ignore[attr-defined]
        if isinstance(step.source, exp.Table) and not step.downstream:
            if step.name == "*" or isinstance(step.expression, exp.Placeholder):
                raise ValueError(f"The source of column {column} cannot be told.")
            table = f"{step.source.db}.{step.source.name}".lower()
            found.add((table, step.name.rsplit(".", 1)[-1].strip('"').lower()))
    return sorted(found)
