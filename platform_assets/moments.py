"""The moment that a table is seen from: what a person asks for, or else the latest that the data know.

Models have no clock of their own, so that the same data give the same rows.
"""

import datetime as dt

from resources.unavailable import Unavailable
from resources.warehouse import Session


def moment(as_of: str, session: Session, table: str, column: str) -> dt.datetime:
    """The ISO time `as_of`, or when it is empty the latest of a column, 1970 where there is none.

    Raises Unavailable for a text that is no time.
    """
    if not as_of:
        found = session.rows(f"SELECT MAX({column}) AS latest FROM {table}")[0]["latest"]
        return found if isinstance(found, dt.datetime) else dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    try:
        found = dt.datetime.fromisoformat(as_of)
        # A time at an end of the calendar may be none in UTC.
        return found.astimezone(dt.UTC) if found.tzinfo else found
    except (ValueError, OverflowError) as error:
        raise Unavailable(
            f"as_of is {as_of!r}; allowed is an ISO time such as 2026-11-01T12:00:00."
        ) from error
