"""One side's process: `python -m bench.side <module> <bench> <side> <inputs> <scratch>` prints figures as JSON.

Only the part between the first and the second yield is timed; imports and the look at the result are not.
"""

import gc
import importlib
import json
import resource
import sys
import time
from pathlib import Path

from bench.measuring import Bench

_MB = 1e3
"""Linux counts peak memory in kilobytes."""


def main() -> None:
    """Run one side once."""
    module, bench, side, inputs, scratch = sys.argv[1:]
    # Only the module of this bench, so that no other's imports count as its memory.
    benches = [each for each in vars(importlib.import_module(module)).values() if isinstance(each, Bench)]
    (chosen,) = (each for each in benches if each.name == bench)
    steps = chosen.sides[side](Path(inputs), Path(scratch))
    next(steps)
    gc.collect()
    cpu, began = _cpu_s(), time.perf_counter()
    told = {name: float(value) for name, value in next(steps).items()}
    seconds, cpu = time.perf_counter() - began, _cpu_s() - cpu
    units = told.pop("units", 1.0)
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    # Only the side itself knows the CPU of servers that go on.
    cpu_s = told.pop("cpu_s", cpu / units)
    figures = {"seconds": seconds / units, "cpu_s": cpu_s, "peak_mb": peak / _MB, "units": units}
    sys.stdout.write("\n" + json.dumps({**figures, "measures": told, "result": next(steps)}) + "\n")


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main()
