"""Sales files on their way into the warehouse: which tables and which parser; the steps are in `resources.files`.

The parser is imported when a file is read: sensors and the graph load without it. Here is also which files there are.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from resources.files.intake import Intake

if TYPE_CHECKING:
    from resources.files.records import Parsed

INCOMING = "promotions/sales/"
_PAGE = 1_000


def _version() -> str:
    from platform_assets.promotions import receipts

    return receipts.VERSION


def _read(stream: BinaryIO, name: str) -> "Iterator[Parsed]":
    from platform_assets.promotions import receipts

    return receipts.read(stream, name)


TABLES = ("promotions.sales", "promotions.rejected_sales")
LEDGER = "promotions.sales_files"
_INTAKE = Intake(*TABLES, ledger=LEDGER, parser=_version, read=_read)

take_in = _INTAKE.take_in
