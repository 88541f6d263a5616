"""The job `tell_of_root`: it fails when the root cannot be listed and ends well when it can, so that people hear of it.

Batches go on meanwhile, with what landed; when the job runs is told in `sensors.listing_root`.
"""

import dagster as dg

from platform_assets.listings.listing_txt import TROUBLE, last_told
from resources.unavailable import Unavailable


@dg.op
def root_is_listed(context: dg.OpExecutionContext) -> None:
    """Raises Unavailable with what the last batch said of the root."""
    if trouble := last_told(context.instance).get(TROUBLE):
        raise Unavailable(trouble)


@dg.job(
    description="Fails while LISTING_ROOT cannot be listed: the batches, which take in what landed, do not.",
    # A look at what the last batch said would say the same again.
    tags={"quadrant/job": "tell_of_root", "dagster/max_runtime": "900", "dagster/max_retries": "0"},
    executor_def=dg.in_process_executor,
)
def tell_of_root() -> None:
    """One op."""
    root_is_listed()
