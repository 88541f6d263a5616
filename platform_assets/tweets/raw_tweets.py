"""Messages of topic `tweets` as they were read: one row per tweet message, one reject per other, exactly once each.

Source: the message log. Rows and offsets commit together; refreshed when the end of the topic moves.
"""

from collections.abc import Iterator

import dagster as dg

from platform_assets.reports import Check, label, received
from platform_assets.tables import POOL, python_specs, source
from platform_assets.tweets.arrival import TABLES, source_of, take_in
from resources.message_log import MessageLog
from resources.warehouse import Session, Warehouse

TOPIC = "tweets"
CHECKS = (
    Check(
        "every_offset_once",
        "No message is in the warehouse twice, and none is both loaded and rejected.",
        "SELECT COUNT(*)"
        " - COUNT(DISTINCT topic || '/' || TO_VARCHAR(log_partition) || '/' || TO_VARCHAR(log_offset)) AS n"
        " FROM (SELECT topic, log_partition, log_offset FROM tweets.raw_tweets"
        " UNION ALL SELECT topic, log_partition, log_offset FROM tweets.rejected_tweets) AS messages",
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
    """Take in what the topic has, then report both tables."""
    commits = list(take_in(TOPIC, message_log, warehouse, label(context)))
    for taken in commits:
        context.log.info("partition %d, offsets %d to %d", taken.partition, taken.start, taken.end - 1)
    with warehouse.session(label(context)) as session:
        numbers = {
            "end_offsets": dg.MetadataValue.json(_ends(session)),
            "read_messages": sum(taken.read for taken in commits),
            "loaded_rows": sum(taken.loaded for taken in commits),
            "rejected_rows": sum(taken.rejected for taken in commits),
        }
        for table in TABLES:
            yield received(session, warehouse, table, numbers, CHECKS if table == TABLES[0] else ())


def _ends(session: Session) -> dict[str, int]:
    prefix = source_of(TOPIC, 0).removesuffix("0")
    found = session.rows(
        "SELECT source, next_position FROM ledger.positions WHERE STARTSWITH(source, :prefix)", prefix=prefix
    )
    return {str(row["source"]).removeprefix(prefix): int(str(row["next_position"])) for row in found}
