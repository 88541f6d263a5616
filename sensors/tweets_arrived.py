"""The end of topic `tweets` moved: refresh."""

import json

import dagster as dg

from platform_assets.jobs import refresh
from platform_assets.tables import asset_key
from platform_assets.tweets.arrival import seen
from platform_assets.tweets.raw_tweets import TOPIC, topic
from resources.message_log import MessageLog
from sensors.cursors import parsed
from sensors.under_way import waiting_for


@dg.sensor(
    job=refresh,
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Compares the topic's end with the end at the last request. Never reads a message.",
)
def tweets_arrived(
    context: dg.SensorEvaluationContext, message_log: dg.ResourceParam[MessageLog]
) -> dg.SensorResult | dg.SkipReason:
    """One run for all that arrived; the range of offsets is its key, so that a repeated tick cannot run twice."""
    found = seen(TOPIC, message_log)
    ends = _named({str(partition): bounds.end for partition, bounds in found.bounds.items()}, found.topic_id)
    before = _before(context)
    if ends == before or not any(ends.values()):
        return dg.SkipReason(f"Topic {TOPIC} ends at {ends or 'nothing'}, as before.")
    # One that has begun may have passed by what came since: then one more may wait, and never a row of them.
    if skip := waiting_for(context.instance, refresh.name):
        return skip
    arrived = sum(end - before.get(partition, 0) for partition, end in ends.items())
    cursor = json.dumps(ends)
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"{json.dumps(before)} to {cursor}")],
        cursor=cursor,
        asset_events=[
            dg.AssetObservation(
                topic.key, metadata={"arrived_messages": arrived, "end_offsets": dg.MetadataValue.json(ends)}
            )
        ],
    )


def _named(ends: dict[str, int], topic_id: str) -> dict[str, int]:
    """Ends by partition and topic id, because offsets of a topic that was made anew are others."""
    return {f"{partition}@{topic_id}": end for partition, end in sorted(ends.items())}


def _before(context: dg.SensorEvaluationContext) -> dict[str, int]:
    """The ends at the last request; of a new sensor those at the last run."""
    if not context.cursor:
        return _last_read(context.instance)
    return parsed(context.cursor, dict[str, int], "tweets_arrived", "empty it to go on from the last run")


def _last_read(instance: dg.DagsterInstance) -> dict[str, int]:
    """Where the latest run that read the topic ended, so that a new sensor does not ask for what is there."""
    event = instance.get_latest_materialization_event(asset_key("tweets.raw_tweets"))
    if not event or not event.asset_materialization:
        return {}
    told = event.asset_materialization.metadata
    ends, topic_id = told.get("end_offsets"), told.get("topic_id")
    if not isinstance(ends, dg.JsonMetadataValue) or not isinstance(ends.value, dict) or topic_id is None:
        return {}
    return _named(ends.value, str(topic_id.value))
