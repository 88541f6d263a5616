"""The CRM of the sample bank as a SQLite file: customers, portfolios, and rows that must be refused.

Here belongs how the truth of `people` looks in the tables; the file is loosely typed, as such systems are.
"""

import datetime as dt
import math
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from samples.names import ADVISORS, PRODUCTS
from samples.people import Customer

CUSTOMER_COLUMNS = (
    "customer_id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "birth_date",
    "street",
    "unit",
    "city",
    "state",
    "postcode",
    "managed_household",
    "marketing_consent",
    "created_at",
    "updated_at",
)
PORTFOLIO_COLUMNS = (
    "portfolio_id",
    "customer_id",
    "product",
    "advisor",
    "value_usd",
    "opened_at",
    "closed_at",
    "updated_at",
)
Row = tuple[object, ...]


class Tables(NamedTuple):
    """Rows of both tables in the order of insertion."""

    customers: list[Row]
    portfolios: list[Row]


class BadRow(NamedTuple):
    """A row that must be refused: its table, its key (empty when it has none), why."""

    table: str
    key: str
    reason: str
    trap: str


class _BadCustomer(NamedTuple):
    """What is wrong with a customer, as changes to a sound row."""

    trap: str
    reason: str
    changes: dict[str, object]


_BAD_CUSTOMERS = (
    _BadCustomer("no_key", "missing_key", {"customer_id": None}),
    _BadCustomer("empty_key", "missing_key", {"customer_id": ""}),
    _BadCustomer("blank_key", "missing_key", {"customer_id": "   "}),
    _BadCustomer("thirtieth_of_february", "bad_date", {"birth_date": "1971-02-30"}),
    _BadCustomer("birth_date_in_words", "bad_date", {"birth_date": "spring 1960"}),
    _BadCustomer("not_yet_born", "impossible_birth_date", {"birth_date": "2087-01-01"}),
    _BadCustomer("too_old", "impossible_birth_date", {"birth_date": "1823-05-05"}),
    _BadCustomer("consent_in_words", "bad_boolean", {"marketing_consent": "maybe"}),
    _BadCustomer("update_in_words", "bad_time", {"updated_at": "yesterday"}),
    _BadCustomer("not_utf8", "bad_text", {"last_name": b"Jos\xe9"}),
)
_BAD_PORTFOLIOS = (
    _BadCustomer("value_in_words", "bad_number", {"value_usd": "12,000 dollars"}),
    _BadCustomer("infinite_value", "not_finite", {"value_usd": math.inf}),
    _BadCustomer("no_owner", "missing_owner", {"customer_id": ""}),
    _BadCustomer("no_key", "missing_key", {"portfolio_id": None}),
    _BadCustomer("opening_in_words", "bad_time", {"opened_at": "soon"}),
)


def tables(seed: int, people: Sequence[Customer]) -> Tables:
    """Every row of the CRM, sound and unsound."""
    rng = Random(f"{seed}:crm")
    customers: list[Row] = [_customer(rng, person) for person in people]
    older = dict(zip(CUSTOMER_COLUMNS, customers[-1], strict=True)) | {
        "phone": "",
        "updated_at": _time(people[-1].created_at - dt.timedelta(days=1)),
    }
    customers.append(tuple(older.values()))
    customers += [
        _changed(CUSTOMER_COLUMNS, _sound_customer(i), bad.changes) for i, bad in enumerate(_BAD_CUSTOMERS)
    ]
    portfolios: list[Row] = []
    for person in people:
        portfolios += _portfolios(rng, person, len(portfolios))
    portfolios += [_sound_portfolio(i, f"C99{i:05d}") for i in range(STRAYS)]
    portfolios += [
        _changed(PORTFOLIO_COLUMNS, _sound_portfolio(STRAYS + i, people[0].customer_id), bad.changes)
        for i, bad in enumerate(_BAD_PORTFOLIOS)
    ]
    return Tables(customers, portfolios)


STRAYS = 5
"""Portfolios whose owner the CRM does not know; they can be loaded."""


