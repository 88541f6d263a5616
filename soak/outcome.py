"""What a load on the promotions services came to: counts, what was wrong, and memory.

How the load is made is in `promotions`.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from soak.processes import LOG, PROMOTIONS

_MOST_GROWTH: Final = 10_000_000


@dataclass
class Outcome:
    """What a load came to. `lost` and `doubled` are answered requests that are not in the log, or more than once."""

    answered: list[str] = field(default_factory=list)
    refused: int = 0
    unanswered: int = 0
    wrong: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unsure: Counter[str] = field(default_factory=Counter)
    """How often a request was sent again, which may be in the log as often, besides once."""
    memory: dict[str, list[int]] = field(default_factory=lambda: {LOG: [], PROMOTIONS: []})
    """Bytes of each service, as time went by."""
    took_s: float = 0.0

    @property
    def is_right(self) -> bool:
        """Whether nothing was wrong, lost or doubled."""
        return bool(self.answered) and not (self.wrong or self.lost or self.doubled)

    @property
    def growth(self) -> int | None:
        """Bytes by which the largest service grew between a tenth of the time and its end; none when one was killed."""
        if self.kills[LOG] or self.kills[PROMOTIONS]:
            return None
        return max(max(seen[-3:]) - min(seen[len(seen) // 10 :][:3]) for seen in self.memory.values())

    @property
    def is_bounded(self) -> bool:
        """Whether the memory of the services stayed where it was; of those that were killed it tells nothing."""
        return self.growth is None or self.growth < _MOST_GROWTH
