"""`/getPromotions` for five of 50,000 shoppers with 100k promotions: the two services against Express, as it was.

Both have the same load from wrk and the same store, in memory behind MongoDB's protocol; ours has its default settings.
"""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.measuring import Bench, Claim, Result, faster, stated
from bench.memory_store import PER_SHOPPER
from bench.processes import Server, served, until
from bench.raw_finds import asked

_PROMOTIONS: Final = 100_000
_CONNECTIONS: Final = 32
_COMPARED: Final = 200
"""Requests whose answers must be the same."""
_WARM: Final = 15_000
"""Requests before the measured ones: Node compiles what is hot, and a cold one needs three times the CPU."""
_DRAINED_S: Final = 60
"""Until when what was answered is in the log."""
_EXPRESS: Final = Path(__file__).parent / "express"
_INSTALLED: Final = Path(__file__).parents[1] / ".quadrant" / "bench" / "express"
_SCRIPT: Final = Path(__file__).with_suffix(".lua")


class LogError(Exception):
    """Answered requests are missing in the log."""


class _Stack(NamedTuple):
    """The servers of one side. `log` is absent where the server itself writes the log."""

    server: Server
    store: Server | None = None
    log: Server | None = None


def lacking() -> str:
    """What must be installed first, in a sentence; empty when everything is there."""
    names = {"wrk": "the Debian package wrk", "node": "Node.js", "npm": "npm"}
    absent = [said for name, said in names.items() if shutil.which(name) is None]
    return f"get_promotions is left out: {' and '.join(absent)} must be installed." if absent else ""


def prepare(inputs: Path, is_small: bool) -> None:
    """Express and the driver as the lock file names them, installed once; how long a round and its warm-up last."""
    (inputs / "seconds").write_text("1" if is_small else "5")
    (inputs / "warm").write_text("1" if is_small else str(_WARM))
    lock = _EXPRESS / "package-lock.json"
    _INSTALLED.mkdir(parents=True, exist_ok=True)
    kept = _INSTALLED / lock.name
    is_same = kept.exists() and kept.read_bytes() == lock.read_bytes()
    for file in _EXPRESS.iterdir():
        shutil.copy(file, _INSTALLED)
    if not (is_same and (_INSTALLED / "node_modules" / ".package-lock.json").exists()):
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=_INSTALLED,
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def ours(scratch: Path) -> Iterator[_Stack]:
    """The promotions service with its outbox, and the request log."""
    home = {"QUADRANT_HOME": str(scratch / "home"), "QUADRANT_DEPLOYMENT": "local"}
    with ExitStack() as stack:
        store = stack.enter_context(_store(scratch))
        address = {"MONGO_URL": _url(store, "mongodb"), **home}
        log = stack.enter_context(
            _python("services.request_log", scratch, {"REQUEST_LOG_PORT": "0", **address})
        )
        own = {"PROMOTIONS_PORT": "0", "LOG_URL": _url(log, "http"), **address}
        yield _Stack(stack.enter_context(_python("services.promotions", scratch, own)), store, log)


@contextmanager
def express(scratch: Path) -> Iterator[_Stack]:
    """One process of Node, as a server runs it."""
    with _store(scratch) as store:
        own = {"MONGO_URL": _url(store, "mongodb"), "NODE_ENV": "production"}
        with served(["node", str(_INSTALLED / "server.mjs")], scratch / "express.txt", own) as server:
            yield _Stack(server, store)


@contextmanager
def fixed(scratch: Path) -> Iterator[_Stack]:
    """A server that does nothing."""
    with _python("bench.fixed_answer", scratch, {}) as server:
        yield _Stack(server)


_STACKS: Final = {"ours": ours, "express": express, "fixed": fixed}


def side(name: str, inputs: Path, scratch: Path) -> Iterator[Result]:
    """Answers to compare, some thousand requests to warm up, then one round."""
    seconds, warm = (int((inputs / what).read_text()) for what in ("seconds", "warm"))
    with _STACKS[name](scratch) as stack:
        found: Result = {} if stack.store is None else {"answers": _answers(stack.server)}
        answered = _COMPARED if stack.store else 0
        while answered < warm + _COMPARED:
            answered += int(_load(stack.server, 1, answered)["requests"])
        _settled(stack, answered)
        yield {}
        before = _cpu(stack)
        told = _load(stack.server, seconds, answered)
        count = told["requests"]
        _settled(stack, answered + int(count))
        used = {who: (cpu_s - before[who]) / count for who, cpu_s in _cpu(stack).items()}
    # The servers have ended, so that their memory is known.
    yield {"units": count, **_figures(told, used)}
    yield {**found, "failed": told["failed"]}


