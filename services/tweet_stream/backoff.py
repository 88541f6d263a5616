"""How long to wait before the next connection, as X's documentation asks for.

Only the arithmetic; what went wrong is found where the connection is. Source: docs.x.com, Handling disconnections.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

Reason = Literal[
    "ended", "dropped", "stalled", "disconnected", "unreachable",
    "server_error", "no_rules", "too_many_connections", "rate_limited",
]  # fmt: skip

AT_ONCE: Final = frozenset({"ended", "dropped", "stalled", "disconnected", "unreachable"})
"""Reasons of the network: X wants them linear, and the first try at once."""


@dataclass(frozen=True)
class Periods:
    """Every time of the service, in seconds."""

    keep_alive_s: float = 20.0
    """X sends a line, or an empty one, at least so often."""
    stalled_after_s: float = 60.0
    """Silence after which a connection is given up: three keep-alives."""
    steady_after_s: float = 20.0
    """A connection that lived so long was a good one: the next failure is counted as the first."""
    connect_s: float = 10.0
    network_step_s: float = 0.25
    network_most_s: float = 16.0
    server_first_s: float = 5.0
    server_most_s: float = 320.0
    limit_first_s: float = 60.0
    limit_most_s: float = 900.0
    """X's windows of rate limits are 15 minutes."""
    linger_s: float = 0.1
    """How long lines are gathered before they are published together."""
    publish_again_most_s: float = 5.0
    stop_s: float = 15.0
    """After a signal, the time to publish what was read."""


def pause(reason: Reason, failures: int, periods: Periods, resets_in_s: float | None, jitter: float) -> float:
    """Seconds before the next try; `failures` in a row, 1 or more, `jitter` between 0 and 1.

    A rate limit is waited for until it resets, if the server said when and that is not past by our clock, and
    never longer than its window. What is waited for by many at the same moment is spread by a tenth.
    """
    if reason in AT_ONCE:
        return min(periods.network_step_s * (failures - 1), periods.network_most_s)
    if reason == "rate_limited":
        first, most = periods.limit_first_s, periods.limit_most_s
    else:
        first, most = periods.server_first_s, periods.server_most_s
    if reason == "rate_limited" and resets_in_s is not None and resets_in_s > 0:
        wait = min(resets_in_s, most)
    else:
        wait = min(first * 2 ** min(failures - 1, 30), most)
    return wait + jitter * max(wait, first) / 10


def backfill_minutes(allowed: int, away_s: float | None, periods: Periods) -> int:
    """Whole minutes to ask for: what was missed since `away_s` seconds, all that is allowed when not known.

    A connection may have been dead for a keep-alive before its last bytes were read, so as much is added.
    """
    if away_s is None:
        return allowed
    return min(allowed, math.ceil((away_s + periods.keep_alive_s) / 60))


def unrecovered_s(allowed: int, away_s: float) -> float:
    """Seconds of the stream that a backfill of the allowed minutes does not bring back."""
    return max(0.0, away_s - 60 * allowed)
