"""The job `replay_topic`: a person reads the topic again from an offset, a time or its beginning.

What a replay is, is in `replay`; here are its form in the launchpad and what it reports. A refresh follows by itself.
"""

import dagster as dg
from pydantic import Field

from platform_assets.tables import POOL
from platform_assets.tweets.raw_tweets import TOPIC
from platform_assets.tweets.replay import from_settings, replay
from resources.message_log import MessageLog
from resources.warehouse import Warehouse


class ReplayTopic(dg.Config):
    """Where to begin: exactly one of `from_offsets`, `from_time` and `earliest`."""

    topic: str = Field(default=TOPIC, description="Topic to read again.")
    from_offsets: dict[str, int] = Field(
        default={},
        description="First offset to read again, by partition: {'0': 1200}. Other partitions stay.",
    )
    from_time: str = Field(
        default="",
        description="Read again what was published at or after this time, ISO 8601, UTC unless it says otherwise.",
    )
    earliest: bool = Field(default=False, description="Read again all that the log still holds.")


@dg.op(pool=POOL, out=dg.Out(dg.Nothing))
def move_back(
    context: dg.OpExecutionContext,
    config: ReplayTopic,
    message_log: dg.ResourceParam[MessageLog],
    warehouse: dg.ResourceParam[Warehouse],
) -> None:
    """The position moves back, and rows stay until they are read again; a kill loses nothing, run it again."""
    place = from_settings(config.from_offsets, config.from_time, is_earliest=config.earliest)
    moved = {}
    for replayed in replay(config.topic, place, message_log, warehouse, f"replay {context.run_id}"):
        context.log.info(
            "partition %d: back from offset %d to %d", replayed.partition, replayed.before, replayed.start
        )
        moved[str(replayed.partition)] = replayed.start
    context.add_output_metadata({"moved_back_to": moved, "partitions": len(moved)})


@dg.job(
    description="Read a topic again from an offset, a time or its beginning; a refresh follows. Fill the form in.",
    executor_def=dg.in_process_executor,
    tags={"quadrant/job": "replay_topic", "dagster/max_runtime": "7200"},
)
def replay_topic() -> None:
    """Moves the position back."""
    move_back()
