"""Files were loaded, the CRM was extracted, a topic is to be read again, a campaign launched: refresh once for all."""

import json

import dagster as dg

from platform_assets.jobs import extract_crm, load_addresses, refresh
from platform_assets.promotions.launch_campaign import launch_campaign
from platform_assets.tables import asset_key
from platform_assets.tweets.replay_topic import replay_topic
from sensors.under_way import UNDER_WAY, count, waiting_for

WATCHED = ("geo.raw_addresses", "crm.raw_customers", "crm.raw_portfolios", "promotions.campaigns")


@dg.sensor(
    job=refresh,
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Waits until no load or extraction is under way, then asks for one refresh.",
)
def raw_data_changed(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Compares the latest materialization of each raw table, and replay, with the last request and refresh."""
    latest = {}
    for table in WATCHED:
        event = context.instance.get_latest_materialization_event(asset_key(table))
        latest[table] = event.timestamp if event else 0
    latest[replay_topic.name] = _replayed_at(context.instance)
    cursor = json.dumps(latest)
    if cursor == context.cursor or max(latest.values()) <= _refreshed_at(context.instance):
        return dg.SkipReason(
            f"No materialization of {', '.join(WATCHED)} after the last refresh, and no replay."
        )
    for job in (load_addresses, extract_crm, replay_topic, launch_campaign):
        if running := count(context.instance, job.name, UNDER_WAY):
            return dg.SkipReason(f"{running} runs of {job.name} are under way; one refresh follows them all.")
    if skip := waiting_for(context.instance, refresh.name):
        return skip
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=cursor)], cursor=cursor)


def _refreshed_at(instance: dg.DagsterInstance) -> float:
    """When the last good refresh began: it may have passed by what came while it ran."""
    done = dg.RunsFilter(job_name=refresh.name, statuses=[dg.DagsterRunStatus.SUCCESS])
    last = next(iter(instance.get_run_records(done, limit=1)), None)
    return (last.start_time if last else None) or 0.0


def _replayed_at(instance: dg.DagsterInstance) -> float:
    """When the last good replay ended: the refresh that begins then reads the topic again."""
    done = dg.RunsFilter(job_name=replay_topic.name, statuses=[dg.DagsterRunStatus.SUCCESS])
    last = next(iter(instance.get_run_records(done, limit=1)), None)
    return (last.end_time if last else None) or 0.0