def store_alone(inputs: Path, scratch: Path) -> Iterator[Result]:
    """The store asked by nobody's driver."""
    seconds = int((inputs / "seconds").read_text())
    with _store(scratch) as store:
        yield {}
        before = store.cpu_s()
        told = asked(store.port, _PROMOTIONS // PER_SHOPPER, seconds)
        count = told["requests"]
        used = (store.cpu_s() - before) / count
    yield {"units": count, "cpu_s": used, "store_s": used, "turn_s": told["wall_s"] / count}
    yield {}


def _figures(told: Mapping[str, float], used: Mapping[str, float]) -> dict[str, float]:
    """Of one request, in seconds: CPU of each process, wall clock, latencies."""
    return {
        "cpu_s": used["server"] + used["log"],
        "server_s": used["server"],
        "with_log_s": used["server"] + used["log"],
        "store_s": used["store"],
        "generator_s": told["generator_s"],
        "turn_s": told["wall_s"] / told["requests"],
        "p50_s": told["p50_s"],
        "p99_s": told["p99_s"],
    }


def _cpu(stack: _Stack) -> dict[str, float]:
    processes = zip(_Stack._fields, stack, strict=True)
    return {name: process.cpu_s() if process else 0.0 for name, process in processes}


def _load(server: Server, seconds: int, seed: int) -> dict[str, float]:
    """Wrk's figures, and its own CPU seconds of each request. Another seed draws other shoppers."""
    shoppers = _PROMOTIONS // PER_SHOPPER
    command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "-s", str(_SCRIPT)]
    process = subprocess.Popen(
        [*command, f"{_url(server, 'http')}/getPromotions", "--", str(shoppers), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
    )
    out = process.stdout.read() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    told: dict[str, float] = json.loads(out.splitlines()[-1])
    return {**told, "generator_s": (used.ru_utime + used.ru_stime) / told["requests"]}


def _settled(stack: _Stack, answered: int) -> None:
    """Every answered request is in the log; those that wrk left unanswered may be there too."""
    if stack.store is None:
        return
    import pymongo

    with pymongo.MongoClient[dict[str, Any]](_url(stack.store, "mongodb")) as client:

        def is_logged() -> bool:
            return int(client.promo.command("count", "promoLogging")["n"]) >= answered

        if not until(is_logged, _DRAINED_S):
            raise LogError(f"Of {answered} answered requests some are not in the log after {_DRAINED_S} s.")


def _answers(server: Server) -> str:
    """A digest of the answers to some requests; in which order a store gives them was never told."""
    import httpx

    chance, digest = random.Random(5), hashlib.sha256()
    with httpx.Client(base_url=_url(server, "http")) as client:
        for number in range(_COMPARED):
            user_ids = [chance.randrange(_PROMOTIONS // PER_SHOPPER) for _ in range(5)]
            asked = {"requestId": f"compared-{number}", "userIds": user_ids}
            answer = client.post("/getPromotions", json=asked).raise_for_status().json()
            digest.update(
                json.dumps(sorted(answer, key=lambda each: str(each["_id"])), sort_keys=True).encode()
            )
    return digest.hexdigest()


def _store(scratch: Path) -> AbstractContextManager[Server]:
    return _python("bench.memory_store", scratch, {}, str(_PROMOTIONS))


def _python(
    module: str, scratch: Path, environment: Mapping[str, str], *arguments: str
) -> AbstractContextManager[Server]:
    command = [sys.executable, "-m", module, *arguments]
    return served(command, scratch / f"{module}.txt", environment)


def _url(server: Server, scheme: str) -> str:
    return f"{scheme}://127.0.0.1:{server.port}"


_WHAT: Final = "a /getPromotions, 100k promotions: Express"
BENCH = Bench(
    "get_promotions",
    prepare,
    {**{name: partial(side, name) for name in _STACKS}, "store": store_alone},
    (
        Claim(f"{_WHAT}, CPU of the service", "ours", "express", *faster(4), of="server_s"),
        Claim(f"{_WHAT}, CPU with the log service", "ours", "express", *stated(), of="with_log_s"),
        Claim(f"{_WHAT}, CPU of the store", "ours", "express", *stated(), of="store_s"),
        Claim(f"{_WHAT}, wall clock", "ours", "express", *stated(), of="turn_s"),
        Claim(f"{_WHAT}, median", "ours", "express", *stated(), of="p50_s"),
        Claim(f"{_WHAT}, p99", "ours", "express", *faster(3), of="p99_s"),
        Claim(
            "wrk's own CPU a request: with a server that does nothing",
            "ours",
            "fixed",
            *stated(),
            of="generator_s",
        ),
        Claim(
            "a find of the store alone, wall clock: a request of ours",
            "store",
            "ours",
            *stated(),
            of="turn_s",
        ),
    ),
    lacking,
)
