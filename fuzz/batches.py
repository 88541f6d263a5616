"""One batch of mutated inputs: made from its number, judged, and when it fails made small and kept.

A batch is a function of the seed, the parser's name and its number; processes and time are in `watchdog`.
"""

import base64
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from fuzz.mutation import mutated
from fuzz.targets import Seen, Target, targets

_SHRINK_S: Final = 20.0


class Batch(NamedTuple):
    """Which batch of which series of one parser."""

    name: str
    seed: int
    number: int

    def inputs(self, target: Target) -> list[bytes]:
        """The mutated inputs."""
        random = Random(f"{self.seed}:{self.name}:{self.number}")
        return [mutated(target.seeds, random) for _ in range(target.batch)]

    def judged(self, target: Target, inputs: Sequence[bytes]) -> Seen:
        """What becomes of inputs; raises Violation or what the parser raised."""
        return target.judge(inputs, Random(f"{self.seed}:{self.name}:{self.number}:judge"))


class Failure(NamedTuple):
    """A batch that a parser did not bear: what happened, and the inputs that are left of it."""

    batch: Batch
    sentence: str
    inputs: Sequence[bytes]

    def keep(self, folder: Path) -> Path:
        """Write it where `replayed` finds it; the path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.batch.name}-{self.batch.seed}-{self.batch.number}.json"
        encoded = [base64.b64encode(data).decode() for data in self.inputs]
        document = {**self.batch._asdict(), "sentence": self.sentence, "inputs": encoded}
        path.write_text(json.dumps(document, indent=1))
        return path


def replayed(path: Path) -> Seen:
    """Judge the inputs of a kept failure again; raises what it raised, if it still does."""
    kept = json.loads(path.read_text())
    batch = Batch(kept["name"], kept["seed"], kept["number"])
    return batch.judged(targets()[batch.name](), [base64.b64decode(text) for text in kept["inputs"]])


def attempt(batch: Batch, target: Target) -> Seen | Failure:
    """Judge one batch; a failure is made small."""
    inputs = batch.inputs(target)
    try:
        return batch.judged(target, inputs)
    except Exception as error:  # noqa: BLE001 - whatever a parser raises is the finding
        sentence = f"{type(error).__name__}: {error}"[:500]
        return Failure(batch, sentence, _shrunk(batch, target, inputs, type(error)))


def _shrunk(batch: Batch, target: Target, inputs: list[bytes], kind: type[Exception]) -> list[bytes]:
    """Fewer and shorter inputs that still fail in the same way, as far as some seconds go."""
    until = time.monotonic() + _SHRINK_S
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for fewer in _fewer(inputs):
            if time.monotonic() > until:
                return inputs
            if _fails(batch, target, fewer, kind):
                inputs, is_smaller = fewer, True
                break
    return inputs


def _fewer(inputs: list[bytes]) -> Iterator[list[bytes]]:
    """Without a part of the inputs, and, when few are left, without a part of one of them."""
    size = len(inputs) // 2
    while size:
        for start in range(0, len(inputs), size):
            yield inputs[:start] + inputs[start + size :]
        size //= 2
    for place, data in enumerate(inputs if len(inputs) < 4 else ()):
        size = len(data) // 2
        while size:
            for start in range(0, len(data), size):
                yield [*inputs[:place], data[:start] + data[start + size :], *inputs[place + 1 :]]
            size //= 2


def _fails(batch: Batch, target: Target, inputs: list[bytes], kind: type[Exception]) -> bool:
    if not inputs:
        return False
    try:
        batch.judged(target, inputs)
    except Exception as error:  # noqa: BLE001 - whatever a parser raises is the finding
        return type(error) is kind
    return False
