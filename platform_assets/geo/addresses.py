"""One row per dwelling address of every address file, duplicates merged, with its quadrant.

Derived from `geo.raw_addresses` and `geo.streets`; rebuilt when a file or a street changes.
"""

from platform_assets.geo import quadrants
from platform_assets.reports import Check
from platform_assets.sql_assets import sql_asset
from resources.sql import Model

ADDRESSES = Model.beside(__file__)
CHECKS = (
    Check(
        "address_id_is_unique",
        "No two dwellings share an id.",
        "SELECT COUNT(*) - COUNT(DISTINCT address_id) AS n FROM geo.addresses",
    ),
    Check(
        "raw_rows_are_all_merged",
        # A file that lands between the two steps brings streets that are not read yet: the refresh that follows its
        # load merges the rest.
        "Every raw row whose street has been read is in exactly one address.",
        "SELECT (SELECT COUNT(*) FROM geo.raw_addresses AS r JOIN geo.streets AS s ON s.street_text = r.street)"
        " - (SELECT COALESCE(SUM(sources), 0) FROM geo.addresses) AS n",
    ),
)

addresses = sql_asset(ADDRESSES, __doc__, layer="core", checks=CHECKS, values=quadrants.PARAMETERS)
