"""One row per dwelling address of every address file, duplicates merged, with its quadrant.

Derived from `geo.raw_addresses` and `geo.streets`; rebuilt when a file or a street changes.
"""

import dagster as dg

from platform_assets.geo import quadrants
from platform_assets.reports import Check, build
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

ADDRESSES = Model.beside(__file__)

CHECKS = (
    Check(
        "address_id_is_unique",
        "No two dwellings share an id.",
        "SELECT COUNT(*) - COUNT(DISTINCT address_id) AS n FROM geo.addresses",
    ),
    Check(
        "raw_rows_are_all_merged",
        "Every raw row is in exactly one address.",
        "SELECT (SELECT COUNT(*) FROM geo.raw_addresses) - (SELECT COALESCE(SUM(sources), 0) FROM geo.addresses) AS n",
    ),
)


@dg.asset(
    **described(ADDRESSES.table, {"sql"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in ADDRESSES.inputs],
    code_version=ADDRESSES.digest,
    pool=POOL,
    check_specs=[check.spec(ADDRESSES.table) for check in CHECKS],
)
def addresses(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """One row per dwelling address of every address file, duplicates merged, with its quadrant."""
    return build(context, warehouse, ADDRESSES, checks=CHECKS, values=quadrants.PARAMETERS)
