"""What tests of the tweet stream share: a scripted X, and a service that reads it."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stream_service import Starter
from tests.x_server import XServer, x_server


class _Hearing(logging.Handler):
    def __init__(self, said: list[logging.LogRecord]) -> None:
        super().__init__()
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(record)


@pytest.fixture
def x() -> Iterator[XServer]:
    """A stand-in for X."""
    with x_server() as server:
        yield server


@pytest.fixture
def service(x: XServer, tmp_path: Path) -> Iterator[Starter]:
    """Starts the service, and hears what it tells."""
    said: list[logging.LogRecord] = []
    handler = _Hearing(said)
    logger = logging.getLogger("services")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield Starter(x, tmp_path, said)
    logger.removeHandler(handler)
