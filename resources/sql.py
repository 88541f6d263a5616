"""One SQL: statements and models in Snowflake's dialect.

What takes a parse is in `parsing`, which is loaded when it is asked for: a code server needs the texts only. Tables are
in `catalog`, connections in `warehouse`.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

Value = str | int | float | bool | dt.datetime | dt.date | None
Source = tuple[str, str]
"""A table, `schema.name`, and one of its columns."""

_COMMENT = re.compile(r"--.*")
_READ = re.compile(r"\b(?:FROM|JOIN)\s+(\w+\.\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """One statement in Snowflake's dialect with `:name` parameters."""

    text: str

    @cached_property
    def tree(self) -> "exp.Expr":
        """The parse; raises sqlglot.ParseError."""
        from resources import parsing

        return parsing.parse(self.text)

    @cached_property
    def parameters(self) -> frozenset[str]:
        """Names of the `:name` parameters."""
        from resources import parsing

        return parsing.parameters(self.tree)

    @property
    def is_ddl(self) -> bool:
        """Whether it changes the schema, which commits on Snowflake."""
        from resources import parsing

        return parsing.is_ddl(self.tree)

    @cached_property
    def duckdb(self) -> str:
        """The statement in DuckDB's dialect, parameters as `$name`; raises UnsupportedError rather than guess."""
        from resources import parsing

        return parsing.duckdb(self.tree)

    @cached_property
    def snowflake(self) -> tuple[str, tuple[str, ...]]:
        """The text with each `:name` as `?`, and the names in their order."""
        from resources import parsing

        return parsing.positional(self.text, self.parameters)

    def bound(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values this statement uses, times as naive UTC; raises KeyError for a missing one."""
        return {name: _naive(values[name]) for name in sorted(self.parameters)}


@lru_cache(maxsize=512)
def statement(text: str) -> Statement:
    """The statement of a text, parsed at most once in a process."""
    return Statement(text)


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
        from resources import parsing

        return parsing.columns(self.query.tree)

    def lineage(self, columns: Mapping[str, Mapping[str, str]]) -> dict[str, list[Source]]:
        """Where each column comes from, given every table's columns and types.

        Columns that only filter or join are not sources. Raises ValueError when a source cannot be told.
        """
        from resources import parsing

        return parsing.sources(self.query.tree, columns)


def _naive(value: Value) -> Value:
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value
