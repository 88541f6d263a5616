"""What the clock starts. Everything else is started by an event."""

import dagster as dg

from platform_assets.history import prune_history
from platform_assets.jobs import extract_crm, refresh
from platform_assets.listings.prune_listings import prune_listings

extract_crm_schedule = dg.ScheduleDefinition(
    name="extract_crm_schedule",
    job=extract_crm,
    cron_schedule="0 2 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Nightly at 02:00 UTC; set `0 * * * *` here for hourly extractions. A refresh follows by sensor.",
)

refresh_schedule = dg.ScheduleDefinition(
    name="refresh_schedule",
    job=refresh,
    cron_schedule="30 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Hourly: the net under the sensors. It does no work where nothing is new.",
)

prune_history_schedule = dg.ScheduleDefinition(
    name="prune_history_schedule",
    job=prune_history,
    cron_schedule="15 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Hourly: old runs leave Dagster's own storage, which nothing else does.",
)

prune_listings_schedule = dg.ScheduleDefinition(
    name="prune_listings_schedule",
    job=prune_listings,
    cron_schedule="50 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Hourly: batches of the listings that are older than a day leave.",
)

SCHEDULES = (extract_crm_schedule, refresh_schedule, prune_history_schedule, prune_listings_schedule)
