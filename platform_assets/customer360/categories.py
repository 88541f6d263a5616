"""One row per tweet with whose it is: customer, prospect, coarse, outside or unlocated, and why.

Derived from located tweets and the homes of customers; only an exact point matches a dwelling.
"""

from typing import Any

import dagster as dg

from platform_assets.pictures import as_markdown
from platform_assets.reports import Check, built, column_lineage, label
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Session, Warehouse

CATEGORIES = Model.beside(__file__)
CHECKS = (
    Check(
        "every_tweet_has_one_category",
        "Each tweet is in exactly one category.",
        "SELECT ABS((SELECT COUNT(*) FROM tweets.tweets) - (SELECT COUNT(*) FROM customer360.categories))"
        " + (SELECT COUNT(*) - COUNT(DISTINCT tweet_id) FROM customer360.categories) AS n",
    ),
)


@dg.asset(
    **described(CATEGORIES.table, {"sql"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in CATEGORIES.inputs],
    code_version=CATEGORIES.digest,
    pool=POOL,
    check_specs=[check.spec(CATEGORIES.table) for check in CHECKS],
)
def categories(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """Categorise every tweet; draw the map when something changed."""
    with warehouse.session(label(context)) as session:
        made = session.build(CATEGORIES)
        numbers = _numbers(session, is_drawn=made.was_written)
        lineage = column_lineage(CATEGORIES)
        return built(session, warehouse, CATEGORIES.table, made, numbers, CHECKS, lineage)


def _numbers(session: Session, *, is_drawn: bool) -> dict[str, Any]:
    rows = session.rows(
        "SELECT category, COUNT(*) AS n FROM customer360.categories GROUP BY category ORDER BY category"
    )
    counts = {str(row["category"]): int(str(row["n"])) for row in rows}
    if not is_drawn:
        return dict(counts)
    from platform_assets.customer360 import atlas

    picture = atlas.draw(session.fetch(DWELLINGS), session.fetch(MATCHES), counts)
    return {**counts, "map": dg.MetadataValue.md(as_markdown(picture, atlas.TITLE))}


# A sample is enough for the ground of a picture.
DWELLINGS = """
SELECT lon, lat
FROM geo.addresses
WHERE quadrant IS NOT NULL
QUALIFY ROW_NUMBER() OVER (ORDER BY address_id) <= 20000
"""

MATCHES = """
SELECT t.lon, t.lat, c.category
FROM customer360.categories AS c
JOIN tweets.tweets AS t ON t.tweet_id = c.tweet_id
WHERE t.quadrant IS NOT NULL
QUALIFY ROW_NUMBER() OVER (ORDER BY c.tweet_id) <= 20000
"""
