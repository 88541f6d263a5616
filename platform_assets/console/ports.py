"""The plain ports of a deployment, for commands that are no Dagster run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagster as dg

from resources.deployments import Deployment, resources_for
from resources.lister import Lister
from resources.listing_api import ListingApi
from resources.message_log import MessageLog
from resources.object_store import ObjectStore
from resources.promotion_store import PromotionStore
from resources.request_log import RequestLog
from resources.unavailable import Unavailable
from resources.warehouse import Warehouse

_OF_A_RUN = ("warehouse", "object_store", "promotion_store", "lister")


@dataclass(frozen=True)
class Ports:
    """The ports that commands use, of the adapters that the deployment chooses; those not asked for are absent."""

    warehouse: Warehouse
    object_store: ObjectStore
    message_log: MessageLog
    promotion_store: PromotionStore
    request_log: RequestLog
    lister: Lister
    listing_api: ListingApi


@contextmanager
def opened(deployment: Deployment, *names: str) -> Iterator[Ports]:
    """The named ports, closed afterwards. Raises Unavailable for one that cannot be opened."""
    chosen = {name: resource for name, resource in resources_for(deployment).items() if name in names}
    try:
        with dg.build_resources(chosen) as resources:
            found: dict[str, Any] = {name: getattr(resources, name, None) for name in Ports.__annotations__}
            yield Ports(**found)
    except dg.DagsterError as error:
        if isinstance(error.__cause__, Unavailable):
            raise error.__cause__ from None
        raise


def of_a_run(deployment: Deployment) -> tuple[str, ...]:
    """The ports of `make run`; where no API of listings is known, its absence is told by the run that would post."""
    is_api_known = deployment.is_local or "LISTING_API_URL" in deployment.settings
    return (*_OF_A_RUN, "listing_api") if is_api_known else _OF_A_RUN
