"""How a bench is measured: interleaved rounds, each side in a process of its own, the minimum of each.

What is measured is in the module of each bench; a ratio is made only after both sides found the same.
"""

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

Result: TypeAlias = dict[str, float | str]
Side: TypeAlias = Callable[[Path, Path], Iterator[Result]]
"""Of the inputs' folder and an empty one. Its first yield ends the preparation, its second the measured part and may
name `units` of work and other measures of one, in seconds; its third is what it found."""
Bound: TypeAlias = Callable[["Figures", "Figures"], bool]


@dataclass(frozen=True)
class Figures:
    """One side of one bench: least seconds and CPU seconds of one unit of work, most memory, what was found.

    `measures` are further times of one unit that the side has told itself, the least of each.
    """

    seconds: float
    cpu_s: float
    peak_mb: float
    units: float
    result: Result
    measures: dict[str, float] = field(default_factory=dict)

    def best(self, other: "Figures") -> "Figures":
        """The lesser of both times, the larger of both memories."""
        return Figures(
            min(self.seconds, other.seconds),
            min(self.cpu_s, other.cpu_s),
            max(self.peak_mb, other.peak_mb),
            self.units,
            self.result,
            {name: min(least, other.measures[name]) for name, least in self.measures.items()},
        )

    def of(self, measure: str) -> "Figures":
        """The same with a measure in place of the seconds; with no name, as it is."""
        return replace(self, seconds=self.measures[measure]) if measure else self


@dataclass(frozen=True)
class Claim:
    """One line of the table: `ours` against `usual`, names of sides; `target` in words and as a test of both.

    `of` is the measure that is compared, the seconds without one.
    """

    what: str
    ours: str
    usual: str
    target: str
    is_met: Bound
    agree: bool = True
    of: str = ""


@dataclass(frozen=True)
class Bench:
    """Inputs, sides and claims; `prepare` is told the folder to fill and whether the bench is to be small.

    `lacking` says in a sentence what is not installed, and is empty when the bench can run.
    """

    name: str
    prepare: Callable[[Path, bool], None]
    sides: Mapping[str, Side]
    claims: Sequence[Claim]
    lacking: Callable[[], str] = str

    @property
    def module(self) -> str:
        """The module in which it is defined."""
        prepare = self.prepare.func if isinstance(self.prepare, partial) else self.prepare
        return str(prepare.__module__)


class DisagreementError(Exception):
    """Two sides of a bench found different things, so that their times cannot be compared."""


def faster(times: float) -> tuple[str, Bound]:
    """Ours takes at most one `times`-th of the usual way's time."""
    return f">= {times:g}x faster", lambda ours, usual: usual.seconds >= times * ours.seconds


def within(times: float) -> tuple[str, Bound]:
    """Ours takes at most `times` the other's time."""
    return f"<= {times:g}x its time", lambda ours, usual: ours.seconds <= times * usual.seconds


def below(limit_s: float) -> tuple[str, Bound]:
    """Ours takes less than `limit_s` seconds, whatever the other takes."""
    return f"< {limit_s:g} s", lambda ours, _usual: ours.seconds < limit_s


def stated() -> tuple[str, Bound]:
    """No target: the ratio is only stated."""
    return "stated", lambda _ours, _usual: True


def measure(bench: Bench, inputs: Path, rounds: int) -> dict[str, Figures]:
    """Figures of every side, sides taking turns; raises DisagreementError, and CalledProcessError of a side."""
    found: dict[str, Figures] = {}
    for _ in range(rounds):
        for side in bench.sides:
            figures = _one(bench, side, inputs)
            found[side] = found[side].best(figures) if side in found else figures
    for claim in bench.claims:
        if claim.agree:
            _check(bench.name, claim, found)
    return found


def _one(bench: Bench, side: str, inputs: Path) -> Figures:
    with tempfile.TemporaryDirectory(dir=inputs.parent) as scratch:
        command = [sys.executable, "-m", "bench.side", bench.module, bench.name, side, str(inputs), scratch]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def _check(bench: str, claim: Claim, found: Mapping[str, Figures]) -> None:
    ours, usual = found[claim.ours].result, found[claim.usual].result
    for name in sorted(ours.keys() & usual.keys()):
        if not _is_same(ours[name], usual[name]):
            raise DisagreementError(
                f"{bench}: {name} is {ours[name]} for {claim.ours}, {usual[name]} for {claim.usual}."
            )


def _is_same(ours: float | str, usual: float | str) -> bool:
    if isinstance(ours, float) and isinstance(usual, float):
        return math.isclose(ours, usual, rel_tol=1e-6)
    return ours == usual
