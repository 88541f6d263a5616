"""The root of the listings can no longer be listed, or can again: a run that fails or ends well, of which people hear.

What the last batch said of it is looked at, never the root itself.
"""

import dagster as dg

from platform_assets.listings.listing_txt import TROUBLE, last_told
from platform_assets.listings.root_trouble import tell_of_root
from sensors.under_way import UNDER_WAY, count


@dg.sensor(
    name="listing_root",
    job=tell_of_root,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="LISTING_ROOT cannot be listed: asks for a run that fails and is told; and for a good one when it can.",
)
def listing_root(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One tick."""
    instance = context.instance
    if count(instance, tell_of_root.name, UNDER_WAY):
        return dg.SkipReason(f"A run of {tell_of_root.name} is under way.")
    last = instance.get_runs(dg.RunsFilter(job_name=tell_of_root.name), limit=1)
    is_told = bool(last) and last[0].status == dg.DagsterRunStatus.FAILURE
    trouble = last_told(instance).get(TROUBLE)
    if trouble is None or bool(trouble) == is_told:
        return dg.SkipReason(f"Told before: {trouble}" if trouble else "The last batch tells of no trouble.")
    return dg.RunRequest()
