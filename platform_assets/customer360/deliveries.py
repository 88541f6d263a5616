"""One row per case or offer that leaves for the bank's own systems, once each.

Ledger: what was sent cannot be unsent by a rebuild. New open cases and offers are queued in one transaction, then sent
to the webhook of DELIVERY_URL or written as objects under `deliveries/`; what is sent is not kept here.
"""

import dagster as dg
from pydantic import Field

from platform_assets.customer360.outbox import TABLE, Outbox
from platform_assets.reports import Check, label, received
from platform_assets.tables import POOL, asset_key, described
from resources.outlet import Outlet
from resources.warehouse import Warehouse

CHECKS = (
    Check(
        "nothing_waits",
        "Every case and offer of this run has left: none waits because the receiver is away.",
        "SELECT COUNT(*) AS n FROM customer360.deliveries WHERE state = 'pending'",
        blocking=False,
        names="SELECT DISTINCT COALESCE(last_error, 'not tried yet') AS x FROM customer360.deliveries"
        " WHERE state = 'pending' ORDER BY x",
    ),
    Check(
        "nothing_was_refused",
        "The receiver has refused no case and no offer.",
        "SELECT COUNT(*) AS n FROM customer360.deliveries WHERE state = 'refused'",
        blocking=False,
        names="SELECT delivery_id || ': ' || last_error AS x FROM customer360.deliveries"
        " WHERE state = 'refused' ORDER BY x",
    ),
)


class Sending(dg.Config):
    """What is sent besides what is new and what waits."""

    again_refused: bool = Field(
        default=False, description="Send again what the receiver refused, once its cause is mended."
    )


@dg.asset(
    **described(TABLE, {"python"}, "out", doc=__doc__),
    deps=[asset_key(table) for table in ("customer360.support_cases", "customer360.offers", "crm.customers")],
    pool=POOL,
    check_specs=[check.spec(TABLE) for check in CHECKS],
)
def deliveries(
    context: dg.AssetExecutionContext,
    config: Sending,
    warehouse: dg.ResourceParam[Warehouse],
    outlet: dg.ResourceParam[Outlet],
) -> dg.MaterializeResult:
    """Queue, send, settle."""

    def has_ended(run_id: str) -> bool:
        run = context.instance.get_run_by_id(run_id)
        return run is not None and run.is_finished

    outbox = Outbox(warehouse, context.run.run_id, label(context))
    done = outbox.drain(outlet, has_ended, again_refused=config.again_refused)
    if done.held_by:
        context.log.info("Run %s is sending; what is new leaves with the next run.", done.held_by)
    with warehouse.session(label(context)) as session:
        numbers = {
            "queued": done.queued,
            "delivered": done.delivered,
            "refused": done.refused,
            "withdrawn": done.withdrawn,
            "failed": done.failed,
            "to": outlet.uri(),
        }
        return received(session, warehouse, TABLE, numbers, CHECKS)
