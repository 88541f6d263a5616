"""Sales files on their way into the warehouse: where they arrive, which tables, which parser.

The steps are in `resources.files`. The parser is imported when a file is read: the graph loads without it.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from resources.files.intake import Entry, Intake, digest
from resources.object_store import ObjectStore, StoredObject
from resources.warehouse import Warehouse

if TYPE_CHECKING:
    from resources.files.records import Parsed

INCOMING = "promotions/sales/"
TABLES = ("promotions.sales", "promotions.rejected_sales")
LEDGER = "promotions.sales_files"


def _version() -> str:
    from platform_assets.promotions import receipts

    return receipts.VERSION


def _read(stream: BinaryIO, stored: StoredObject) -> "Iterator[Parsed]":
    from platform_assets.promotions import receipts

    return receipts.read(stream, stored.key, stored.modified_at)


_INTAKE = Intake(*TABLES, ledger=LEDGER, parser=_version, read=_read)

take_in = _INTAKE.take_in


def take_in_all(
    found: Iterable[StoredObject],
    object_store: ObjectStore,
    warehouse: Warehouse,
    label: str = "",
    *,
    again: bool = False,
) -> Iterator[Entry]:
    """Take in what is new, changed or gone among all files of the folder, each by a commit of its own.

    With `again` every file is read although its version is known. Raises what taking in one file raises; the files
    before it are taken in by then.
    """
    versions = {stored.key: _INTAKE.version_of(stored) for stored in found}
    arrived = _INTAKE.arrivals(versions, INCOMING, warehouse)
    keys = {*arrived.new, *arrived.changed, *arrived.gone, *(versions if again else ())}
    for key in sorted(keys):
        yield take_in(key, object_store, warehouse, label, again=again)


def listing(page: Iterable[StoredObject], before: str = "") -> str:
    """A digest of what a folder holds, files and versions; of a later page, `before` is the digest up to it."""
    return digest(((stored.key, _INTAKE.version_of(stored)) for stored in page), before)
