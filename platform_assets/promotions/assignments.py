"""One row per campaign and shopper who takes part: who gets the promotion, and who is held out for comparison.

Ledger: what was given cannot be decided anew from segments that have moved on. Filled by the job `launch_campaign`;
materializing the partition of a launched campaign writes to the promotion store what a crash has left out there.
"""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from platform_assets.partitions import campaigns
from platform_assets.promotions.launch import TABLES, Campaign, campaign, send
from platform_assets.reports import Check, label, received
from platform_assets.tables import POOL, asset_key, python_specs
from resources.promotion_store import PromotionStore
from resources.unavailable import Unavailable
from resources.warehouse import Warehouse

# These stand before the store: what breaks one of them is not sent.
CHECKS = (
    Check(
        "one_arm_each",
        "Nobody is in a campaign twice, so nobody both gets its promotion and is held out.",
        "SELECT COUNT(*) AS n FROM (SELECT campaign_id, user_id FROM promotions.assignments"
        " GROUP BY campaign_id, user_id HAVING COUNT(*) > 1) AS t",
    ),
    Check(
        "within_budget_and_caps",
        "Every campaign is paid by its budget even if everybody uses it, and keeps its cap of shoppers.",
        "SELECT COUNT(*) AS n FROM (SELECT campaign_id, COUNT(*) AS users FROM promotions.assignments"
        " WHERE NOT is_holdout GROUP BY campaign_id) AS g JOIN promotions.campaigns AS c"
        " ON c.campaign_id = g.campaign_id WHERE ROUND(g.users * c.cost_eur, 2) > ROUND(c.budget_eur, 2)"
        " OR g.users > c.max_users",
    ),
    Check(
        "the_ledgers_agree",
        "Each campaign has as many assignments as were decided.",
        "SELECT COUNT(*) AS n FROM promotions.campaigns AS c LEFT JOIN (SELECT campaign_id,"
        " COUNT_IF(is_holdout) AS held, COUNT(*) AS users FROM promotions.assignments GROUP BY campaign_id) AS g"
        " ON g.campaign_id = c.campaign_id WHERE c.holdout_users <> COALESCE(g.held, 0)"
        " OR c.assigned_users <> COALESCE(g.users, 0) - COALESCE(g.held, 0)",
    ),
)


class Sending(dg.Config):
    """What is written to the store."""

    again: bool = Field(
        default=False,
        description="Write every promotion of the campaign that the store has not, even though it had them once: "
        "after the store lost data. What was withdrawn comes back too.",
    )


@dg.multi_asset(
    name="promotions__assignments",
    specs=python_specs(TABLES, "ledger", __doc__, [asset_key("promotions.segments")]),
    check_specs=[check.spec(TABLES[0]) for check in CHECKS],
    partitions_def=campaigns,
    pool=POOL,
)
def assignments(
    context: dg.AssetExecutionContext,
    config: Sending,
    promotion_store: dg.ResourceParam[PromotionStore],
    warehouse: dg.ResourceParam[Warehouse],
) -> Iterator[dg.MaterializeResult]:
    """Send what is missing of each campaign of the run, then report both tables."""
    for campaign_id in context.partition_keys:
        with warehouse.session(label(context)) as session:
            known = campaign(session, campaign_id)
        if known is None:
            raise Unavailable(
                f"Campaign {campaign_id} was not launched; launch it by the job launch_campaign, whose form asks for "
                "promotion, audience and budget."
            )
        refuse_what_is_wrong(warehouse, label(context))
        sent = send(known, promotion_store, warehouse, label(context), again=config.again)
        yield from told(known, sent, promotion_store, warehouse, label(context))


def refuse_what_is_wrong(warehouse: Warehouse, label: str) -> None:
    """Raise Unavailable when the ledgers break a check: nothing is sent then."""
    with warehouse.session(label) as session:
        broken = [check for check in CHECKS if not check.result(session, TABLES[0]).passed]
    if broken:
        raise Unavailable(
            f"The check {broken[0].name} of promotions/assignments is broken, so nothing is sent to the store: "
            f"{broken[0].description} Look at the rows of promotions.assignments before anything is launched."
        )


def told(
    known: Campaign, sent: int, store: PromotionStore, warehouse: Warehouse, label: str
) -> Iterator[dg.MaterializeResult]:
    """The materializations of both tables after a campaign was sent; `sent` promotions were new to the store."""
    numbers = {
        "campaign": known.campaign_id,
        "audience_users": known.audience_users,
        "assigned_users": known.assigned_users,
        "holdout_users": known.holdout_users,
        "sent": sent,
        "rows_written": sent,
        "in_store": store.count(known.campaign_id),
        "store": store.uri(),
        "measured": f"{known.starts_at:%Y-%m-%d %H:%M} to {known.ends_at:%Y-%m-%d %H:%M} UTC",
    }
    with warehouse.session(label) as session:
        yield received(session, warehouse, TABLES[0], numbers, CHECKS)
        yield received(session, warehouse, TABLES[1], numbers)
