"""The job `launch_campaign`: its form in the launchpad, and what it reports as the campaign's partition.

What a launch is, is in `launch`; what may be asked for, in `campaign`. A refresh then measures it.
"""

import datetime as dt
from functools import partial

import dagster as dg
from pydantic import Field

from platform_assets.partitions import campaigns
from platform_assets.promotions.assignments import CHECKS, refuse_what_is_wrong, told
from platform_assets.promotions.campaign import campaign_from
from platform_assets.promotions.launch import TABLES, decided, send
from platform_assets.promotions.reserving import take
from platform_assets.tables import POOL, asset_key
from resources.promotion_store import PromotionStore
from resources.warehouse import Warehouse

TAG = "quadrant/campaign"
"""Tag of a run that launches a campaign: its id."""

EXAMPLE = {
    "campaign_id": "win-back-1",
    "promotion_id": "P100",
    "audience": ["at_risk", "needs_attention"],
    "budget_eur": 2000.0,
    "cost_eur": 2.0,
    "holdout_share": 0.2,
}
"""What the launchpad's form shows at first."""


class LaunchCampaign(dg.Config):
    """Who gets which promotion, for how much, and who is held out to compare with."""

    campaign_id: str = Field(
        description="Name of the campaign: 3 to 40 small letters, digits and hyphens. Launched twice, it is one."
    )
    promotion_id: str = Field(description="Promotion that it gives, as the tills know it.")
    audience: list[str] = Field(
        description="Segments that it is for: champions, loyal, promising, new, needs_attention, at_risk, lost."
    )
    budget_eur: float = Field(description="Most that it may cost if everybody uses the promotion, EUR.")
    cost_eur: float = Field(
        description="Cost of one use, EUR; budget / cost is how many shoppers get it at most."
    )
    holdout_share: float = Field(
        default=0.1,
        description="Share of the audience that gets nothing, 0 to 0.5, drawn by chance. Without one, nobody can tell "
        "afterwards what the campaign changed.",
    )
    max_users: int | None = Field(
        default=None, description="Most shoppers that get it; empty for no other cap."
    )
    max_active: int | None = Field(
        default=None,
        description="Leave out who has so many promotions of other campaigns of the same time; empty for all.",
    )
    starts_at: str = Field(
        default="",
        description="First moment at which it is shown, used and measured, ISO 8601, UTC unless it says; empty is the "
        "launch.",
    )
    ends_at: str = Field(
        default="",
        description="From then on it is over: not shown, used or measured; empty is four weeks after the start.",
    )


@dg.op(pool=POOL, out=dg.Out(dg.Nothing))
def launch(
    context: dg.OpExecutionContext,
    config: LaunchCampaign,
    promotion_store: dg.ResourceParam[PromotionStore],
    warehouse: dg.ResourceParam[Warehouse],
) -> None:
    """Take the id, decide, check, send, report; run again after a kill, it does what is left."""
    label = f"launch {context.run_id}"
    now = dt.datetime.now(dt.UTC)
    inputs = campaign_from(config.model_dump())
    # A run from the form has no tag; its failure too belongs to the campaign.
    context.instance.add_run_tags(context.run_id, {TAG: inputs.campaign_id})
    has_failed = partial(_has_failed, context.instance)
    take(inputs, context.run_id, promotion_store, warehouse, now, has_failed, label)
    known = decided(inputs, warehouse, now, label)
    context.instance.add_dynamic_partitions(str(campaigns.name), [inputs.campaign_id])
    refuse_what_is_wrong(warehouse, label)
    sent = send(known, promotion_store, warehouse, label)
    context.log.info(
        "%d shoppers get %s, %d are held out, %d promotions were new to the store",
        known.assigned_users,
        inputs.promotion_id,
        known.holdout_users,
        sent,
    )
    for result in told(known, sent, promotion_store, warehouse, label):
        _report(context, result, inputs.campaign_id)


def _has_failed(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id) if run_id else None
    return run is not None and run.status in (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)


def _report(context: dg.OpExecutionContext, result: dg.MaterializeResult, partition: str) -> None:
    """As the asset itself would: the materialization of its partition, and its checks."""
    version = {"dagster/data_version": result.data_version.value} if result.data_version else {}
    context.log_event(
        dg.AssetMaterialization(
            result.asset_key or "", metadata=result.metadata, partition=partition, tags=version
        )
    )
    for check, found in zip(CHECKS, result.check_results or (), strict=False):
        evaluation = dg.AssetCheckEvaluation(
            asset_key(TABLES[0]),
            check.name,
            found.passed,
            found.metadata,
            severity=found.severity,
            blocking=check.blocking,
        )
        # Taken since checks exist, but its annotation does not say so.
        context.log_event(evaluation)  # type: ignore[arg-type]


@dg.job(
    description="Launch a campaign: who gets which promotion, and who is held out to measure it. Fill the form in; a "
    "second launch of the same campaign changes nothing. A refresh then tells its effect.",
    config={"ops": {"launch": {"config": EXAMPLE}}},
    executor_def=dg.in_process_executor,
    tags={"quadrant/job": "launch_campaign", "dagster/max_runtime": "7200"},
)
def launch_campaign() -> None:
    """Decides and sends."""
    launch()
