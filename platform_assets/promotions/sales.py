"""Receipts as they arrived: one row per readable receipt, one reject per other record, one entry per version of a file.

Source: CSV files under `promotions/sales/`. A new version of a file replaces its rows; a deleted file takes them with
it. Refreshed when a file arrives, by the refresh itself: one step takes in all files that are new.
"""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from platform_assets.file_reports import file_checks, file_numbers
from platform_assets.freshness import hourly
from platform_assets.promotions.arrival import INCOMING, LEDGER, TABLES, listing, take_in_all
from platform_assets.reports import Check, label, received
from platform_assets.tables import POOL, python_specs, source
from resources.object_store import ObjectStore
from resources.warehouse import Warehouse

LISTING = "listing"
"""Metadata: the digest of the folder that was taken in, by which a sensor knows what is loaded."""

CHECKS = (
    *file_checks(*TABLES, LEDGER),
    Check(
        "a_receipt_is_in_one_file",
        "No receipt number is in two files, where it would count twice.",
        "SELECT COUNT(*) - COUNT(DISTINCT sale_id) AS n FROM promotions.sales",
        blocking=False,
        names="SELECT DISTINCT s.file FROM promotions.sales AS s WHERE s.sale_id IN"
        " (SELECT sale_id FROM promotions.sales GROUP BY sale_id HAVING COUNT(*) > 1) ORDER BY s.file",
    ),
    Check(
        "sold_before_it_was_loaded",
        "No receipt is of a later day than the one after its file was loaded: segments are seen from the latest sale.",
        "SELECT COUNT(*) AS n FROM promotions.sales AS s"
        " JOIN promotions.sales_files AS f ON f.file = s.file AND f.file_version = s.file_version"
        " WHERE s.sold_at > DATEADD(day, 1, f.committed_at)",
        blocking=False,
    ),
)

incoming = source(
    "promotions/sales_incoming", "Receipts of the tills as they arrive: CSV, plain or gzip.", {"s3", "file"}
)


class Taking(dg.Config):
    """How files are taken in."""

    again: bool = Field(
        default=False, description="Read each file again, even though this version of it is known."
    )


@dg.multi_asset(
    name="promotions__sales",
    specs=python_specs((*TABLES, LEDGER), "raw", __doc__, [incoming.key], freshness=hourly),
    check_specs=[check.spec(TABLES[0]) for check in CHECKS],
    pool=POOL,
)
def sales(
    context: dg.AssetExecutionContext,
    config: Taking,
    object_store: dg.ResourceParam[ObjectStore],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.AssetObservation | dg.MaterializeResult]:
    """Take each new file in, then report the three tables."""
    found = list(object_store.all(INCOMING))
    entries = []
    for entry in take_in_all(found, object_store, warehouse, label(context), again=config.again):
        context.log.info("%s", entry)
        entries.append(entry)
    if entries:
        uri = object_store.uri(INCOMING)
        yield dg.AssetObservation(
            incoming.key, metadata={"dagster/uri": uri, "files": len(found), "taken_in": len(entries)}
        )
    numbers = {**file_numbers(entries), LISTING: listing(found)}
    with warehouse.session(label(context)) as session:
        for table in (*TABLES, LEDGER):
            yield received(session, warehouse, table, numbers, CHECKS if table == TABLES[0] else ())
