"""One SQL: statements in Snowflake's dialect, and what follows from parsing them once.

Here belong translation, parameters and column lineage; not tables (`catalog`) and not connections (`warehouse`).
"""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.tokenizer_core import TokenType

Value = str | int | float | bool | dt.datetime | dt.date | None
Source = tuple[str, str]
"""A table, `schema.name`, and one of its columns."""

_COMMENT = re.compile(r"--.*")
_READ = re.compile(r"\b(?:FROM|JOIN)\s+(\w+\.\w+)", re.IGNORECASE)
_DDL = (exp.Create, exp.Alter, exp.Drop, exp.TruncateTable, exp.Command, exp.Comment)


@dataclass(frozen=True)
class Statement:
    """One statement in Snowflake's dialect with `:name` parameters."""

    text: str

    @cached_property
    def tree(self) -> exp.Expr:
        """The parse; raises sqlglot.ParseError."""
        return sqlglot.parse_one(self.text, dialect="snowflake")

    @cached_property
    def parameters(self) -> frozenset[str]:
        """Names of the `:name` parameters."""
        return frozenset(str(found.this) for found in self.tree.find_all(exp.Placeholder))

    @property
    def is_ddl(self) -> bool:
        """Whether it changes the schema, which commits on Snowflake."""
        return isinstance(self.tree, _DDL)

    @cached_property
    def duckdb(self) -> str:
        """The statement in DuckDB's dialect, parameters as `$name`; raises UnsupportedError rather than guess."""
        tree = self.tree.copy()
        for comment in list(tree.find_all(exp.SchemaCommentProperty, exp.CommentColumnConstraint)):
            (comment.parent if isinstance(comment.parent, exp.ColumnConstraint) else comment).pop()
        return tree.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)

    @cached_property
    def snowflake(self) -> tuple[str, tuple[str, ...]]:
        """The text with each `:name` as `?`, and the names in their order."""
        tokens = sqlglot.tokenize(self.text, dialect="snowflake")
        pieces, names, end = [], [], 0
        for colon, name in zip(tokens, tokens[1:], strict=False):
            if (
                colon.token_type is TokenType.COLON
                and name.start == colon.end + 1
                and name.text in self.parameters
            ):
                # The blank keeps `?::` from being read as one token.
                pieces += [self.text[end : colon.start], "? "]
                names.append(name.text)
                end = name.end + 1
        return "".join([*pieces, self.text[end:]]), tuple(names)

    def bound(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values this statement uses, times as naive UTC; raises KeyError for a missing one."""
        return {name: _naive(values[name]) for name in sorted(self.parameters)}


@lru_cache(maxsize=512)
def statement(text: str) -> Statement:
    """The statement of a text, parsed at most once in a process."""
    return Statement(text)


def split(text: str) -> tuple[Statement, ...]:
    """The statements of a file, told apart by semicolons."""
    starts = [0]
    starts += [
        token.end + 1
        for token in sqlglot.tokenize(text, dialect="snowflake")
        if token.token_type is TokenType.SEMICOLON
    ]
    pieces = (text[start:end].strip(" \n;") for start, end in pairwise([*starts, len(text)]))
    return tuple(Statement(piece) for piece in pieces if piece)


@dataclass(frozen=True)
class Model:
    """The SELECT that makes a table: one `.sql` file beside the asset that runs it."""

    table: str
    text: str

    @classmethod
    def beside(cls, module_file: str) -> "Model":
        """The model of an asset module: `geo/addresses.py` runs `geo/addresses.sql` and fills `geo.addresses`."""
        path = Path(module_file).with_suffix(".sql")
        return cls(f"{path.parent.name}.{path.stem}", path.read_text(encoding="utf-8"))

    @property
    def digest(self) -> str:
        """Changes with the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    @property
    def query(self) -> Statement:
        """The SELECT."""
        return statement(self.text)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Tables it reads, `schema.name`, sorted."""
        # Without a parse, because each load of the graph asks; a test compares with the parser.
        return tuple(sorted({name.lower() for name in _READ.findall(_COMMENT.sub("", self.text))}))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns it yields, in order."""
        return tuple(name.lower() for name in _query(self.query.tree).named_selects)

    def lineage(self, columns: Mapping[str, Mapping[str, str]]) -> dict[str, list[Source]]:
        """Where each column comes from, given every table's columns and types.

        Columns that only filter or join are not sources. Raises ValueError when a source cannot be told.
        """
        schema: dict[str, Any] = {}
        for table, types in columns.items():
            namespace, name = table.upper().split(".")
            schema.setdefault(namespace, {})[name] = {column.upper(): kind for column, kind in types.items()}
        tree = qualify(self.query.tree.copy(), schema=schema, dialect="snowflake")
        # Selects cut to one column would read better in a drawing of the nodes; to cut them is most of the time.
        nodes = lineage(
            None, tree, schema=schema, dialect="snowflake", scope=build_scope(tree), trim_selects=False
        )
        return {name.lower(): _leaves(name, node) for name, node in nodes.items()}


def _query(tree: exp.Expr) -> exp.Query:
    if not isinstance(tree, exp.Query):
        raise ValueError(f"A model is a SELECT, not {tree.key.upper()}.")
    return tree


def _leaves(column: str, node: object) -> list[Source]:
    found: set[Source] = set()
    for step in node.walk():  # type: ignore[attr-defined]
        if isinstance(step.source, exp.Table) and not step.downstream:
            if step.name == "*" or isinstance(step.expression, exp.Placeholder):
                raise ValueError(f"The source of column {column} cannot be told.")
            table = f"{step.source.db}.{step.source.name}".lower()
            found.add((table, step.name.rsplit(".", 1)[-1].strip('"').lower()))
    return sorted(found)


def _naive(value: Value) -> Value:
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value
