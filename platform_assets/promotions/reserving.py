"""The id of a campaign, taken in the store before anything is decided: by it all ways to launch know of each other.

What was decided is in the ledger, and a reservation that says otherwise is put right; the launch itself is in `launch`.
"""

import datetime as dt
from collections.abc import Callable

from platform_assets.promotions.campaign import CampaignInputs, conflict
from platform_assets.promotions.launch import campaign
from resources.promotion_store.port import PromotionStore
from resources.unavailable import Unavailable
from resources.warehouse import Warehouse


def take(
    inputs: CampaignInputs,
    run_id: str,
    store: PromotionStore,
    warehouse: Warehouse,
    now: dt.datetime,
    has_failed: Callable[[str], bool],
    label: str = "",
) -> None:
    """Take the id for a run, unless it was taken with these inputs before; `has_failed` tells it of another run.

    Other inputs give way when their run failed and the ledger has no campaign of the id. Raises Unavailable when they
    do not, and when the campaign would end before it starts; then the id is left as it was.
    """
    with warehouse.session(label) as session:
        known = campaign(session, inputs.campaign_id)
    if known is None:
        inputs.time_from(now)
    true = known.inputs if known else inputs.canonical()
    held = store.reserve(inputs.campaign_id, true, now)
    if held.inputs != true and (known or has_failed(held.run_id)):
        held = store.reserve(inputs.campaign_id, true, now, instead_of=held.inputs)
    if other := conflict(held.inputs, inputs):
        raise Unavailable(other.said)
    store.launched(inputs.campaign_id, run_id)
