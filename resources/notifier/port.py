"""The port itself: what a notice says.

How it reaches people is in the adapters.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Notice:
    """One message to people. It goes to many and stays, so it never tells of a customer.

    `key` is the same when the same notice is sent again, so that the receiver can drop a repetition.
    """

    key: str
    title: str
    link: str
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The notice as lines of plain text."""
        return "\n".join([self.title, *(f"{name}: {fact}" for name, fact in self.facts.items()), self.link])


class Notifier(ABC):
    """Where notices go."""

    @abstractmethod
    def notify(self, notice: Notice) -> None:
        """Hand a notice over, within half a minute; raises Unavailable when nobody took it."""
