"""Messages of topic `tweets` as they were read: one row per tweet message, one reject per other, exactly once each.

Source: the message log. Rows and offsets commit together; refreshed when the end of the topic moves.
"""

from collections.abc import Iterator

import dagster as dg

from platform_assets.reports import Check, label, received
from platform_assets.tables import POOL, python_specs, source
from platform_assets.tweets.arrival import TABLES, Overtaken, Taken, positions_of, take_in
from platform_assets.tweets.losses import RECENT, Lost
from resources.message_log import MessageLog
from resources.warehouse import Warehouse

TOPIC = "tweets"
CHECKS = (
    Check(
        "every_offset_once",
        "No message is in the warehouse twice, whether loaded, rejected or a notice to forget.",
        "SELECT COUNT(*) - COUNT(DISTINCT topic || '/' || COALESCE(topic_id, '') || '/'"
        " || TO_VARCHAR(log_partition) || '/' || TO_VARCHAR(log_offset)) AS n"
        " FROM (SELECT topic, topic_id, log_partition, log_offset FROM tweets.raw_tweets"
        " UNION ALL SELECT topic, topic_id, log_partition, log_offset FROM tweets.rejected_tweets"
        " UNION ALL SELECT topic, topic_id, log_partition, log_offset FROM tweets.deleted_tweets) AS messages",
    ),
    Check(
        "no_offsets_lost",
        "Within the seven days before the last commit of all, no message was gone before it was read.",
        f"SELECT COUNT(*) AS n FROM ({RECENT}) AS lost",
        blocking=False,
        names=f"SELECT told FROM ({RECENT}) AS lost ORDER BY told",
        severity=dg.AssetCheckSeverity.ERROR,
    ),
)

topic = source(
    "tweets/topic", "Topic `tweets`: what the stream readers of the four quadrants publish.", {"kafka"}
)


@dg.multi_asset(
    name="tweets__raw_tweets",
    specs=python_specs(TABLES, "raw", __doc__, [topic.key]),
    check_specs=[check.spec(TABLES[0]) for check in CHECKS],
    pool=POOL,
)
def raw_tweets(
    context: dg.AssetExecutionContext,
    message_log: dg.ResourceParam[MessageLog],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.MaterializeResult]:
    """Take in what the topic has, then report the tables."""
    commits = []
    for event in take_in(TOPIC, message_log, warehouse, label(context)):
        if isinstance(event, Taken):
            context.log.info("partition %d, offsets %d to %d", event.partition, event.start, event.end - 1)
            commits.append(event)
        elif isinstance(event, Overtaken):
            context.log.warning("%s", event.detail)
        elif isinstance(event, Lost):
            context.log.error("%s", event)
    with warehouse.session(label(context)) as session:
        positions = positions_of(session, TOPIC)
        ends = {str(partition): position.offset for partition, position in positions.items()}
        ids = {position.topic_id for position in positions.values()}
        numbers = {
            "topic_id": ", ".join(sorted(ids)),
            "end_offsets": dg.MetadataValue.json(ends),
            "read_messages": sum(taken.read for taken in commits),
            "loaded_rows": sum(taken.loaded for taken in commits),
            "rejected_rows": sum(taken.rejected for taken in commits),
            "notices_to_forget": sum(taken.deleted for taken in commits),
            "lost_offsets": "; ".join(str(row["told"]) for row in session.rows(f"{RECENT} ORDER BY told"))
            or "none",
        }
        for table in TABLES:
            yield received(session, warehouse, table, numbers, CHECKS if table == TABLES[0] else ())
