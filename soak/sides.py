"""The two sides of a series: the one that is killed and the one that nobody disturbs, over the same sources.

Files, CRM and topic are shared, so that both see the same data; each has its own warehouse, listing API and Dagster
instance.
"""

import dataclasses
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from resources.crm_source import CrmSource
from resources.deployments import Deployment, resources_for
from resources.lister import Lister
from resources.listing_api import ListingApi
from resources.message_log import MessageLog
from resources.object_store import ObjectStore
from resources.outlet import Outlet
from resources.promotion_store import PromotionStore
from resources.warehouse import Warehouse
from servers.installation import SERVERS, Installation

_LOG = logging.getLogger(__name__)
_SETTINGS = Path(__file__).parents[1] / "dagster.yaml"


@dataclasses.dataclass(frozen=True)
class Opened:
    """The plain ports of one side."""

    warehouse: Warehouse
    object_store: ObjectStore
    message_log: MessageLog
    crm_source: CrmSource
    outlet: Outlet
    promotion_store: PromotionStore
    lister: Lister
    listing_api: ListingApi

    def resources(self) -> dict[str, Any]:
        """By the keys under which assets ask for them."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}


@dataclasses.dataclass(frozen=True)
class Side:
    """Where data come from, where they go, and where this side's Dagster instance lies."""

    sources: Deployment
    target: Deployment
    dagster_home: Path
    after_kill: Callable[[], None] | None = None
    """Of a warehouse that does not roll back what a dead client began; it bears one client at a time."""
    listing_api: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Settings of where listings are posted; without any, straight into the store of its home."""

    @contextmanager
    def opened(self) -> Iterator[Opened]:
        """The ports, closed afterwards."""
        # A store of its own in any deployment, a file of its home, for its documents are compared too.
        alone = dataclasses.replace(self.target, name="local", settings=self.listing_api)
        own = {
            "warehouse": resources_for(self.target)["warehouse"],
            "listing_api": resources_for(alone)["listing_api"],
        }
        resources = {**resources_for(self.sources), **own}
        with dg.build_resources(resources) as given:
            yield Opened(*(getattr(given, field.name) for field in dataclasses.fields(Opened)))

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The instance, as `make run` has it, in a folder of its own; made when absent."""
        written = self.dagster_home / "dagster.yaml"
        if not written.exists():
            self.dagster_home.mkdir(parents=True, exist_ok=True)
            text = _SETTINGS.read_text().replace(".quadrant/dagster", str(self.dagster_home))
            written.write_text(text)
        with dg.DagsterInstance.from_config(str(self.dagster_home)) as instance:
            yield instance


def both(
    deployment: Deployment, clean: str = "", after_kill: Callable[[], None] | None = None
) -> tuple[Side, Side]:
    """The side that is killed, which is the deployment itself, and the clean one beside it.

    `clean` names the clean side's Snowflake database; a local one is a file in the folder `clean` of the home.
    """
    home = deployment.home / "clean"
    settings = dict(deployment.settings)
    if "SNOWFLAKE_ACCOUNT" in settings:
        settings["SNOWFLAKE_DATABASE"] = clean
    beside = dataclasses.replace(deployment, home=home, settings=settings)
    return (
        Side(deployment, deployment, deployment.home / "dagster", after_kill),
        Side(deployment, beside, home / "dagster"),
    )


def restart_snowflake() -> None:
    """Start the stand-in of `make servers` again: fakesnow keeps a dead client's transaction as long as it runs."""
    installation = Installation.at()
    stand_in = [server for server in SERVERS if server.name == "snowflake"]
    installation.stop(stand_in, _LOG.debug)
    installation.start(stand_in, _LOG.debug)
