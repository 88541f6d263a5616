"""The text of each batch: one row per line as `ls -l` prints it, with where it came from.

Source: the root of LISTING_ROOT, listed at each tick, and listing files that landed under `listings/incoming/` since.
Made each minute; a batch that was taken in stays as it is, whenever it is materialized again.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from platform_assets.freshness import minutely
from platform_assets.listings.arrival import INCOMING, Listed, take_in
from platform_assets.listings.batch import FILES, TXT
from platform_assets.partitions import listing_batches
from platform_assets.reports import Check, label, received
from platform_assets.tables import POOL, asset_key, python_specs, source
from resources.lister import Lister
from resources.object_store import ObjectStore
from resources.warehouse import Warehouse

LANDED = "landed"
"""Metadata: the digest of the folder of landed files once all of it is taken in, by which a tick knows that."""
TROUBLE = "trouble_of_root"
"""Metadata: why the root could not be listed, as a sentence; empty when it could."""

TABLES = (TXT, FILES)

listed_root = source(
    "listings/listed_root", "The files below LISTING_ROOT, as `ls -l` tells them at each tick.", {"file"}
)
incoming = source(
    "listings/incoming",
    f"Listing files that land under `{INCOMING}`: output of `ls -l`, plain or gzip.",
    {"s3", "file"},
)


_LATEST = (
    f"SELECT file, state FROM {FILES}"
    " QUALIFY ROW_NUMBER() OVER (PARTITION BY file ORDER BY committed_at DESC, file_version) = 1"
)
CHECKS = (
    Check(
        "each_line_once",
        "No line of a source is in the batch twice.",
        "SELECT COUNT(*) - COUNT(DISTINCT source || ' ' || TO_VARCHAR(line)) AS n"
        f" FROM {TXT} WHERE batch_id = :batch_id",
    ),
    Check(
        "files_are_readable",
        "No listing file, of this batch or an earlier one, is unreadable as a whole.",
        f"SELECT COUNT(*) AS n FROM ({_LATEST}) AS v WHERE v.state = 'rejected'",
        blocking=False,
        names=f"SELECT v.file FROM ({_LATEST}) AS v WHERE v.state = 'rejected' ORDER BY v.file",
    ),
)


@dg.multi_asset(
    name="listings__listing_txt",
    specs=python_specs(TABLES, "raw", __doc__, [listed_root.key, incoming.key], freshness=minutely),
    check_specs=[check.spec(TXT) for check in CHECKS],
    partitions_def=listing_batches,
    pool=POOL,
)
def listing_txt(
    context: dg.AssetExecutionContext,
    lister: dg.ResourceParam[Lister],
    object_store: dg.ResourceParam[ObjectStore],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.AssetObservation | dg.MaterializeResult]:
    """Take the batch in, then report the text and the ledger of files."""
    batch = context.partition_key
    taken = take_in(batch, lister, object_store, warehouse, label(context))
    if not taken.is_new:
        context.log.info("Batch %s was taken in before, %d lines; it stays as it is.", batch, taken.lines)
    if taken.trouble:
        context.log.warning("Nothing of the root is in this batch: %s", taken.trouble)
    for entry in taken.entries:
        context.log.log("WARNING" if entry.state == "rejected" else "INFO", str(entry))
    yield from _observed(taken, lister, object_store)
    numbers: dict[str, Any] = {
        "loaded_rows": taken.lines if taken.is_new else 0,
        "lines_of_root": taken.root_lines,
        "files_taken_in": len(taken.entries),
        "files_rejected": sum(entry.state == "rejected" for entry in taken.entries),
        "files_left_for_next": taken.left,
    }
    # A batch that stays as it is says nothing of the folder and of the root as they are now.
    numbers |= {TROUBLE: taken.trouble} if taken.is_new else {}
    numbers |= {LANDED: taken.folder} if taken.is_new and not taken.left else {}
    with warehouse.session(label(context)) as session:
        for table in TABLES:
            yield received(
                session, warehouse, table, numbers, CHECKS if table == TXT else (), ("batch_id", batch)
            )


def last_told(instance: dg.DagsterInstance) -> Mapping[str, Any]:
    """The metadata of the last batch, by name; it has LANDED and TROUBLE only where that batch knew them."""
    event = instance.get_latest_materialization_event(asset_key(TXT))
    told = event and event.asset_materialization and event.asset_materialization.metadata
    return {name: value.value for name, value in told.items()} if told else {}


def _observed(taken: Listed, lister: Lister, object_store: ObjectStore) -> Iterator[dg.AssetObservation]:
    if taken.root_lines:
        yield dg.AssetObservation(
            listed_root.key, metadata={"dagster/uri": lister.uri(), "lines": taken.root_lines}
        )
    if taken.entries:
        yield dg.AssetObservation(
            incoming.key,
            metadata={"dagster/uri": object_store.uri(INCOMING), "taken_in": len(taken.entries)},
        )
