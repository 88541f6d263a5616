"""One row per tweet with an exact point within 50 m of a dwelling address, by quadrant of the point.

Derived from `tweets.tweets` and `geo.addresses`; new addresses locate old tweets again. In production each quadrant is
one run and one pod, locally they are a range in one run.
"""

import dagster as dg
from pydantic import Field

from platform_assets.partitions import quadrants
from platform_assets.reports import built, column_lineage, label
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Built, Warehouse

LOCATED_TWEETS = Model.beside(__file__)


class Locating(dg.Config):
    """How tweets are located."""

    again: bool = Field(
        default=False, description="Locate them anew even though no tweet and no address has changed."
    )


@dg.asset(
    **described(LOCATED_TWEETS.table, {"sql"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in LOCATED_TWEETS.inputs],
    code_version=LOCATED_TWEETS.digest,
    partitions_def=quadrants,
    pool=POOL,
)
def located_tweets(
    context: dg.AssetExecutionContext, config: Locating, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """Locate the tweets of each quadrant of the run."""
    with warehouse.session(label(context)) as session:
        parts = {
            quadrant: session.build(
                LOCATED_TWEETS, ("quadrant", quadrant), {"quadrant": quadrant}, again=config.again
            )
            for quadrant in context.partition_keys
        }
        made = Built(
            rows=sum(part.rows for part in parts.values()),
            version=session.version(LOCATED_TWEETS.table),
            was_written=any(part.was_written for part in parts.values()),
            added=sum(part.added for part in parts.values()),
        )
        numbers = {quadrant: part.rows for quadrant, part in parts.items()}
        lineage = column_lineage(LOCATED_TWEETS)
        return built(session, warehouse, LOCATED_TWEETS.table, made, numbers, lineage=lineage)
