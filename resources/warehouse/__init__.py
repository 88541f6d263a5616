"""The warehouse port: where tables live, what a session can do with them, and its two adapters.

Only what assets need, in their words; SQL is Snowflake's dialect everywhere, translated by the adapter that must.
"""

from resources.warehouse.duckdb import DuckDbWarehouse
from resources.warehouse.port import (
    Amend,
    Built,
    Commit,
    Delete,
    OvertakenError,
    Part,
    UnreconciledError,
    Warehouse,
)
from resources.warehouse.session import Compute, Session
from resources.warehouse.snowflake import SnowflakeWarehouse
from resources.warehouse.spool import Spool

__all__ = [
    "Amend",
    "Built",
    "Commit",
    "Compute",
    "Delete",
    "DuckDbWarehouse",
    "OvertakenError",
    "Part",
    "Session",
    "SnowflakeWarehouse",
    "Spool",
    "UnreconciledError",
    "Warehouse",
]
