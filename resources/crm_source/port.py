"""The port itself: the two tables of a CRM, by Quadrant's names, and how they are read.

Databases and other systems' names are in `sql` and `mapping`; what values mean is decided by `crm`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal

CrmTable = Literal["customers", "portfolios"]

COLUMNS: dict[CrmTable, tuple[str, ...]] = {
    "customers": (
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
    ),
    "portfolios": (
        "portfolio_id",
        "customer_id",
        "product",
        "advisor",
        "value_usd",
        "opened_at",
        "closed_at",
        "updated_at",
    ),
}
KEYS: dict[CrmTable, str] = {"customers": "customer_id", "portfolios": "portfolio_id"}


class CrmSource(ABC):
    """A system of record; everything raises Unavailable when it cannot be used."""

    @abstractmethod
    def read(self, table: CrmTable, since: datetime | None) -> Iterator[list[dict[str, object]]]:
        """Rows in chunks of at most 10,000, each a dict with exactly the names of COLUMNS, in their order.

        With `since` (aware), rows whose `updated_at` is that or later, or empty or no time at all. Ordered by
        (`updated_at`, key), empty times first. Values are as the database's driver gives them, unchecked: the
        reader quarantines. One streamed cursor, so rows of equal `updated_at` are never torn apart.
        """

    @abstractmethod
    def keys(self, table: CrmTable) -> set[object]:
        """Every key that the table holds now, as the driver gives it; rows without a key are left out.

        Compare them by the domain's spelling, never in the database: its collation may hold two keys for one.
        """

    @abstractmethod
    def uri(self, table: CrmTable) -> str:
        """Where the table lies, without user or password."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[None]:
        """Reads and keys inside see one state: one connection, one transaction where the database can.

        Outside, each call opens a connection of its own.
        """
