"""The CRM port: customers and portfolios in the bank's system of record, read and never written.

One adapter serves any SQL database; a mapping file names another system's tables and columns.
"""

from resources.crm_source.mapping import CrmMapping, TableMapping, load_mapping
from resources.crm_source.port import COLUMNS, KEYS, CrmSource, CrmTable
from resources.crm_source.sql import SqlCrmSource

__all__ = [
    "COLUMNS",
    "KEYS",
    "CrmMapping",
    "CrmSource",
    "CrmTable",
    "SqlCrmSource",
    "TableMapping",
    "load_mapping",
]
