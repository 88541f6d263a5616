"""One row per unit text of address files and the CRM, in the one form under which dwellings are compared.

Derived from `geo.raw_addresses` and `crm.customers`: `# 233` is 233, `APT 4-B` is 4B. Refreshed when either has news.
"""

from typing import TYPE_CHECKING

from platform_assets.geo import postal
from platform_assets.sql_assets import filled_asset
from resources.sql import Model

if TYPE_CHECKING:
    import pyarrow as pa

TEXTS = Model(
    "geo.units",
    """
SELECT unit AS unit_text FROM geo.raw_addresses WHERE unit IS NOT NULL
UNION
SELECT unit AS unit_text FROM crm.customers WHERE unit IS NOT NULL
""",
)


def _comparable(fresh: "pa.Table") -> "pa.Table":
    return postal.units_table(fresh.column("unit_text").to_pylist())


units = filled_asset(TEXTS, "unit_text", _comparable, postal.VERSION, __doc__)