def bad_rows(people: Sequence[Customer]) -> Iterator[BadRow]:
    """Every row that must be refused."""
    yield BadRow("customers", people[-1].customer_id, "duplicate_key", "older_row_of_the_same_key")
    for i, bad in enumerate(_BAD_CUSTOMERS):
        key = str(bad.changes.get("customer_id", _sound_customer(i)[0]) or "").strip()
        yield BadRow("customers", key, bad.reason, bad.trap)
    for i, bad in enumerate(_BAD_PORTFOLIOS):
        key = str(bad.changes.get("portfolio_id", _sound_portfolio(STRAYS + i, "")[0]) or "")
        yield BadRow("portfolios", key, bad.reason, bad.trap)


def write(path: Path, rows: Tables) -> None:
    """Write both tables to a new SQLite file; an existing one is an error (sqlite3.OperationalError)."""
    connection = sqlite3.connect(path)
    try:
        for table, columns, found in (
            ("customers", CUSTOMER_COLUMNS, rows.customers),
            ("portfolios", PORTFOLIO_COLUMNS, rows.portfolios),
        ):
            declared = ", ".join(f"{column} {_AFFINITIES.get(column, 'TEXT')}" for column in columns)
            connection.execute(f"CREATE TABLE {table} ({declared})")
            places = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} VALUES ({places})", found)
            connection.execute(f"CREATE INDEX {table}_updated ON {table} (updated_at, {columns[0]})")
        connection.commit()
    finally:
        connection.close()


_AFFINITIES = {"marketing_consent": "NUMERIC", "value_usd": "NUMERIC"}


def _customer(rng: Random, person: Customer) -> Row:
    written = person.written
    birth = person.birth_date
    is_american = rng.random() < 0.05
    consent: object = int(person.has_consent) if rng.random() < 0.9 else ("N", "Y")[person.has_consent]
    return (
        person.customer_id,
        person.first_name,
        person.last_name,
        person.email,
        person.phone,
        f"{birth.month}/{birth.day}/{birth.year}" if is_american else birth.isoformat(),
        written.street,
        written.unit or None,
        written.city,
        written.state,
        written.postcode,
        person.managed_household or None,
        consent,
        _time(person.created_at),
        _time(person.updated_at),
    )


def _portfolios(rng: Random, person: Customer, number: int) -> list[Row]:
    found: list[Row] = []
    for product in rng.sample(list(PRODUCTS), rng.choice((0, 1, 1, 2, 2, 3, 4))):
        low, high = PRODUCTS[product]
        opened = person.created_at + dt.timedelta(days=rng.randrange(60))
        closed = opened + dt.timedelta(days=rng.randrange(30, 300)) if rng.random() < 0.1 else None
        value = 0.0 if closed else round(low * (high / low) ** rng.random(), 2)
        updated = max(closed or opened, person.updated_at)
        shown = product.title() if rng.random() < 0.1 else product
        found.append(
            (
                f"P{number + len(found) + 1:08d}",
                person.customer_id,
                shown,
                rng.choice(ADVISORS),
                value,
                _time(opened),
                closed and _time(closed),
                _time(min(updated, _LATEST)),
            )
        )
    return found


_LATEST = dt.datetime(2026, 10, 30, 20, 0, tzinfo=dt.UTC)


def _sound_customer(number: int) -> Row:
    """A row of nobody, so that what is wrong with it is the only thing wrong."""
    when = _time(_LATEST)
    name = (f"C98{number:05d}", "Test", "Record", f"test{number}@example.com", "203-555-0100")
    return (*name, "1970-01-01", "", None, "", "CT", "", None, 0, when, when)


def _sound_portfolio(number: int, owner: str) -> Row:
    when = _time(_LATEST)
    return (f"P98{number:06d}", owner, "checking", ADVISORS[0], 100.0, when, None, when)


def _changed(columns: tuple[str, ...], row: Row, changes: dict[str, object]) -> Row:
    return tuple((dict(zip(columns, row, strict=True)) | changes).values())


def _time(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
