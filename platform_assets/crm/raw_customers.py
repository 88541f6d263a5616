"""CRM customers as extractions saw them: one row per version of a record or its deletion, one reject per unusable row.

Source: the system of record. Incremental with an overlap, deletions found by comparing keys; nightly by default.
"""

from platform_assets.crm.raw_tables import raw_table
from platform_assets.tables import source

crm_customers = source(
    "crm/crm_customers", "Table customers of the bank's system of record.", {"sql", "table"}
)

raw_customers = raw_table("customers", __doc__, crm_customers)
