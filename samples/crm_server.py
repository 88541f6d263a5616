"""The CRM of the sample bank in a database server, through SQLAlchemy: the same rows as in the SQLite file.

Columns are text, as in a system that grew from files, so that unsound rows can be there; rows are made in `crm`.
"""

import sqlalchemy as sa

from samples.crm import CUSTOMER_COLUMNS, PORTFOLIO_COLUMNS, Row, Tables

_BYTES = "last_name"
"""A column of bytes: no server keeps text that is no text, and one name is."""


def write(url: str, rows: Tables) -> None:
    """Make both tables in the database at `url` and fill them; existing ones are an error (sqlalchemy.exc)."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    described = sa.MetaData()
    with engine.begin() as connection:
        for name, columns, found in (
            ("customers", CUSTOMER_COLUMNS, rows.customers),
            ("portfolios", PORTFOLIO_COLUMNS, rows.portfolios),
        ):
            kinds = {column: sa.LargeBinary if column == _BYTES else sa.Text for column in columns}
            table = sa.Table(name, described, *(sa.Column(column, kind) for column, kind in kinds.items()))
            table.create(connection)
            connection.execute(sa.insert(table), [_written(columns, row) for row in found])


def _written(columns: tuple[str, ...], row: Row) -> dict[str, object]:
    return {
        column: value if value is None or isinstance(value, bytes) else _text(column, value)
        for column, value in zip(columns, row, strict=True)
    }


def _text(column: str, value: object) -> str | bytes:
    return str(value).encode() if column == _BYTES else str(value)
