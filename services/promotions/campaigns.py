"""Campaigns by their id: reserved first, then launched, and found again when something ended between the two.

What a campaign is given is checked in `platform_assets.promotions.campaign`; HTTP is in `campaigns_api`.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple, TypeVar, TypeVarTuple

from platform_assets.promotions.campaign import CampaignInputs, campaign_from
from resources.promotion_store import PromotionStore, Reservation
from resources.unavailable import Unavailable
from services.asgi.serving import pause
from services.promotions.dagster_api import DagsterApi, Run

State = Literal["being prepared", "running", "launched", "failed", "unknown"]
_RUNNING: Final = frozenset({"STARTED", "SUSPENDED", "CANCELING"})
_FAILED: Final = frozenset({"FAILURE", "CANCELED"})
_GRACE: Final = timedelta(seconds=30)
"""Whoever has reserved an id is given so long to launch it."""
_EACH_S: Final = 15.0
_SHOWN: Final = "%Y-%m-%d %H:%M"
_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")
_log = logging.getLogger(__name__)


class Known(NamedTuple):
    """A campaign as it stands: the reservation, its state, and a sentence for a campaign person."""

    reservation: Reservation
    state: State
    said: str


class Campaigns:
    """The campaigns of one store and one Dagster."""

    def __init__(self, store: PromotionStore, dagster: DagsterApi, threads: Executor) -> None:
        """The store is asked in `threads`."""
        self._store = store
        self._dagster = dagster
        self._threads = threads
        # Two requests of this process never launch the same campaign at once.
        self._turn = asyncio.Lock()

    async def held(self, campaign_id: str) -> Reservation | None:
        """The reservation of an id. A run that launched it before runs reserved ids is as good as one."""
        held = await self._stored(self._store.reservation, campaign_id)
        if held is not None:
            return held
        runs: list[Run] = []
        with suppress(Unavailable):
            runs = await self._dagster.runs(campaign_id)
        inputs = next((_inputs(run) for run in runs if run.status == "SUCCESS"), "")
        if not inputs:
            return None
        return await self._stored(self._store.reserve, campaign_id, inputs, datetime.now(UTC))

    async def gives_way(self, held: Reservation) -> bool:
        """Whether a reservation came to nothing, so that other inputs may have its id.

        Where the ledger knows better, their run says so and puts it back.
        """
        try:
            runs = await self._runs(held)
        except Unavailable:
            return False
        has_failed = bool(runs) and runs[0].status in _FAILED
        return has_failed and not await self._stored(self._store.count, held.campaign_id)

    async def reserved(self, inputs: CampaignInputs, instead_of: Reservation | None) -> Reservation:
        """Take an id, or find what it was taken with meanwhile; `instead_of` is what gives way."""
        before = instead_of and instead_of.inputs
        now = datetime.now(UTC)
        return await self._stored(self._store.reserve, inputs.campaign_id, inputs.canonical(), now, before)

    async def launched(self, held: Reservation, *, again: bool = False) -> Known:
        """See to it that a reserved campaign has a run; with `again`, another one when the last has failed."""
        try:
            async with self._turn:
                runs = await self._runs(held)
                if not runs or (again and runs[0].status in _FAILED):
                    run_id = await self._dagster.launch(held.campaign_id, json.loads(held.inputs))
                    runs = [Run(run_id, "QUEUED", {}), *runs]
                if held.run_id != runs[0].run_id:
                    await self._stored(self._store.launched, held.campaign_id, runs[0].run_id)
                    held = held._replace(state="launched", run_id=runs[0].run_id)
            return await self._known(held, runs[0])
        except Unavailable as error:
            _log.warning("dagster unavailable", extra={"fields": {"error": str(error)}})
            if held.state == "reserved":
                said = "The campaign is noted; it is launched as soon as Dagster can be asked."
                return Known(held, "being prepared", said)
            return Known(held, "unknown", "The campaign was launched; Dagster cannot be asked how it stands.")

    async def known(self, campaign_id: str) -> Known | None:
        """A campaign as it stands, None when nobody has asked for it. One without a run is given one."""
        held = await self.held(campaign_id)
        return held and await self.launched(held)

    async def reconcile(self, stop: asyncio.Event) -> None:
        """Until told to stop, launch what was reserved and never launched."""
        while not stop.is_set():
            try:
                for held in await self._stored(self._store.reservations, "reserved"):
                    if datetime.now(UTC) - held.reserved_at > _GRACE and not stop.is_set():
                        await self.launched(held)
            except Exception as error:  # noqa: BLE001 - whatever Dagster answers, promotions are served, and the next round tries again
                _log.warning("campaigns not reconciled", extra={"fields": {"error": str(error)}})
            await pause(stop, _EACH_S)

    async def _runs(self, held: Reservation) -> list[Run]:
        """The runs that launch a campaign with the inputs of its reservation; others of its id were refused."""
        return [run for run in await self._dagster.runs(held.campaign_id) if _inputs(run) == held.inputs]

    async def _known(self, held: Reservation, run: Run) -> Known:
        if run.status == "SUCCESS":
            count = await self._stored(self._store.count, held.campaign_id)
            return Known(held, "launched", _launched(held, f"{count:,} shoppers", datetime.now(UTC)))
        if run.status in _FAILED:
            why = await self._dagster.failure(run.run_id)
            said = why or ("Somebody ended its run." if run.status == "CANCELED" else "Its run tells why.")
            return Known(held, "failed", f"Failed: {said} The same request again tries again.")
        if run.status in _RUNNING:
            return Known(held, "running", "It is being decided who gets the promotion.")
        return Known(held, "being prepared", "Its run is about to start.")

    async def _stored(self, work: "Callable[[*_Arguments], _Result]", *arguments: *_Arguments) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)


def _launched(held: Reservation, shoppers: str, now: datetime) -> str:
    """What these shoppers have of it now; times that nobody gave are reckoned from when it was reserved."""
    starts_at, ends_at = campaign_from(json.loads(held.inputs)).times_of(held.reserved_at)
    if now < starts_at:
        return f"Launched: {shoppers} have the promotion from {starts_at:{_SHOWN}} UTC on."
    if now < ends_at:
        return f"Launched: {shoppers} have the promotion until {ends_at:{_SHOWN}} UTC."
    return f"Launched, and over since {ends_at:{_SHOWN}} UTC: {shoppers} had the promotion."


def _inputs(run: Run) -> str:
    """The canonical text of what a run was given, empty when that is no campaign."""
    try:
        return campaign_from(run.given).canonical()
    except Unavailable:
        return ""
