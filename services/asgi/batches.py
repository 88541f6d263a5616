"""Work that costs little more for many than for one: what arrives while it runs is done together next.

What the work is, and which thread does it, is given. What comes when nothing runs does not wait.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Final, Generic, TypeVar

_GATHER_S: Final = 0.002
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Batches(Generic[_Item, _Result]):
    """Gives items to `work`, `most` at a time and one batch after the other, in the order in which they came.

    `work` runs in a thread of `threads` and answers each item, in order; what it raises, all of its batch get.
    """

    def __init__(
        self, work: Callable[[list[_Item]], Sequence[_Result]], threads: Executor, most: int = 1_000
    ) -> None:
        """To be used in one event loop."""
        self._work = work
        self._threads = threads
        self._most = most
        self._waiting: list[tuple[_Item, asyncio.Future[_Result]]] = []
        self._is_busy = False

    def add(self, item: _Item) -> "asyncio.Future[_Result]":
        """The future answer to one item."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Result] = loop.create_future()
        self._waiting.append((item, future))
        if not self._is_busy:
            self._is_busy = True
            # Requests that were read in the same turn of the loop come along.
            loop.call_soon(self._start)
        return future

    def _start(self) -> None:
        batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        items = [item for item, _ in batch]
        running = asyncio.get_running_loop().run_in_executor(self._threads, self._work, items)
        running.add_done_callback(lambda done: self._done(batch, done))

    def _done(
        self,
        batch: list[tuple[_Item, "asyncio.Future[_Result]"]],
        done: "asyncio.Future[Sequence[_Result]]",
    ) -> None:
        if len(self._waiting) >= self._most:
            self._start()
        elif self._waiting:
            # Who is answered now often asks again at once; a moment later there is one batch instead of two.
            asyncio.get_running_loop().call_later(_GATHER_S, self._start)
        else:
            self._is_busy = False
        if (error := done.exception()) is not None:
            for _, future in batch:
                _fail(future, error)
            return
        for (_, future), result in zip(batch, done.result(), strict=True):
            if not future.done():
                future.set_result(result)


def _fail(future: "asyncio.Future[_Result]", error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
        # Whoever waits gets it; who has left already is no reason for a warning.
        future.exception()
