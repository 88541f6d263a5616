"""What `raw_customers` and `raw_portfolios` have in common: extract one CRM table, then report its rows and rejects.

How a table is shown in Dagster belongs here; what an extraction does is in `extraction`.
"""

import datetime as dt
from collections.abc import Iterator

import dagster as dg

from platform_assets.freshness import nightly
from platform_assets.reports import Check, label, received
from platform_assets.tables import POOL, python_specs
from resources.crm_source import CrmSource, CrmTable
from resources.warehouse import Warehouse


def raw_table(table: CrmTable, doc: str | None, origin: dg.AssetSpec) -> dg.AssetsDefinition:
    """The raw table and the rejects of a CRM table, which `origin` stands for; `doc` is the docstring of its module."""
    raw, rejects = f"crm.raw_{table}", f"crm.rejected_{table}"
    reconciled = _reconciled(table)

    @dg.multi_asset(
        name=f"crm__raw_{table}",
        specs=python_specs((raw, rejects), "raw", doc, [origin.key], freshness=nightly),
        check_specs=[reconciled.spec(raw)],
        pool=POOL,
    )
    def extracted(
        context: dg.AssetExecutionContext,
        crm_source: dg.ResourceParam[CrmSource],
        warehouse: dg.ResourceParam[Warehouse],
    ) -> Iterator[dg.MaterializeResult]:
        """Extract what is new, then report both tables."""
        from platform_assets.crm.extraction import MAY_SHRINK, extract

        may_shrink = context.run.tags.get(MAY_SHRINK) == "yes"
        now = dt.datetime.now(dt.UTC)
        counts = extract(table, crm_source, warehouse, now, label(context), may_shrink=may_shrink)
        context.log.info("%s", counts)
        context.log_event(
            dg.AssetObservation(
                origin.key,
                metadata={"dagster/uri": crm_source.uri(table), "changed_rows": counts.read + counts.deleted},
            )
        )
        numbers = {
            "read_rows": counts.read,
            "known_rows": counts.known,
            "loaded_rows": counts.loaded,
            "rejected_rows": counts.rejected,
            "deleted_rows": counts.deleted,
        }
        with warehouse.session(label(context)) as session:
            yield received(session, warehouse, raw, numbers, [reconciled])
            yield received(session, warehouse, rejects, numbers)

    return extracted


def _reconciled(table: CrmTable) -> Check:
    return Check(
        "read_is_loaded_plus_rejected",
        "Every row that was read is in the raw table or among the rejects.",
        f"SELECT ABS((SELECT COALESCE(SUM(read_rows), 0) FROM crm.extracts WHERE source_table = '{table}')"
        f" - (SELECT COUNT(*) FROM crm.raw_{table} WHERE operation = 'upsert')"
        f" - (SELECT COUNT(*) FROM crm.rejected_{table})) AS n",
    )
