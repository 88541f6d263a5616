"""Messages of a topic on their way into the warehouse, exactly once.

The steps and their order belong here; what a message means is in `tweet`, what is lost in `losses`, how rows commit in
the warehouse port.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from platform_assets.tweets import deletions, losses
from platform_assets.tweets.losses import Lost
from platform_assets.tweets.position import Position
from platform_assets.tweets.turn import Turn
from resources.message_log import Batch, Bounds, MessageLog, OffsetsLost
from resources.sql import Value
from resources.warehouse import Amend, Commit, OvertakenError, Session, Warehouse

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = (deletions.RAW, deletions.REJECTED, deletions.LEDGER, losses.TABLE)
BATCH = 25_000
"""Messages in one commit, or fewer where they are large."""


@dataclass(frozen=True)
class Taken:
    """What one commit took from a partition: offsets from `start` to before `end`."""

    partition: int
    start: int
    end: int
    read: int
    loaded: int
    rejected: int
    deleted: int = 0


@dataclass(frozen=True)
class Overtaken:
    """Another run had committed from the same position first; reading went on from where it stands now."""

    partition: int
    detail: str


@dataclass(frozen=True)
class Seen:
    """A topic as the log has it: which one of its name, and what its partitions hold."""

    topic_id: str
    bounds: dict[int, Bounds]


Event = Taken | Lost | Overtaken


def source_of(topic: str, partition: int) -> str:
    """Name of the position of a topic partition."""
    return f"topic/{topic}/{partition}"


def positions_of(session: Session, topic: str) -> dict[int, Position]:
    """How far each partition was read."""
    prefix = source_of(topic, 0).removesuffix("0")
    found = session.rows(
        "SELECT source, next_position FROM ledger.positions WHERE STARTSWITH(source, :prefix)", prefix=prefix
    )
    return {
        int(str(row["source"]).removeprefix(prefix)): Position.parse(str(row["next_position"]))
        for row in found
    }


def seen(topic: str, message_log: MessageLog) -> Seen:
    """The topic now; asked again until it was not made anew in between."""
    while True:
        topic_id, bounds = message_log.topic_id(topic), message_log.bounds(topic)
        if message_log.topic_id(topic) == topic_id:
            return Seen(topic_id, bounds)


def adopted(topic: str, partition: int, old_id: str, new_id: str) -> list[Amend]:
    """Rows of a topic whose id was not known bear it from now on; nothing where the ids are one."""
    if old_id == new_id:
        return []
    values: dict[str, Value] = {
        "topic": topic,
        "log_partition": partition,
        "old_id": old_id,
        "new_id": new_id,
    }
    return [
        Amend(
            table,
            f"UPDATE {table} SET topic_id = :new_id WHERE topic = :topic AND log_partition = :log_partition "
            "AND COALESCE(topic_id, '') = :old_id",
            values,
        )
        for table in TABLES
    ]


def take_in(topic: str, message_log: MessageLog, warehouse: Warehouse, label: str = "") -> Iterator[Event]:
    """Commit everything that was in the topic when this began, batch by batch; each batch and its offset together.

    What is gone is remembered as lost and passed. A topic that was made anew is read from its beginning.
    """
    # Positions first: the ends of the log only grow, so a position beyond them is of another topic.
    with closing(Turn(warehouse, label)) as turn:
        positions = positions_of(turn.session(), topic)
        now = seen(topic, message_log)
        is_swept = False
        for partition in sorted(now.bounds):
            position = positions.get(partition)
            reader = _Reader(topic, partition, message_log, warehouse, turn, now, position, is_swept)
            yield from reader.events()
            is_swept = reader.is_swept


@dataclass
class _Reader:
    """Reads one partition to where it ended when this began."""

    topic: str
    partition: int
    message_log: MessageLog
    warehouse: Warehouse
    turn: Turn
    seen: Seen
    position: Position | None
    is_swept: bool
    """Whether a commit of this run has passed over the whole ledger."""

    def events(self) -> Iterator[Event]:
        """One commit after the other, until the end."""
        while self.partition in self.seen.bounds:
            try:
                event: Event | None = self._step()
            except OvertakenError as error:
                event = Overtaken(self.partition, str(error))
                self.position = positions_of(self.turn.session(), self.topic).get(self.partition)
                self.seen = seen(self.topic, self.message_log)
            except OffsetsLost:
                before, self.seen = self.seen, seen(self.topic, self.message_log)
                if self.seen == before:
                    raise
                continue
            if event is None:
                return
            yield event

    def _lost(self) -> Lost | None:
        bounds = self.seen.bounds[self.partition]
        return losses.noticed(self.topic, self.partition, self.position, self.seen.topic_id, bounds)

    def _step(self) -> Taken | Lost | None:
        """One commit; None at the end."""
        if lost := self._lost():
            self._remember(lost)
            return lost
        bounds = self.seen.bounds[self.partition]
        # What retention took of a range to be read again keeps its rows.
        start = max(self.position.offset if self.position else 0, bounds.earliest)
        if start >= bounds.end:
            return None
        self.turn.pause()
        batch = self.message_log.read(self.topic, self.partition, start, BATCH)
        if batch.next_offset == start:
            return None
        if self.message_log.topic_id(self.topic) != self.seen.topic_id:
            # Made anew while it was read: nobody can tell of which topic the batch is.
            raise OffsetsLost(self.topic, self.partition, start, bounds.earliest)
        return self._commit(start, batch)

    def _remember(self, lost: Lost) -> None:
        with self.warehouse.spool(losses.TABLE) as spool:
            spool.write_rows([lost.row(dt.datetime.now(dt.UTC))])
            source, expected = self._from()
            commit = Commit(source, expected, str(lost.next_position), read=0, ledger=[spool])
            self.turn.session().commit(commit)
        self.position = lost.next_position

    def _commit(self, start: int, batch: Batch) -> Taken:
        from platform_assets.tweets import tweet

        topic_id = self.seen.topic_id
        name = self.position.named(topic_id) if self.position else topic_id
        decoded = tweet.decode(self.topic, name, self.partition, batch.messages)
        loaded, rejected, deleted = (self.warehouse.spool(table) for table in TABLES[:3])
        was = self.position or Position(start, name)
        next_position = was.at(batch.next_offset, name)
        with loaded, rejected, deleted:
            loaded.write(decoded.rows)
            rejected.write(decoded.rejects)
            session = self.turn.session()
            known = self._known(session, start, next_position) if decoded.deletions.num_rows else []
            deleted.write(_without(decoded.deletions, known))
            session.commit(
                Commit(
                    *self._from(),
                    next_position=str(next_position),
                    read=len(batch.messages) - len(known),
                    loaded=[loaded, deleted],
                    rejected=[rejected],
                    clears=deletions.replaced(self.topic, self.partition, start, next_position, was),
                    amends=self._amends(session, start, next_position, is_notified=deleted.rows > 0),
                )
            )
            counts = (loaded.rows, rejected.rows, decoded.deletions.num_rows)
        self.position, self.is_swept = next_position, True
        return Taken(self.partition, start, batch.next_offset, len(batch.messages), *counts)

    def _from(self) -> tuple[str, str | None]:
        """The source of a commit, and the position that it is expected to be at."""
        return source_of(self.topic, self.partition), None if self.position is None else str(self.position)

    def _known(self, session: Session, start: int, end: Position) -> list[int]:
        """Offsets of notices that the ledger has already: those of a topic that is read again."""
        found = session.rows(
            f"SELECT log_offset FROM {deletions.LEDGER} WHERE topic = :topic AND log_partition = :log_partition "
            "AND COALESCE(topic_id, '') IN (:topic_id, :old_id) AND log_offset >= :first AND log_offset < :behind",
            topic=self.topic,
            log_partition=self.partition,
            topic_id=end.topic_id,
            old_id=self.position.topic_id if self.position else end.topic_id,
            first=start,
            behind=end.offset,
        )
        return [int(str(row["log_offset"])) for row in found]

    def _amends(self, session: Session, start: int, end: Position, *, is_notified: bool) -> list[Amend]:
        """What changes in rows that are there; a run's first commit also finds what two readers may have let pass."""
        was = self.position
        amends = adopted(self.topic, self.partition, was.topic_id, end.topic_id) if was else []
        if not is_notified and not session.count(deletions.LEDGER):
            return amends
        if not self.is_swept:
            return [*amends, *deletions.forgotten()]
        if is_notified:
            amends = [*amends, *deletions.forgotten_by(self.topic, self.partition, start, end.offset)]
        return [*amends, *deletions.kept_away(self.topic, self.partition, start)]


def _without(rows: "pa.Table", offsets: list[int]) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    if not offsets:
        return rows
    return rows.filter(pc.invert(pc.is_in(rows.column("log_offset"), pa.array(offsets, pa.int64()))))
