"""A topic read again from an earlier place: its position moves back, its rows stay until their messages are read again.

The ingest that follows puts the rows of each batch in the place of the old ones; what the ledgers remember stays, so
nothing forgotten comes back.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from platform_assets.tweets.arrival import Seen, adopted, positions_of, seen, source_of
from platform_assets.tweets.position import Position
from resources.message_log import MessageLog
from resources.unavailable import Unavailable
from resources.warehouse import Commit, Warehouse


@dataclass(frozen=True)
class From:
    """Where a replay begins; exactly one is given: offsets by partition, an aware time, or the earliest there is."""

    offsets: Mapping[int, int] | None = None
    moment: dt.datetime | None = None
    is_earliest: bool = False


@dataclass(frozen=True)
class Replayed:
    """A partition whose position moved back from `before` to `start`."""

    partition: int
    before: int
    start: int


def from_settings(offsets: Mapping[str, int], time: str, *, is_earliest: bool) -> From:
    """What a person filled in; raises Unavailable unless it is exactly one place that can be read."""
    if bool(offsets) + bool(time) + is_earliest != 1:
        raise Unavailable(
            "A replay begins at one place: give from_offsets, or from_time, or set earliest to true, and only one."
        )
    if any(not partition.isdecimal() or offset < 0 for partition, offset in offsets.items()):
        raise Unavailable(
            f"from_offsets is {dict(offsets)!r}: give an offset for each partition, such as {{'0': 1200}}."
        )
    if not time:
        return From(
            {int(partition): offset for partition, offset in offsets.items()} or None, None, is_earliest
        )
    try:
        moment = dt.datetime.fromisoformat(time)
    except ValueError as error:
        raise Unavailable(f"from_time is {time!r}: write it as 2026-11-01T12:00:00+00:00.") from error
    return From(moment=moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC))


def replay(
    topic: str, place: From, message_log: MessageLog, warehouse: Warehouse, label: str = ""
) -> Iterator[Replayed]:
    """Move each partition back, one transaction each; a partition that was not read so far stays where it is.

    Run again after it was killed, it does what is left. Raises Unavailable for a place that the log no longer holds,
    before anything is written, and OvertakenError when an ingest is under way.
    """
    with warehouse.session(label) as session:
        positions = positions_of(session, topic)
    now = seen(topic, message_log)
    starts = _starts(topic, place, now, positions, message_log)
    for partition, start in sorted(starts.items()):
        position = positions[partition]
        if start < position.offset:
            with warehouse.session(label) as session:
                session.commit(_back(topic, partition, position, start, now.topic_id))
            yield Replayed(partition, position.offset, start)


def _starts(
    topic: str, place: From, now: Seen, positions: Mapping[int, Position], message_log: MessageLog
) -> dict[int, int]:
    """Where each partition that was read begins anew."""
    if place.moment is not None:
        asked = message_log.offsets_at(topic, place.moment)
    elif place.is_earliest:
        asked = {partition: bounds.earliest for partition, bounds in now.bounds.items()}
    else:
        asked = dict(place.offsets or {})
    read = {partition: position for partition, position in positions.items() if partition in now.bounds}
    if unread := [partition for partition in asked if partition not in read] if place.offsets else []:
        raise Unavailable(
            f"Topic {topic} has no partition {unread[0]} that was read: those are {sorted(read)}."
        )
    starts = {partition: start for partition, start in asked.items() if partition in read}
    for partition, start in starts.items():
        _check(topic, partition, start, now, positions[partition])
    return starts


def _check(topic: str, partition: int, start: int, now: Seen, position: Position) -> None:
    bounds = now.bounds[partition]
    if not position.is_of(now.topic_id) or position.behind > bounds.end:
        raise Unavailable(
            f"Topic {topic} was made anew since it was read: refresh first, it is then read from its beginning."
        )
    if not bounds.earliest <= start <= bounds.end:
        raise Unavailable(
            f"Offset {start} of topic {topic}, partition {partition}, is not in the log: it holds {bounds.earliest} "
            f"to {bounds.end - 1}; replay from one of these."
        )


def _back(topic: str, partition: int, position: Position, start: int, topic_id: str) -> Commit:
    """Only the position moves; rows of an id that was not known are named with it."""
    name = position.named(topic_id)
    named = adopted(topic, partition, position.topic_id, name)
    return Commit(
        source_of(topic, partition), str(position), str(position.at(start, name)), read=0, amends=named
    )
