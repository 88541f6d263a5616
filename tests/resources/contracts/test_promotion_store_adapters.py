"""What only one store can show: MongoDB's own ids and types, what survives a kill, and what people are told."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from resources.promotion_store import MongoPromotionStore, Normalized, Promotion, SqlitePromotionStore
from resources.promotion_store.mongodb_place import id_of_text, text_of_id
from resources.request_log import Entry, MongoRequestLog, SqliteRequestLog
from resources.unavailable import Unavailable
from servers.mongodb import MongoDb
from servers.server import Place
from tests.documents import insert_by_hand

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
READY_S = 30.0
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from resources.promotion_store import MongoPromotionStore, Promotion, SqlitePromotionStore
from resources.request_log import Entry, MongoRequestLog, SqliteRequestLog

kind, where = sys.argv[1:]
store, log = (
    (MongoPromotionStore(where), MongoRequestLog(where))
    if kind == "mongodb"
    else (SqlitePromotionStore(Path(where, "p.sqlite")), SqliteRequestLog(Path(where, "r.sqlite")))
)
now = datetime(2026, 11, 1, tzinfo=UTC)
for number in range(1_000_000):
    store.add(Promotion(f"{number}/{part}", "R", number, "9", False, now) for part in range(3))
    log.append([Entry(f"{number}/{part}", "R", "/a", "", now) for part in range(3)])
    print(number, flush=True)
"""


def _acknowledged(kind: str, where: str, enough: int, kill: Callable[["subprocess.Popen[str]"], None]) -> int:
    """How many numbers a writer was told to be safe until it, or its server, was killed."""
    arguments = [sys.executable, "-c", WRITER, kind, where]
    told = -1
    with subprocess.Popen(
        arguments,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        stdin=subprocess.DEVNULL,
    ) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            told = int(line)
            if told == enough:
                kill(writer)
    return told + 1


def test_a_writer_that_is_killed_loses_nothing_that_sqlite_acknowledged(tmp_path: Path) -> None:
    count = _acknowledged("sqlite", str(tmp_path), 20, lambda writer: writer.send_signal(signal.SIGKILL))
    assert count > 20
    with SqlitePromotionStore(tmp_path / "p.sqlite") as store, SqliteRequestLog(tmp_path / "r.sqlite") as log:
        assert len(store.unused_for(range(count)).promotions) == 3 * count
        assert 3 * count <= log.count() <= store.count() <= 3 * count + 3
        assert log.append([Entry("x", "R", "/a", "", NOON)]) == 1


@contextmanager
def _server(place: Place) -> Iterator["subprocess.Popen[bytes]"]:
    """A MongoDB on disk that answers."""
    arguments = MongoDb().command(place).arguments
    with place.log.open("ab") as log, subprocess.Popen(arguments, stdout=log, stderr=log) as process:
        try:
            deadline = time.monotonic() + READY_S
            while not MongoDb().is_ready(place):
                assert time.monotonic() < deadline, place.log.read_text()
            yield process
        finally:
            process.kill()
