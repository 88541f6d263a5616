"""One row per distinct street text of address files and CRM, in the USPS form under which addresses are compared.

Derived: a pure function of each text, so only texts not seen before are read.
It reads `crm.customers`, while `crm.customer_homes` reads `geo`: an address of the CRM is found among those of the
files only if one grammar has read both. So the groups depend on each other, but no table depends on itself.
"""

from typing import TYPE_CHECKING

from platform_assets.geo import postal
from platform_assets.sql_assets import filled_asset
from resources.sql import Model

if TYPE_CHECKING:
    import pyarrow as pa

TEXTS = Model(
    "geo.streets",
    """
SELECT street AS street_text FROM geo.raw_addresses
UNION
SELECT street_text FROM crm.customers WHERE street_text IS NOT NULL
""",
)


def _usps(fresh: "pa.Table") -> "pa.Table":
    return postal.usps_table(fresh.column("street_text").to_pylist())


streets = filled_asset(TEXTS, "street_text", _usps, postal.VERSION, __doc__)
