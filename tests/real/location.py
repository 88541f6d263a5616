"""The code location of the whole run: the graph and its jobs without sensors and schedules, which would start others."""

import dagster as dg

from platform_assets.definitions import ASSETS
from platform_assets.jobs import JOBS
from resources.deployments import current, resources_for

defs = dg.Definitions(
    assets=ASSETS, jobs=JOBS, resources=resources_for(current()), executor=dg.in_process_executor
)
