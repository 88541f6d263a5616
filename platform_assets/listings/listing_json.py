"""One row per document of a batch: JSON with the keys mod, no, user, group, usrno, date, file, named by its content.

Derived: made from the rows of the same batch, right after them. Materialized again for a batch of the past, it replaces
the documents of this batch alone.
"""

import dagster as dg

from platform_assets.freshness import minutely
from platform_assets.listings.batch import CSV, JSON
from platform_assets.listings.stages import make_json
from platform_assets.partitions import listing_batches
from platform_assets.reports import Check, label, received
from platform_assets.tables import POOL, asset_key, described
from resources.warehouse import Warehouse

CHECKS = (
    Check(
        "each_row_one_document",
        "Each row of the batch has one document.",
        f"SELECT COUNT(*) AS n FROM (SELECT source, line FROM {CSV} WHERE batch_id = :batch_id) AS c"
        f" FULL OUTER JOIN (SELECT source, line, COUNT(*) AS n FROM {JSON} WHERE batch_id = :batch_id"
        " GROUP BY source, line) AS j ON j.source = c.source AND j.line = c.line"
        " WHERE c.line IS NULL OR COALESCE(j.n, 0) <> 1",
    ),
)


@dg.asset(
    **described(JSON, {"python"}, "core", doc=__doc__),
    deps=[asset_key(CSV)],
    partitions_def=listing_batches,
    freshness_policy=minutely,
    pool=POOL,
    check_specs=[check.spec(JSON) for check in CHECKS],
)
def listing_json(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """Write the documents of the batch, then report."""
    batch = context.partition_key
    made = make_json(batch, warehouse, label(context))
    with warehouse.session(label(context)) as session:
        different = session.rows(
            f"SELECT COUNT(DISTINCT content_hash) AS n FROM {JSON} WHERE batch_id = :batch", batch=batch
        )
        numbers = {
            "read_rows": made.read,
            "loaded_rows": made.loaded,
            "different_documents": different[0]["n"],
        }
        return received(session, warehouse, JSON, numbers, CHECKS, ("batch_id", batch))
