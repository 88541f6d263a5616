"""The job `prune_listings`: batches of the listings leave the warehouse and Dagster's partitions after a day.

Which of them may leave is told in `retention`; runs leave by `prune_history`.
"""

import datetime as dt

import dagster as dg
from pydantic import Field

from platform_assets.listings.batch import batch_id
from platform_assets.listings.retention import delete_landed, prune
from platform_assets.partitions import listing_batches
from platform_assets.tables import POOL
from resources.object_store import ObjectStore
from resources.warehouse import Warehouse


class Retention(dg.Config):
    """How long batches are kept."""

    keep_hours: int = Field(default=24, ge=1, description="Hours after which a batch leaves, at least 1.")
    delete_files: bool = Field(
        default=False, description="Also delete landed files whose present version was taken in before that."
    )


@dg.op(pool=POOL, out=dg.Out(dg.Nothing))
def remove_old_batches(
    context: dg.OpExecutionContext,
    config: Retention,
    object_store: dg.ResourceParam[ObjectStore],
    warehouse: dg.ResourceParam[Warehouse],
) -> None:
    """Rows first, so that a kill leaves at most a partition without rows, which the next run removes."""
    before = dt.datetime.now(dt.UTC) - dt.timedelta(hours=config.keep_hours)
    label = f"prune {context.run_id}"
    found = dict(prune(warehouse, before, label))
    kept = [batch for batch, has_left in found.items() if not has_left]
    name, left = str(listing_batches.name), 0
    for partition in context.instance.get_dynamic_partitions(name):
        if partition < batch_id(before) and partition not in kept:
            context.instance.delete_dynamic_partition(name, partition)
            left += 1
    context.log.info("%d batches before %s have left", left, batch_id(before))
    if config.delete_files:
        deleted = delete_landed(object_store, warehouse, before, label)
        context.log.info("%d landed files deleted, which were taken in before that", deleted)
    if kept:
        context.log.warning(
            "%d old batches stay, because their documents are not all entered in posted_listings; materialize their"
            " partitions: %s", len(kept), ", ".join(kept[:20]),
        )  # fmt: skip


@dg.job(
    description="Keep the listings small: what old batches hold leaves, what was posted stays.",
    tags={"quadrant/job": "prune_listings", "dagster/max_runtime": "7200"},
    executor_def=dg.in_process_executor,
)
def prune_listings() -> None:
    """One op."""
    remove_old_batches()
