"""Address files on their way into the warehouse: which tables and which parser; the steps are in `resources.files`.

The parser is imported when a file is read: sensors and the graph load without it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from resources.files.intake import Arrivals, Entry, Intake, taken_version, version_after
from resources.object_store import StoredObject

if TYPE_CHECKING:
    from resources.files.records import Parsed

__all__ = [
    "TABLES",
    "Arrivals",
    "Entry",
    "arrivals",
    "take_in",
    "taken_version",
    "version_after",
    "version_of",
]


def _version() -> str:
    from platform_assets.geo import openaddresses

    return openaddresses.VERSION


def _read(stream: BinaryIO, stored: StoredObject) -> "Iterator[Parsed]":
    from platform_assets.geo import openaddresses

    return openaddresses.read(stream, stored.key)


TABLES = ("geo.raw_addresses", "geo.rejected_addresses")
_INTAKE = Intake(*TABLES, ledger="geo.address_files", parser=_version, read=_read)

arrivals = _INTAKE.arrivals
take_in = _INTAKE.take_in
version_of = _INTAKE.version_of
