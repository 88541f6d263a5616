"""Address files as they arrived: one row per readable record, one reject per other, one ledger entry per version.

Source: objects under `geo/incoming/`. A new version of a file replaces its rows; a deleted file takes them with it.
Refreshed when a file arrives; materializing a partition by hand releases a file that waits for a person.
"""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from platform_assets.file_reports import file_checks, file_numbers
from platform_assets.geo.arrival import Entry, take_in
from platform_assets.partitions import address_files, key_of, partition_of
from platform_assets.reports import label, received
from platform_assets.tables import POOL, asset_key, python_specs, source
from resources.object_store import ObjectStore
from resources.unavailable import Unavailable
from resources.warehouse import Warehouse

INCOMING = "geo/incoming/"
TABLES = ("geo.raw_addresses", "geo.rejected_addresses", "geo.address_files")
VERSION = "file_version"
"""Metadata of a partition: the version of the file that was taken in, by which a sensor knows what is loaded."""

CHECKS = file_checks(*TABLES)

incoming = source(
    "geo/incoming", "Address files as they arrive: OpenAddresses CSV or GeoJSON lines.", {"s3", "file"}
)


class Taking(dg.Config):
    """How files are taken in."""

    again: bool = Field(
        default=False, description="Read each file again, even though this version of it is known."
    )
    repaired: str = Field(
        default="",
        description="Object with the corrected sheet of one file's rejects, such as geo/repaired/x.csv; the "
        "file itself is not read. Its partition must be the one of the run.",
    )


@dg.multi_asset(
    name="geo__raw_addresses",
    specs=python_specs(TABLES, "raw", __doc__, [incoming.key]),
    check_specs=[check.spec(TABLES[0]) for check in CHECKS],
    partitions_def=address_files,
    pool=POOL,
)
def raw_addresses(
    context: dg.AssetExecutionContext,
    config: Taking,
    object_store: dg.ResourceParam[ObjectStore],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.MaterializeResult]:
    """Take each file of the run in, then report the three tables."""
    entries = []
    for partition in context.partition_keys:
        if config.repaired:
            entry = _repair(config.repaired, key_of(partition), object_store, warehouse, label(context))
        else:
            entry = take_in(key_of(partition), object_store, warehouse, label(context), again=config.again)
        context.log.info("%s", entry)
        context.add_asset_metadata({VERSION: entry.version}, asset_key(TABLES[0]), partition_key=partition)
        entries.append(entry)
    with warehouse.session(label(context)) as session:
        for table in TABLES:
            checks = CHECKS if table == TABLES[0] else ()
            yield received(session, warehouse, table, file_numbers(entries), checks)
    # Not before the last result: Dagster stores none for a partition that is no longer there.
    for entry in entries:
        if entry.state == "deleted":
            context.instance.delete_dynamic_partition(str(address_files.name), partition_of(entry.file))


def _repair(sheet: str, file: str, object_store: ObjectStore, warehouse: Warehouse, label: str) -> Entry:
    from platform_assets.geo.repair import corrections
    from platform_assets.geo.repaired_rejects import take_repaired
    from resources.files.containers import shown

    stored = object_store.head(sheet)
    if stored is None:
        raise Unavailable(
            f"There is no object {sheet!r} in {object_store.uri()}; put the corrected sheet there."
        )
    with object_store.open(stored) as stream:
        given = corrections(shown(stream.read()))
    if given.file != file:
        raise Unavailable(
            f"The sheet {sheet!r} is of {given.file}, but the run is of {file}; choose its partition."
        )
    return take_repaired(given, warehouse, label)
