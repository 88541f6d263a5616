"""One row per unit text of address files and the CRM, in the one form under which dwellings are compared.

Derived from `geo.raw_addresses` and `crm.customers`: `# 233` is 233, `APT 4-B` is 4B. Refreshed when either has news.
"""

import dagster as dg

from platform_assets.geo import postal
from platform_assets.reports import built, label
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

TEXTS = Model(
    "geo.units",
    """
SELECT unit AS unit_text FROM geo.raw_addresses WHERE unit IS NOT NULL
UNION
SELECT unit AS unit_text FROM crm.customers WHERE unit IS NOT NULL
""",
)


@dg.asset(
    **described(TEXTS.table, {"python"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in TEXTS.inputs],
    code_version=postal.VERSION,
    pool=POOL,
)
def units(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]) -> dg.MaterializeResult:
    """Read the new texts, find their comparable form, keep it."""
    with warehouse.session(label(context)) as session:
        made = session.fill(
            TEXTS.table,
            "unit_text",
            TEXTS,
            postal.VERSION,
            lambda fresh: postal.units_table(fresh.column("unit_text").to_pylist()),
        )
        return built(session, warehouse, TEXTS.table, made)
