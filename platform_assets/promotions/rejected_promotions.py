"""One row per document of the promotion store that cannot be read as a promotion, as of the last look.

Quarantine: the maintenance of the store. What was inserted by hand, `"used": "false"` or a number as promotion id, is
put right in the store; what cannot be read stays there as it is, is served to nobody, and is listed here with why.
"""

from collections import Counter

import dagster as dg

from platform_assets.freshness import hourly
from platform_assets.promotions.reading import REJECTED, take_rejected
from platform_assets.promotions.uses import promotion_store as source
from platform_assets.reports import Check, label, received
from platform_assets.tables import POOL, described
from resources.promotion_store import PromotionStore
from resources.warehouse import Warehouse

CHECKS = (
    Check(
        "every_document_is_a_promotion",
        "The store holds nothing that cannot be served.",
        "SELECT COUNT(*) AS n FROM promotions.rejected_promotions",
        blocking=False,
        names="SELECT DISTINCT reason AS x FROM promotions.rejected_promotions ORDER BY x",
    ),
)


@dg.asset(
    **described(REJECTED, {"python"}, "raw", doc=__doc__),
    deps=[source.key],
    freshness_policy=hourly,
    pool=POOL,
    check_specs=[check.spec(REJECTED) for check in CHECKS],
)
def rejected_promotions(
    context: dg.AssetExecutionContext,
    promotion_store: dg.ResourceParam[PromotionStore],
    warehouse: dg.ResourceParam[Warehouse],
) -> dg.MaterializeResult:
    """Put right, list, report."""
    done = take_rejected(promotion_store, warehouse, label(context))
    numbers = {
        "seen": done.seen,
        "corrected": done.corrected,
        "rejected_rows": len(done.unreadable),
        **Counter(found.reason for found in done.unreadable),
    }
    with warehouse.session(label(context)) as session:
        return received(session, warehouse, REJECTED, numbers, CHECKS)
