"""The campaign of the sample world: launched once, after which its shoppers buy and redeem as the world says.

How a campaign is launched and measured is in `promotions`; what shoppers do is in the samples.
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from platform_assets.console.ports import Ports
from platform_assets.promotions.campaign import campaign_from
from platform_assets.promotions.launch_campaign import TAG

if TYPE_CHECKING:
    from samples.sales import Campaign

GIVEN: Final[Mapping[str, Any]] = {
    "campaign_id": "autumn-2026",
    "promotion_id": "P100",
    "audience": ["champions", "loyal", "promising", "new", "needs_attention", "at_risk"],
    "budget_eur": 5000.0,
    "cost_eur": 4.0,
    "holdout_share": 0.3,
    "starts_at": "2026-10-03T00:00:00+00:00",
    "ends_at": "2026-10-31T00:00:00+00:00",
}
"""Its last days are those of the sample's sales, so that it has ended."""

CONFIG: Final[Mapping[str, Any]] = {"ops": {"launch": {"config": dict(GIVEN)}}}
TAGS: Final = {TAG: str(GIVEN["campaign_id"])}
# It has times of its own, so that of the launch is no matter.
_LAUNCHED = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
_ARMS = (
    "SELECT user_id, is_holdout FROM promotions.assignments WHERE campaign_id = :campaign_id ORDER BY user_id"
)


def is_due(home: Path, ports: Ports) -> bool:
    """Whether a sample world lies in `home` and in the store, whose campaign has not been followed to its end."""
    from samples import sales, world

    if not world.is_written(home) or not ports.object_store.list(sales.PREFIX, limit=1):
        return False
    return ports.object_store.head(sales.campaign_key(str(GIVEN["campaign_id"]))) is None


def follow(home: Path, ports: Ports) -> None:
    """What follows the launch: shoppers redeem, and their sales arrive; those last, for they say that all is done."""
    from samples import sales, world

    made = world.read(home)
    campaign = _campaign(ports)
    aftermath = sales.after_campaign(made.config.seed, made.shoppers, campaign)
    for redemption in aftermath.redemptions:
        request = f"sample-{redemption.user_id}"
        ports.promotion_store.use(redemption.user_id, campaign.promotion_id, request, redemption.at)
    ports.object_store.put(aftermath.file.key, aftermath.file.content)


def _campaign(ports: Ports) -> "Campaign":
    from samples.sales import Campaign

    inputs = campaign_from(GIVEN)
    with ports.warehouse.session("sample campaign") as session:
        arms = session.rows(_ARMS, campaign_id=inputs.campaign_id)
    users: dict[bool, list[int]] = {True: [], False: []}
    for row in arms:
        users[bool(row["is_holdout"])].append(int(str(row["user_id"])))
    times = inputs.time_from(_LAUNCHED)
    return Campaign(inputs.campaign_id, inputs.promotion_id, users[False], users[True], *times)
