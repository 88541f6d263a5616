"""Address files as they arrived: one row per readable record, one reject per other, one ledger entry per version.

Source: objects under `geo/incoming/`. A new version of a file replaces its rows; a deleted file takes them with it.
Refreshed when a file arrives; materializing a partition by hand releases a file that waits for a person.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from platform_assets.geo.arrival import Entry, take_in
from platform_assets.partitions import address_files, key_of, partition_of
from platform_assets.reports import label, preview
from platform_assets.tables import POOL, asset_key, described, source
from resources.object_store import ObjectStore
from resources.warehouse import Session, Warehouse

INCOMING = "geo/incoming/"
TABLES = ("geo.raw_addresses", "geo.rejected_addresses", "geo.address_files")
VERSION = "file_version"
"""Metadata of a partition: the version of the file that was taken in, by which a sensor knows what is loaded."""

incoming = source(
    "geo/incoming", "Address files as they arrive: OpenAddresses CSV or GeoJSON lines.", {"s3", "file"}
)


@dg.multi_asset(
    name="geo__raw_addresses",
    specs=[
        dg.AssetSpec(
            **described(table, {"python"}, "raw", doc=__doc__ if table == TABLES[0] else None),
            deps=[incoming.key],
        )
        for table in TABLES
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "read_is_loaded_plus_rejected",
            asset=asset_key(TABLES[0]),
            description="Every record of every file is a row or a reject.",
            blocking=True,
        ),
        dg.AssetCheckSpec(
            "files_are_readable",
            asset=asset_key(TABLES[0]),
            description="No file of this run was unreadable as a whole.",
        ),
    ],
    partitions_def=address_files,
    pool=POOL,
)
def raw_addresses(
    context: dg.AssetExecutionContext,
    object_store: dg.ResourceParam[ObjectStore],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.MaterializeResult]:
    """Take each file of the run in, then report the three tables."""
    entries = []
    for partition in context.partition_keys:
        entry = take_in(key_of(partition), object_store, warehouse, label(context))
        context.log.info("%s", entry)
        context.add_asset_metadata({VERSION: entry.version}, asset_key(TABLES[0]), partition_key=partition)
        entries.append(entry)
    with warehouse.session(label(context)) as session:
        for table in TABLES:
            checks = _checks(session, entries) if table == TABLES[0] else []
            yield dg.MaterializeResult(
                asset_key=asset_key(table),
                metadata=_metadata(session, warehouse, table, entries),
                data_version=dg.DataVersion(session.version(table)),
                check_results=checks,
            )
    # Not before the last result: Dagster stores none for a partition that is no longer there.
    for entry in entries:
        if entry.state == "deleted":
            context.instance.delete_dynamic_partition(str(address_files.name), partition_of(entry.file))


def _metadata(session: Session, warehouse: Warehouse, table: str, entries: list[Entry]) -> dict[str, Any]:
    rows = session.rows(f"SELECT COUNT(*) AS n FROM {table}")
    lines = ["| file | state | read | loaded | rejected |", "|---|---|---|---|---|"]
    lines += [
        f"| {e.file} | {e.state} | {e.read_rows} | {e.loaded_rows} | {e.rejected_rows} |"
        for e in entries[:50]
    ]
    return {
        "dagster/row_count": int(str(rows[0]["n"])),
        "dagster/uri": warehouse.uri(table),
        "files": dg.MetadataValue.md("\n".join(lines)),
        "preview": dg.MetadataValue.md(preview(session, table)),
        "read_rows": sum(entry.read_rows for entry in entries),
        "loaded_rows": sum(entry.loaded_rows for entry in entries),
        "rejected_rows": sum(entry.rejected_rows for entry in entries),
    }


def _checks(session: Session, entries: list[Entry]) -> list[dg.AssetCheckResult]:
    raw = asset_key(TABLES[0])
    unread = [f"{entry.file} ({entry.reason})" for entry in entries if entry.state == "rejected"]
    return [
        dg.AssetCheckResult(
            passed=not session.rows(UNRECONCILED), asset_key=raw, check_name="read_is_loaded_plus_rejected"
        ),
        dg.AssetCheckResult(
            passed=not unread,
            asset_key=raw,
            check_name="files_are_readable",
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"unreadable": ", ".join(unread)},
        ),
    ]


UNRECONCILED = """
WITH versions AS (
  SELECT file, state, read_rows, loaded_rows, rejected_rows
  FROM geo.address_files
  QUALIFY ROW_NUMBER() OVER (PARTITION BY file ORDER BY committed_at DESC) = 1
),
loaded AS (SELECT file, COUNT(*) AS n FROM geo.raw_addresses GROUP BY file),
rejected AS (SELECT file, COUNT(*) AS n FROM geo.rejected_addresses GROUP BY file)
SELECT v.file
FROM versions AS v
LEFT JOIN loaded AS l ON l.file = v.file
LEFT JOIN rejected AS r ON r.file = v.file
WHERE v.read_rows <> v.loaded_rows + v.rejected_rows
  OR v.loaded_rows <> COALESCE(l.n, 0)
  OR v.rejected_rows <> COALESCE(r.n, 0)
"""
