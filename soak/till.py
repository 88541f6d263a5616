"""A till with a shopper of its own: a promotion is given, shown, used, gone and refused, each step seen by the next.

What got no answer is sent again, and may have been done before: the same request again must come to the same.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

import httpx

from soak.outcome import Outcome

_PAUSE_S: Final = 0.05
_PATIENCE_S: Final = 120.0


class Till:
    """One of several; `number` is its own."""

    def __init__(self, client: httpx.AsyncClient, number: int, outcome: Outcome) -> None:
        """What is wrong is told to the outcome, and so is each request that was answered."""
        self._client = client
        self._shopper = 2_000_000 + number
        self._outcome = outcome
        self._asked = 0

    async def work(self, is_over: Callable[[], bool]) -> None:
        """Promotion after promotion."""
        count = 0
        while not is_over():
            count += 1
            await self._sell(f"{self._shopper}-{count}")
            await asyncio.sleep(_PAUSE_S)

    async def _sell(self, promotion: str) -> None:
        given = {"userIds": [self._shopper], "promotionIds": [promotion], "action": "add"}
        use = {"userId": self._shopper, "promotionId": promotion}
        await self._expect(200, "/setPromotions", given)
        await self._expect_shown([promotion])
        await self._expect(200, "/promotions/use", use)
        await self._expect_shown([])
        await self._expect(409, "/promotions/use", use)

    async def _expect_shown(self, promotions: list[str]) -> None:
        answer = await self._expect(200, "/getPromotions", {"userIds": [self._shopper]})
        if answer.status_code == 200 and [each["promotionId"] for each in answer.json()] != promotions:
            self._outcome.wrong.append(f"{answer.text[:200]} instead of {promotions}")

    async def _expect(self, status: int, path: str, said: Mapping[str, object]) -> httpx.Response:
        self._asked += 1
        request_id = f"till-{self._shopper}-{self._asked}"
        answer = await self._answer(path, {"requestId": request_id, **said}, request_id)
        if answer.status_code == status:
            self._outcome.answered.append(request_id)
        else:
            self._outcome.wrong.append(f"{path} {answer.status_code}: {answer.text[:200]}")
        return answer

    async def _answer(self, path: str, body: Mapping[str, object], request_id: str) -> httpx.Response:
        """What was answered at last; without an answer until the end, the last 503, or a broken connection as 599."""
        until, answer = time.monotonic() + _PATIENCE_S, httpx.Response(599)
        while time.monotonic() < until:
            try:
                answer = await self._client.post(path, json=body)
            except httpx.HTTPError:
                self._outcome.unanswered += 1
            else:
                if answer.status_code != 503:
                    break
                self._outcome.refused += 1
            self._outcome.unsure[request_id] += 1
            await asyncio.sleep(_PAUSE_S)
        return answer
