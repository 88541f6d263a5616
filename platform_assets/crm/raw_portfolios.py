"""CRM portfolios as extractions saw them: one row per version of a record or its deletion, one reject per unusable row.

Source: the system of record. Incremental with an overlap, deletions found by comparing keys; nightly by default.
"""

from platform_assets.crm.raw_tables import raw_table
from platform_assets.tables import source

crm_portfolios = source(
    "crm/crm_portfolios", "Table portfolios of the bank's system of record.", {"sql", "table"}
)

raw_portfolios = raw_table("portfolios", __doc__, crm_portfolios)
