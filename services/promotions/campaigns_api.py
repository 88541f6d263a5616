"""The operations on campaigns: launch one, and ask how it stands.

What is launched and how is in `campaigns`; the fields are those of the form of the job `launch_campaign`.
"""

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from platform_assets.promotions.campaign import CampaignInputs, campaign_from, conflict
from resources.promotion_store import Reservation
from resources.unavailable import Unavailable
from services.asgi import idempotency
from services.asgi.body import Body
from services.asgi.operation import Operation, Parameter, json_response
from services.asgi.problem import Problem
from services.promotions.campaigns import Campaigns, Known, State
from services.promotions.messages import KEY
from services.promotions.outbox import Outbox

_PATTERN = "^[a-z0-9-]{3,40}$"
CampaignId = Annotated[str, Meta(pattern=_PATTERN)]
_Eur = Annotated[float, Meta(ge=0.01, le=1_000_000_000)]
_Cap = Annotated[int, Meta(ge=1, le=1_000_000_000)] | None
_Segment = Literal["champions", "loyal", "promising", "new", "needs_attention", "at_risk", "lost"]
_EXAMPLE = (
    '{"campaign_id": "win-back-1", "promotion_id": "P100", "audience": ["at_risk", "needs_attention"],'
    ' "budget_eur": 2000, "cost_eur": 2, "holdout_share": 0.2}'
)


_Time = (
    Annotated[str, Meta(description="ISO 8601, UTC unless it says otherwise", examples=["2026-12-01"])] | None
)


class CampaignRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A campaign to launch. Amounts are EUR; an empty time is left out.

    Its promotions are shown and can be used from `starts_at` on, by default the launch, and before `ends_at`, by
    default four weeks later.
    """

    campaign_id: CampaignId
    promotion_id: Annotated[str, Meta(pattern="^[A-Za-z0-9_.-]{1,40}$")]
    audience: Annotated[list[_Segment], Meta(min_length=1, max_length=100)]
    budget_eur: _Eur
    cost_eur: _Eur
    holdout_share: Annotated[float, Meta(ge=0, le=0.5)] = 0.1
    max_users: _Cap = None
    max_active: _Cap = None
    starts_at: _Time = None
    ends_at: _Time = None


class CampaignStatus(msgspec.Struct):
    """How a campaign stands. `inputs` is what it was launched with; `run_id` is empty until it has a run."""

    campaign_id: str
    state: State
    said: str
    run_id: str
    run_url: str
    status_url: str
    inputs: dict[str, Any]


class CampaignsApi:
    """Campaigns; each valid call is in the outbox before it is answered."""

    def __init__(self, campaigns: Campaigns, outbox: Outbox, dagster_url: str) -> None:
        """`dagster_url` is where people see runs."""
        self._campaigns = campaigns
        self._outbox = outbox
        self._dagster_url = dagster_url
        self._body = Body(CampaignRequest)

    async def launch(self, request: Request) -> Response:
        """Reserve the id, then launch; the same request again is the same campaign."""
        inputs = _inputs(await self._body.read(request))
        what = inputs.canonical()
        digest = idempotency.digest(request, "/campaigns", what)
        await self._outbox.add(request.scope["request_id"], "/campaigns", what, digest)
        held, is_new = await self._reserved(inputs)
        if other := conflict(held.inputs, inputs):
            raise Problem(409, other.said, other.field)
        known = await self._campaigns.launched(held, again=True)
        status = 202 if not known.reservation.run_id else 201 if is_new else 200
        return json_response(self._told(known, request), status, {"Location": _path(known)})

    async def status(self, request: Request) -> Response:
        """How a campaign stands."""
        campaign_id = request.path_params["campaign_id"]
        known = None
        if re.fullmatch(_PATTERN, campaign_id):
            await self._outbox.add(request.scope["request_id"], "/campaigns/{campaign_id}", campaign_id)
            known = await self._campaigns.known(campaign_id)
        if known is None:
            raise Problem(404, f"There is no campaign {campaign_id[:60]!r}.", "campaign_id")
        return json_response(self._told(known, request))

    def operations(self) -> list[Operation]:
        """What the service offers."""
        return [
            Operation(
                "POST",
                "/campaigns",
                self.launch,
                "Launch a campaign. The same request again is the same campaign, and tries again what has failed.",
                {
                    200: "It was launched before.",
                    201: "It is being launched.",
                    202: "It is noted, and will be launched when Dagster can be asked.",
                },
                CampaignStatus,
                CampaignRequest,
                _EXAMPLE,
                problems=(409,),
                parameters=(KEY,),
                right="campaigns",
                headers={"Location": "Where its state is told."},
            ),
            Operation(
                "GET",
                "/campaigns/{campaign_id}",
                self.status,
                "How a campaign stands, in words.",
                {200: "Its state."},
                CampaignStatus,
                parameters=(Parameter("campaign_id", "path", CampaignId, "Id of the campaign."),),
                problems=(404,),
                right="campaigns",
            ),
        ]

    async def _reserved(self, inputs: CampaignInputs) -> tuple[Reservation, bool]:
        """What has the id after all, and whether it is this campaign anew."""
        before = await self._campaigns.held(inputs.campaign_id)
        if before and (before.inputs == inputs.canonical() or not await self._campaigns.gives_way(before)):
            return before, False
        try:
            inputs.time_from(datetime.now(UTC))
        except Unavailable as error:
            raise _wrong(error) from None
        return await self._campaigns.reserved(inputs, before), True

    def _told(self, known: Known, request: Request) -> CampaignStatus:
        held = known.reservation
        return CampaignStatus(
            held.campaign_id,
            known.state,
            known.said,
            held.run_id,
            f"{self._dagster_url}/runs/{held.run_id}" if held.run_id else "",
            str(request.base_url).rstrip("/") + _path(known),
            json.loads(held.inputs),
        )


def _path(known: Known) -> str:
    return f"/campaigns/{known.reservation.campaign_id}"


def _inputs(given: CampaignRequest) -> CampaignInputs:
    try:
        return campaign_from(msgspec.structs.asdict(given))
    except Unavailable as error:
        raise _wrong(error) from None


def _wrong(error: Unavailable) -> Problem:
    """The sentence begins with the name of its field."""
    return Problem(400, str(error), str(error).partition(" ")[0])
