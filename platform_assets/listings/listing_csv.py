"""One row per line of a batch that describes a file, in the columns of the CSV; each other line is a reject.

Derived: made from the text of the same batch, right after it. Materialized again for a batch of the past, it replaces
the rows of this batch alone.
"""

from collections.abc import Iterator

import dagster as dg

from platform_assets.freshness import minutely
from platform_assets.listings.batch import CSV, REJECTED, TXT
from platform_assets.listings.stages import make_csv
from platform_assets.partitions import listing_batches
from platform_assets.reports import Check, label, received
from platform_assets.tables import POOL, asset_key, python_specs
from resources.warehouse import Warehouse

TABLES = (CSV, REJECTED)
_REASONS_SHOWN = 20


_LINES = "SELECT source, line, COUNT(*) AS n FROM {table} WHERE batch_id = :batch_id GROUP BY source, line"
CHECKS = (
    Check(
        "lines_are_rows_or_rejects",
        "Each line of the batch's text is one row or one reject.",
        f"SELECT COUNT(*) AS n FROM ({_LINES.format(table=TXT)}) AS t"
        f" LEFT JOIN ({_LINES.format(table=CSV)}) AS c ON c.source = t.source AND c.line = t.line"
        f" LEFT JOIN ({_LINES.format(table=REJECTED)}) AS r ON r.source = t.source AND r.line = t.line"
        " WHERE COALESCE(c.n, 0) + COALESCE(r.n, 0) <> 1",
    ),
)


@dg.multi_asset(
    name="listings__listing_csv",
    specs=python_specs(TABLES, "core", __doc__, [asset_key(TXT)], freshness=minutely),
    check_specs=[check.spec(CSV) for check in CHECKS],
    partitions_def=listing_batches,
    pool=POOL,
)
def listing_csv(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> Iterator[dg.MaterializeResult]:
    """Parse the batch, then report rows and rejects."""
    batch = context.partition_key
    made = make_csv(batch, warehouse, label(context))
    part = ("batch_id", batch)
    numbers = {"read_rows": made.read, "loaded_rows": made.loaded, "rejected_rows": made.rejected}
    with warehouse.session(label(context)) as session:
        reasons = session.rows(
            f"SELECT reason, COUNT(*) AS n FROM {REJECTED} WHERE batch_id = :batch"
            f" GROUP BY reason ORDER BY n DESC, reason LIMIT {_REASONS_SHOWN}",
            batch=batch,
        )
        told = {"reasons": ", ".join(f"{row['n']} {row['reason']}" for row in reasons) or "none"}
        yield received(session, warehouse, CSV, numbers, CHECKS, part)
        yield received(session, warehouse, REJECTED, {**numbers, **told}, part=part)
