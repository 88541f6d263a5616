"""CRM customers as extractions saw them: one row per version of a record or its deletion, one reject per unusable row.

Source: the system of record. Incremental with an overlap, deletions found by comparing keys; nightly by default.
"""

from collections.abc import Iterator

import dagster as dg

from platform_assets.crm.extracts import report
from platform_assets.tables import POOL, asset_key, described, source
from resources.crm_source import CrmSource
from resources.warehouse import Warehouse

TABLES = ("crm.raw_customers", "crm.rejected_customers")

crm_customers = source(
    "crm/crm_customers", "Table customers of the bank's system of record.", {"sql", "table"}
)


@dg.multi_asset(
    name="crm__raw_customers",
    specs=[
        dg.AssetSpec(
            **described(table, {"python"}, "raw", doc=__doc__ if table == TABLES[0] else None),
            deps=[crm_customers.key],
        )
        for table in TABLES
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "read_is_loaded_plus_rejected",
            asset=asset_key(TABLES[0]),
            description="Every row that was read is in the raw table or among the rejects.",
            blocking=True,
        )
    ],
    pool=POOL,
)
def raw_customers(
    context: dg.AssetExecutionContext,
    crm_source: dg.ResourceParam[CrmSource],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.MaterializeResult]:
    """Extract what is new, then report both tables."""
    yield from report(context, "customers", crm_source, warehouse)
