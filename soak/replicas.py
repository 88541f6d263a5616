"""Replicas of the listing API over the store of the killed side: killed themselves, again and again.

When the run that posts is killed is in `strikes`; what the store must hold in the end, in `contents`.
"""

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import product
from random import Random
from threading import Event
from typing import Final

from resources.listing_store import SqliteListingStore
from soak.processes import REPLICAS, ListingProcesses, is_ready, wait_until
from soak.sides import Side

_MOST_WAIT_S: Final = 4.0
_SOON_S: Final = 0.03
_LOOK_S: Final = 0.02


class Replicas:
    """Two processes; `kills` counts SIGKILLs, `while_posting` those of one that documents had just come through."""

    def __init__(self, side: Side, processes: ListingProcesses, random: Random) -> None:
        """Of a side whose home the processes share."""
        self._side = side
        self._processes = processes
        self._random = random
        self._over = Event()
        self._asked = ""
        self.kills = self.while_posting = 0

    def side(self, random: Random) -> Side:
        """The side, which posts to a replica, a document or many in a request, or straight into the store."""
        self._asked, is_bulk = random.choice([("", ""), *product(REPLICAS, "01")])
        url = self._processes.urls.get(self._asked)
        given = {"LISTING_API_URL": url, "LISTING_API_BULK": is_bulk} if url else {}
        return dataclasses.replace(self._side, listing_api=given)

    @contextmanager
    def killed(self) -> Iterator[None]:
        """Kill them until the block ends; then they are ready."""
        with ThreadPoolExecutor(1) as beside:
            striking = beside.submit(self._strike)
            try:
                yield
            finally:
                self._over.set()
            striking.result()
        self.wait()

    def wait(self) -> None:
        """Wait until both are ready."""
        wait_until(lambda: all(map(is_ready, self._processes.urls.values())), "the listing API to be ready")

    def _strike(self) -> None:
        """Half of the kills fall anywhere, half on who is posted to, shortly after documents have come."""
        with SqliteListingStore(self._side.target.home / "listings.sqlite") as store:
            while not self._over.is_set():
                is_aimed = self._random.random() < 0.5
                while is_aimed and not (self._comes(store) and self._asked) and not self._over.is_set():
                    pass
                if self._over.wait(self._random.random() * (_SOON_S if is_aimed else _MOST_WAIT_S)):
                    return
                name = self._asked if is_aimed and self._asked else self._random.choice(REPLICAS)
                self.while_posting += self._comes(store) and name == self._asked
                self._processes.kill(name)
                self.kills += 1
                # Else nobody would be there on a slow machine, and what is posted only waits.
                while not self._over.is_set() and not is_ready(self._processes.urls[name]):
                    self._over.wait(_LOOK_S)

    def _comes(self, store: SqliteListingStore) -> bool:
        before = store.count()
        self._over.wait(_LOOK_S)
        return store.count() > before


@contextmanager
def replicas(side: Side, seed: float) -> Iterator[Replicas]:
    """Ready, and ended afterwards. Raises Unavailable when they do not begin."""
    with ListingProcesses(side.target.home) as processes:
        for name in REPLICAS:
            processes.start(name)
        found = Replicas(side, processes, Random(seed))
        found.wait()
        yield found
