"""How an extraction shows in Dagster: the common body of `raw_customers` and `raw_portfolios`."""

import datetime as dt
from collections.abc import Iterator

import dagster as dg

from platform_assets.crm.extraction import extract
from platform_assets.reports import label, preview
from platform_assets.tables import asset_key
from resources.crm_source import CrmSource, CrmTable
from resources.warehouse import Warehouse


def report(
    context: dg.AssetExecutionContext, table: CrmTable, crm_source: CrmSource, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult]:
    """Extract one CRM table, then one result for its raw table and one for its rejects."""
    counts = extract(table, crm_source, warehouse, dt.datetime.now(dt.UTC), label(context))
    context.log.info("%s", counts)
    with warehouse.session(label(context)) as session:
        for name in (f"crm.raw_{table}", f"crm.rejected_{table}"):
            rows = session.rows(f"SELECT COUNT(*) AS n FROM {name}")
            yield dg.MaterializeResult(
                asset_key=asset_key(name),
                metadata={
                    "dagster/row_count": int(str(rows[0]["n"])),
                    "dagster/uri": warehouse.uri(name),
                    "preview": dg.MetadataValue.md(preview(session, name)),
                    "read_rows": counts.read,
                    "known_rows": counts.known,
                    "loaded_rows": counts.loaded,
                    "rejected_rows": counts.rejected,
                    "deleted_rows": counts.deleted,
                },
                data_version=dg.DataVersion(session.version(name)),
                check_results=[
                    dg.AssetCheckResult(
                        passed=not session.rows(UNRECONCILED.format(table=table)),
                        asset_key=asset_key(name),
                        check_name="read_is_loaded_plus_rejected",
                    )
                ]
                if name.startswith("crm.raw_")
                else [],
            )


UNRECONCILED = """
SELECT SUM(read_rows) AS read_rows
FROM crm.extracts
WHERE source_table = '{table}'
HAVING SUM(read_rows)
  <> (SELECT COUNT(*) FROM crm.raw_{table} WHERE operation = 'upsert') + (SELECT COUNT(*) FROM crm.rejected_{table})
"""
