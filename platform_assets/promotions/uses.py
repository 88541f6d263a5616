"""One row per promotion that was used, with when and by which request where somebody noted it.

Raw: read from the promotion store at each refresh; each promotion is taken once, so reading it again adds nothing.
"""

import datetime as dt

import dagster as dg

from platform_assets.freshness import hourly
from platform_assets.promotions.reading import USES, take_uses
from platform_assets.reports import Check, label, received
from platform_assets.tables import POOL, asset_key, described, source
from resources.promotion_store import PromotionStore
from resources.warehouse import Warehouse

CHECKS = (
    Check(
        "each_use_once",
        "No promotion is used twice.",
        "SELECT COUNT(*) - COUNT(DISTINCT stored_id) AS n FROM promotions.uses",
    ),
    Check(
        "uses_of_campaigns_were_given",
        "Whatever was used of a campaign had been given by it, to that shopper.",
        "SELECT COUNT(*) AS n FROM promotions.uses AS u LEFT JOIN promotions.assignments AS a"
        " ON a.stored_id = u.stored_id AND a.user_id = u.user_id"
        " WHERE u.campaign_id IS NOT NULL AND a.stored_id IS NULL",
        blocking=False,
        names="SELECT DISTINCT u.campaign_id AS x FROM promotions.uses AS u LEFT JOIN promotions.assignments AS a"
        " ON a.stored_id = u.stored_id AND a.user_id = u.user_id"
        " WHERE u.campaign_id IS NOT NULL AND a.stored_id IS NULL ORDER BY x",
    ),
)

promotion_store = source(
    "promotions/promotion_store",
    "Promotions of shoppers as the service `promotions` serves them; `assignments` writes to it.",
    {"mongodb"},
)


@dg.asset(
    **described(USES, {"python"}, "raw", doc=__doc__),
    deps=[promotion_store.key, asset_key("promotions.assignments")],
    freshness_policy=hourly,
    pool=POOL,
    check_specs=[check.spec(USES) for check in CHECKS],
)
def uses(
    context: dg.AssetExecutionContext,
    promotion_store: dg.ResourceParam[PromotionStore],
    warehouse: dg.ResourceParam[Warehouse],
) -> dg.MaterializeResult:
    """Take the new ones, then report."""
    taken = take_uses(promotion_store, warehouse, dt.datetime.now(dt.UTC), label(context))
    with warehouse.session(label(context)) as session:
        numbers = {"read_rows": taken.read, "loaded_rows": taken.new, "from": promotion_store.uri()}
        return received(session, warehouse, USES, numbers, CHECKS)
