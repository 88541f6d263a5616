"""The port itself: what is sent, and what the receiver made of it.

How it travels is in the adapters.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["delivered", "refused", "failed"]
"""`refused` is the receiver's last word; what `failed` may be sent again under the same key."""


@dataclass(frozen=True)
class Parcel:
    """One thing to send: `key` names it for ever, `content` is of JSON's types and may tell of a person."""

    key: str
    kind: str
    content: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True)
class Receipt:
    """What became of a parcel; `detail` tells nothing of its content and is empty when it was delivered."""

    key: str
    outcome: Outcome
    attempts: int
    detail: str = ""


class Outlet(ABC):
    """Where parcels go. To send one again is harmless: the receiver knows it by its key."""

    @abstractmethod
    def deliver(self, parcels: Sequence[Parcel]) -> list[Receipt]:
        """Send, several at once, for about a minute at most; a receipt for each, in their order. Raises nothing."""

    @abstractmethod
    def uri(self) -> str:
        """Where they go, for people; never with a secret."""
