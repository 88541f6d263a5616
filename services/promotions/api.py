"""The operations on promotions: read what came, log the call, ask the store, answer.

Campaigns are in `campaigns`; what goes in and out is described in `messages`.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from typing import TypeVar, TypeVarTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from resources.promotion_store import Promotion, PromotionStore
from services.asgi.body import Body
from services.asgi.operation import Operation, json_response
from services.asgi.problem import Problem
from services.promotions import paging
from services.promotions.memory import Memory
from services.promotions.messages import Asked, Change, Changed, Given, Redemption, given
from services.promotions.outbox import Outbox
from services.promotions.questions import Question, Questions

_ASK = '{"requestId": "test", "userIds": [15, 12, 23]}'
_CHANGE = '{"requestId": "test", "userIds": [15, 12], "promotionIds": ["7"], "action": "add"}'
_USE = '{"requestId": "till-1", "userId": 15, "promotionId": "7"}'
_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")


class PromotionsApi:
    """Promotions of one store; each valid call is in the outbox before it is answered."""

    def __init__(
        self,
        store: PromotionStore,
        questions: Questions,
        memory: Memory,
        outbox: Outbox,
        threads: Executor,
    ) -> None:
        """What is not a question is done in one of `threads`; `memory` forgets whom it has changed."""
        self._store = store
        self._memory = memory
        self._questions = questions
        self._outbox = outbox
        self._threads = threads
        self._asked, self._change, self._redemption = Body(Asked), Body(Change), Body(Redemption)

    async def get_promotions(self, request: Request) -> Response:
        """Unused promotions, by shopper and then by id. The log is at work while it is asked for them."""
        asked = await self._asked.read(request)
        page = paging.paging(request)
        logged = self._outbox.add(asked.request_id, "/getPromotions", _listed(asked.user_ids))
        answer = await self._questions.ask(Question(asked.user_ids, page.after, page.limit))
        await logged
        more = answer.more_after and paging.link(request, answer.more_after, page.limit)
        return Response(answer.body, 200, more, "application/json")

    async def set_promotions(self, request: Request) -> Response:
        """Give or take promotions."""
        change = await self._change.read(request)
        what = f"{_listed(change.user_ids)} {change.action} {','.join(change.promotion_ids)}"
        await self._outbox.add(change.request_id, "/setPromotions", what)
        return json_response(await self._done(change.user_ids, self._changed, change))

    async def use(self, request: Request) -> Response:
        """Use one promotion, once."""
        asked = await self._redemption.read(request)
        what = f"{asked.user_id} {asked.promotion_id}"
        await self._outbox.add(asked.request_id, "/promotions/use", what)
        use = await self._done(
            [asked.user_id],
            self._store.use,
            asked.user_id,
            asked.promotion_id,
            asked.request_id,
            datetime.now(UTC),
        )
        if use.outcome == "already_used":
            raise Problem(409, f"Shopper {asked.user_id} has used promotion {asked.promotion_id} before.")
        if use.promotion is None:
            raise Problem(404, f"Shopper {asked.user_id} has no promotion {asked.promotion_id}.")
        return json_response(given(use.promotion))

    def operations(self) -> list[Operation]:
        """What the service offers."""
        return [
            *(
                Operation(
                    "POST",
                    path,
                    self.get_promotions,
                    "The unused promotions of these shoppers, by shopper and then by id.",
                    {200: "All of them, or a page."},
                    list[Given],
                    Asked,
                    _ASK,
                    parameters=paging.PARAMETERS,
                    right="read",
                    headers={"Link": "The next page, when there is one: POST the same body there."},
                )
                for path in ("/getPromotions", "/GetPromotions")
            ),
            Operation(
                "POST",
                "/setPromotions",
                self.set_promotions,
                "Give promotions to shoppers, or take unused ones back. The same request again, with no other change "
                "of these promotions in between, changes nothing.",
                {200: "What it came to."},
                Changed,
                Change,
                _CHANGE,
                right="write",
            ),
            Operation(
                "POST",
                "/promotions/use",
                self.use,
                "Use one promotion of a shopper. Of two requests one wins; the same request again has won already.",
                {200: "The promotion, which is used now."},
                Given,
                Redemption,
                _USE,
                problems=(404, 409),
                right="use",
            ),
        ]

    async def _done(
        self, user_ids: Sequence[int], work: "Callable[[*_Arguments], _Result]", *arguments: *_Arguments
    ) -> _Result:
        """What a change of these shoppers came to; even one that failed may be in the store."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._memory.forget(user_ids)

    def _changed(self, change: Change) -> Changed:
        user_ids, promotion_ids = set(change.user_ids), set(change.promotion_ids)
        if change.action == "withdraw":
            changed = self._store.withdraw(user_ids, promotion_ids)
        else:
            at = datetime.now(UTC)
            changed = self._store.add(
                Promotion(
                    _id(change.request_id, user, promotion), change.request_id, user, promotion, False, at
                )
                for user in sorted(user_ids)
                for promotion in sorted(promotion_ids)
            )
        return Changed(change.action, len(user_ids) * len(promotion_ids), changed)


def _listed(user_ids: list[int]) -> str:
    return ",".join(map(str, user_ids))


def _id(request_id: str, user_id: int, promotion_id: str) -> str:
    """Of what was asked only, so that a retry adds the same document."""
    asked = msgspec.json.encode((request_id, user_id, promotion_id))
    return f"set-{hashlib.sha256(asked).hexdigest()[:32]}"
