"""How far a topic partition was read: an offset, and which topic of that name it is an offset of.

Written as the text of a position in `ledger.positions`; what is done when the topic is another one is in `arrival`.
"""

from typing import NamedTuple, Self


class Position(NamedTuple):
    """The offset to read next; `topic_id` is empty in positions from before topics were told apart.

    A topic that was made anew without another id, as brokers without ids do it, is told apart by `~` and a number.
    """

    offset: int
    topic_id: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `12@id`, or a plain `12` of an older Quadrant."""
        offset, _, topic_id = text.partition("@")
        return cls(int(offset), topic_id)

    def __str__(self) -> str:
        """As `parse` reads it."""
        return f"{self.offset}@{self.topic_id}" if self.topic_id else str(self.offset)

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
