"""When an API that fails is asked: not at all, by a probe, or again by everybody."""

import asyncio
import time

from resources.listing_api.circuit import Circuit


async def _is_open(circuit: Circuit) -> bool:
    """Whether somebody who comes now has to wait."""
    try:
        async with asyncio.timeout(0.01):
            await circuit.passage()
    except TimeoutError:
        return True
    return False


def test_it_opens_after_failures_in_a_row_and_a_success_between_counts_anew() -> None:
    async def run() -> None:
        circuit = Circuit(3, pause_s=10, budget_s=60)
        for _ in range(2):
            circuit.failed()
            circuit.failed()
            assert not await _is_open(circuit)
            circuit.succeeded()
        for _ in range(3):
            circuit.failed()
        assert await _is_open(circuit)

    asyncio.run(run())


def test_while_it_is_open_one_probe_goes_and_its_success_lets_everybody_through_at_once() -> None:
    async def run() -> None:
        circuit = Circuit(1, pause_s=0.02, budget_s=60)
        circuit.failed()
        waiting = [asyncio.create_task(circuit.passage()) for _ in range(5)]
        done, others = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert (len(done), len(others)) == (1, 4)
        circuit.succeeded()
        assert await asyncio.gather(*others) == [True] * 4

    asyncio.run(run())


def test_after_its_budget_nothing_is_sent_any_more() -> None:
    async def run() -> None:
        circuit = Circuit(1, pause_s=10, budget_s=0.05)
        circuit.failed()
        began = time.monotonic()
        assert await asyncio.gather(*(circuit.passage() for _ in range(5))) == [False] * 5
        assert time.monotonic() - began >= 0.05

    asyncio.run(run())


def test_it_waits_as_long_as_the_api_asks() -> None:
    async def run() -> None:
        circuit = Circuit(1, pause_s=0.001, budget_s=60)
        circuit.failed(asked_s=30)
        assert await _is_open(circuit)

    asyncio.run(run())
