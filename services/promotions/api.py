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

from resources.promotion_store import Promotion, PromotionStore, Use
from services.asgi import idempotency
from services.asgi.body import Body
from services.asgi.operation import Operation, json_response
from services.asgi.problem import Problem
from services.promotions import paging
from services.promotions.memory import Memory
from services.promotions.messages import KEY, Asked, Change, Changed, Given, Redemption, given
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
        """Unused promotions that are valid now, by shopper and then by id. The log is at work meanwhile."""
        asked = await self._asked.read(request)
        page = paging.paging(request)
        logged = self._logged(request, asked.request_id, "/getPromotions", _listed(asked.user_ids))
        answer = await self._questions.ask(Question(asked.user_ids, page.after, page.limit))
        await logged
        more = answer.more_after and paging.link(request, answer.more_after, page.limit)
        return Response(answer.body, 200, more, "application/json")

    async def set_promotions(self, request: Request) -> Response:
        """Give or take promotions."""
        change = await self._change.read(request)
        what = f"{_listed(change.user_ids)} {change.action} {','.join(change.promotion_ids)}"
        await self._logged(request, change.request_id, "/setPromotions", what)
        return json_response(await self._done(change.user_ids, self._changed, change))

    async def use(self, request: Request) -> Response:
        """Use one promotion, once."""
        asked = await self._redemption.read(request)
        what = f"{asked.user_id} {asked.promotion_id}"
        await self._logged(request, asked.request_id, "/promotions/use", what)
        use = await self._done(
            [asked.user_id],
            self._store.use,
            asked.user_id,
            asked.promotion_id,
            asked.request_id,
            datetime.now(UTC),
        )
        return json_response(given(_used(asked, use)))

    def operations(self) -> list[Operation]:
        """What the service offers."""
        return [
            *(
                Operation(
                    "POST",
                    path,
                    self.get_promotions,
                    "The unused promotions of these shoppers that are valid now, by shopper and then by id.",
                    {200: "All of them, or a page."},
                    list[Given],
                    Asked,
                    _ASK,
                    parameters=(*paging.PARAMETERS, KEY),
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
                parameters=(KEY,),
                right="write",
            ),
            Operation(
                "POST",
                "/promotions/use",
                self.use,
                "Use one promotion of a shopper, in its time. Of two requests one wins; the same request again has won "
                "already.",
                {200: "The promotion, which is used now."},
                Given,
                Redemption,
                _USE,
                problems=(404, 409),
                parameters=(KEY,),
                right="use",
            ),
        ]

    def _logged(self, request: Request, request_id: str, api: str, value: str) -> "asyncio.Future[None]":
        """In the outbox. Another request with a key that was used is another entry: what is answered is in the log."""
        return self._outbox.add(request_id, api, value, idempotency.digest(request, api, request_id, value))

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


def _used(asked: Redemption, use: Use) -> Promotion:
    """The promotion that was used; raises Problem 404 or 409 when none was."""
    shopper, promotion = f"Shopper {asked.user_id}", f"promotion {asked.promotion_id}"
    if use.promotion is None:
        raise Problem(404, f"{shopper} has no {promotion}.")
    if use.outcome == "already_used":
        raise Problem(409, f"{shopper} has used {promotion} before.")
    if use.outcome == "not_started":
        raise Problem(409, f"{shopper} can use {promotion} from {_told(use.promotion.starts_at)} on.")
    if use.outcome == "ended":
        raise Problem(
            409, f"{shopper} could use {promotion} until {_told(use.promotion.ends_at)}; it is over."
        )
    return use.promotion


def _told(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _listed(user_ids: list[int]) -> str:
    return ",".join(map(str, user_ids))


def _id(request_id: str, user_id: int, promotion_id: str) -> str:
    """Of what was asked only, so that a retry adds the same document."""
    asked = msgspec.json.encode((request_id, user_id, promotion_id))
    return f"set-{hashlib.sha256(asked).hexdigest()[:32]}"
