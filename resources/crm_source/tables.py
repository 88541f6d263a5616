"""A table of the CRM as its database has it: which of its columns Quadrant reads, and how its times compare.

Names that the mapping gives and the database lacks are errors of the mapping, said with what is there.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from resources.crm_source.mapping import TableMapping
from resources.crm_source.port import COLUMNS, CrmTable
from resources.unavailable import Unavailable

Comparable = Callable[[dt.datetime], sa.ColumnElement[Any]]

_SHOWN = 30


@dataclass(frozen=True)
class Source:
    """Columns under Quadrant's names, those not mapped as NULL.

    `changed` is when a row changed, None without `updated_at`; `time` makes a time comparable with it.
    """

    table: sa.TableClause
    columns: list[sa.ColumnElement[Any]]
    key: sa.ColumnElement[Any]
    changed: sa.ColumnElement[Any] | None
    time: Comparable

    def order(self) -> list[sa.ColumnElement[Any]]:
        """Empty times first, on every database."""
        if self.changed is None:
            return [self.key]
        return [sa.case((self.changed.is_(None), 0), else_=1), self.changed, self.key]

    def since(self, since: dt.datetime) -> sa.ColumnElement[bool]:
        """Changed then or later, or nobody knows when."""
        if self.changed is None:
            return sa.true()
        return sa.or_(self.changed >= self.time(since.astimezone(dt.UTC)), self.changed.is_(None))


def source(connection: sa.Connection, mapping: TableMapping, table: CrmTable, key: str, place: str) -> Source:
    """Find the mapped names in the database; raises Unavailable that lists what exists instead."""
    inspector = sa.inspect(connection)
    schema, _, wanted = mapping.table.rpartition(".")
    name = _table_name(inspector, wanted, schema or None, place)
    types = {column["name"]: column["type"] for column in inspector.get_columns(name, schema or None)}
    theirs = {
        own: _found(
            column, types, f"Table {mapping.table!r} at CRM_URL {place} has no column", f"columns {own!r}"
        )
        for own, column in mapping.columns.items()
    }
    dialect = connection.dialect.name
    clause = sa.table(
        name,
        *(sa.column(column, _kind(types[column])) for column in set(theirs.values())),
        schema=schema or None,
    )
    updated_at = theirs.get("updated_at")
    changed: sa.ColumnElement[Any] | None = None if updated_at is None else clause.c[updated_at]
    time: Comparable = partial(bound, types.get(updated_at or "", sa.types.NULLTYPE))
    if changed is not None and dialect == "sqlite":
        # SQLite keeps times as text, with T or a blank, with or without a zone: compare what they mean.
        changed = sa.func.julianday(changed)
        time = _julian_day
    return Source(
        clause,
        [
            _asked(clause.c[theirs[own]], types[theirs[own]], dialect).label(own)
            if own in theirs
            else sa.null().label(own)
            for own in COLUMNS[table]
        ],
        clause.c[theirs[key]],
        changed,
        time,
    )


def _kind(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """Bytes are told to the driver, which gives a view of its own otherwise; the rest comes as the driver reads it."""
    return sa.LargeBinary() if isinstance(kind, postgresql.BYTEA) else sa.types.NULLTYPE


def _asked(
    column: sa.ColumnClause[Any], kind: sa.types.TypeEngine[Any], dialect: str
) -> sa.ColumnElement[Any]:
    """The column, or its text: PostgreSQL's times reach beyond Python's, and a driver would end the extraction."""
    is_time = dialect == "postgresql" and isinstance(kind, sa.DateTime | sa.Date)
    return sa.cast(column, sa.Text) if is_time else column


def _julian_day(since: dt.datetime) -> sa.ColumnElement[Any]:
    return sa.func.julianday(since.replace(tzinfo=None).isoformat(sep=" "))


def bound(kind: sa.types.TypeEngine[Any], since: dt.datetime) -> sa.BindParameter[Any]:
    """A time in UTC as a column of this type compares it; never later than that, so nothing is missed."""
    if isinstance(kind, sa.DateTime):
        return sa.literal(since if kind.timezone else since.replace(tzinfo=None), kind)
    if isinstance(kind, sa.Date):
        return sa.literal(since.date(), kind)
    # ISO text sorts by its date, whatever stands between date and time.
    return sa.literal(since.date().isoformat(), sa.String())


def _table_name(inspector: sa.Inspector, wanted: str, schema: str | None, place: str) -> str:
    if inspector.has_table(wanted, schema):
        return wanted
    names = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
    return _found(wanted, names, f"CRM_URL {place} has no table", "table names")


def _found(wanted: str, names: Iterable[str], complaint: str, where: str) -> str:
    """`wanted` as the database spells it; databases differ in upper and lower case."""
    names = sorted(names)
    alike = [name for name in names if name.casefold() == wanted.casefold()]
    if wanted in names:
        return wanted
    if len(alike) == 1:
        return alike[0]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    raise Unavailable(
        f"{complaint} {wanted!r}: correct {where} in the CRM mapping, or CRM_URL; there are "
        f"{', '.join(names[:_SHOWN]) or 'none'}{more}."
    )
