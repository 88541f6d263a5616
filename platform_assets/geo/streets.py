"""One row per distinct street text of address files and CRM, in the USPS form under which addresses are compared.

Derived: a pure function of each text, so only texts not seen before are read.
It reads `crm.customers`, while `crm.customer_homes` reads `geo`: an address of the CRM is found among those of the
files only if one grammar has read both. So the groups depend on each other, but no table depends on itself.
"""

import dagster as dg

from platform_assets.geo import postal
from platform_assets.reports import built, label
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model
from resources.warehouse import Warehouse

TEXTS = Model(
    "geo.streets",
    """
SELECT street AS street_text FROM geo.raw_addresses
UNION
SELECT street_text FROM crm.customers WHERE street_text IS NOT NULL
""",
)


@dg.asset(
    **described(TEXTS.table, {"python"}, "core", doc=__doc__),
    deps=[asset_key(table) for table in TEXTS.inputs],
    code_version=postal.VERSION,
    pool=POOL,
)
def streets(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
) -> dg.MaterializeResult:
    """Read the new texts, find their USPS form, keep it."""
    with warehouse.session(label(context)) as session:
        made = session.fill(
            TEXTS.table,
            "street_text",
            TEXTS,
            postal.VERSION,
            lambda fresh: postal.usps_table(fresh.column("street_text").to_pylist()),
        )
        return built(session, warehouse, TEXTS.table, made)
