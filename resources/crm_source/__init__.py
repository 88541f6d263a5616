"""The CRM port: customers and portfolios in the bank's system of record, read and never written.

One adapter, in `sql`, serves any SQL database; it is not imported here, because its library is large and only a run
needs it. A mapping file names another system's tables and columns.
"""

from resources.crm_source.mapping import CrmMapping, TableMapping, load_mapping
from resources.crm_source.port import COLUMNS, KEYS, CrmSource, CrmTable

__all__ = [
    "COLUMNS",
    "KEYS",
    "CrmMapping",
    "CrmSource",
    "CrmTable",
    "TableMapping",
    "load_mapping",
]
