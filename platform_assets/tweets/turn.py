"""One session of the warehouse for many batches of an ingest, let go of now and then.

How long it is held belongs here; what is done with it is in `arrival`.
"""

import math
import time
from contextlib import ExitStack

from resources.warehouse import Session, Warehouse

TURN_S = 5.0
"""Seconds after which others may have the warehouse while the next batch is read."""


class Turn:
    """One session for batch after batch: to open and close a file for each costs as much as the batch itself."""

    def __init__(self, warehouse: Warehouse, label: str) -> None:
        """Nothing is opened before the first call; `label` is that of the sessions."""
        self._warehouse = warehouse
        self._label = label
        self._held = ExitStack()
        self._session: Session | None = None
        self._ends_at = math.inf

    def session(self) -> Session:
        """The session, opened unless it is."""
        if self._session is None:
            self._session = self._held.enter_context(self._warehouse.session(self._label))
            self._ends_at = time.monotonic() + TURN_S
        return self._session

    def pause(self) -> None:
        """Let others have the file while a batch is read, once it was held for `TURN_S`."""
        if time.monotonic() > self._ends_at:
            self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._session = None
        self._held.close()
