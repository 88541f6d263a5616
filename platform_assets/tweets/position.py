"""How far a topic partition was read: an offset, and which topic of that name it is an offset of.

Written as the text of a position in `ledger.positions`; what is done when the topic is another one is in `arrival`.
"""

from typing import NamedTuple, Self


class Position(NamedTuple):
    """The offset to read next; `topic_id` is empty in positions from before topics were told apart.

    A topic that was made anew without another id, as brokers without ids do it, is told apart by `~` and a number.
    `read_to` is how far reading had come before a replay moved the position back, 0 where none did: offsets below it
    are in the warehouse until they are read again.
    """

    offset: int
    topic_id: str
    read_to: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `12@id`, `12..40@id` while it is read again up to 40, or a plain `12` of an older Quadrant."""
        offsets, _, topic_id = text.partition("@")
        offset, _, read_to = offsets.partition("..")
        return cls(int(offset), topic_id, int(read_to or 0))

    def __str__(self) -> str:
        """As `parse` reads it."""
        offsets = f"{self.offset}..{self.read_to}" if self.read_to else str(self.offset)
        return f"{offsets}@{self.topic_id}" if self.topic_id else offsets

    @property
    def behind(self) -> int:
        """The first offset that was never read."""
        return max(self.offset, self.read_to)

    def at(self, offset: int, topic_id: str) -> "Position":
        """This position moved to `offset`, back or on; what was read stays known until it is passed."""
        return Position(offset, topic_id, self.behind if offset < self.behind else 0)

    def is_of(self, topic_id: str) -> bool:
        """Whether the topic that the log has now can be the one that was read."""
        known = self.topic_id.partition("~")[0]
        if not known or not topic_id or known == topic_id:
            return True
        # `cluster/name` is all that brokers without topic ids can tell: it says nothing against an id.
        return ("/" in known) != ("/" in topic_id)

    def named(self, topic_id: str) -> str:
        """The id that rows read from here bear: the one known, unless the log can tell a better one now."""
        known = self.topic_id.partition("~")[0]
        is_better = bool(topic_id) and (not known or ("/" in known and "/" not in topic_id))
        return topic_id if is_better else self.topic_id

    def renamed(self, topic_id: str) -> str:
        """An id for a topic that was made anew: its own, or where that is the same the next number."""
        known, _, number = self.topic_id.partition("~")
        return topic_id if topic_id != known or not known else f"{known}~{int(number or 1) + 1}"
