"""Batches: what waits at the same time is done together, in order, and an error reaches all that it concerns."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.asgi.batches import Batches


def test_what_arrives_while_a_batch_runs_is_the_next_one_in_order_and_within_the_bound() -> None:
    seen: list[list[int]] = []
    gate = threading.Event()

    def work(items: list[int]) -> list[int]:
        gate.wait(30)
        seen.append(items)
        return [item * 2 for item in items]

    async def all_of_them() -> list[int]:
        with ThreadPoolExecutor(1) as threads:
            batches = Batches(work, threads, most=4)
            first = [batches.add(number) for number in range(2)]
            await asyncio.sleep(0)
            rest = [batches.add(number) for number in range(2, 9)]
            gate.set()
            return list(await asyncio.gather(*first, *rest))

    assert asyncio.run(all_of_them()) == [number * 2 for number in range(9)]
    assert seen == [[0, 1], [2, 3, 4, 5], [6, 7, 8]]


def test_an_error_reaches_all_of_its_batch_and_the_next_one_is_done() -> None:
    def work(items: list[int]) -> list[int]:
        if 0 in items:
            raise ValueError("zero")
        return items

    async def both() -> int:
        with ThreadPoolExecutor(1) as threads:
            batches = Batches(work, threads)
            lost = batches.add(1)
            failed = batches.add(0)
            lost.cancel()
            with pytest.raises(ValueError, match="zero"):
                await failed
            return await batches.add(7)

    assert asyncio.run(both()) == 7
