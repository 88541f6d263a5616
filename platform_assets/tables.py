"""How a warehouse table looks as an asset: key, group, owner, kinds, columns with their meaning.

The words come from the migrations; what fills a table is in the module of its noun.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import dagster as dg

from resources import catalog

POOL = "warehouse"
"""A DuckDB file has one writer: steps that touch the warehouse take turns."""

OWNERS = {
    "geo": "team:geography",
    "crm": "team:customer-records",
    "tweets": "team:social-listening",
    "customer360": "team:customer-insight",
    "promotions": "team:campaigns",
    "listings": "team:storage",
}


def asset_key(table: str) -> dg.AssetKey:
    """`geo.addresses` is asset `geo/addresses`."""
    return dg.AssetKey(table.split("."))


def described(table: str, kinds: Iterable[str], layer: str, doc: str | None = None) -> dict[str, Any]:
    """What every table asset has: arguments of `dg.asset` and of `dg.AssetSpec` alike.

    `doc` is the docstring of its module: what a row is, where it comes from, when it is refreshed.
    """
    definition = catalog.tables()[table]
    domain = table.split(".")[0]
    columns = [
        dg.TableColumn(
            column.name,
            column.kind,
            column.description,
            constraints=dg.TableColumnConstraints(nullable=column.is_nullable),
        )
        for column in definition.columns
    ]
    return {
        "key": asset_key(table),
        "description": (doc or definition.description).strip(),
        "group_name": domain,
        "owners": [OWNERS[domain]],
        "kinds": set(kinds),
        "tags": {"layer": layer},
        "metadata": {"dagster/column_schema": dg.TableSchema(columns), "dagster/table_name": table},
    }


def python_specs(
    tables: Sequence[str],
    layer: str,
    doc: str | None,
    deps: Sequence[dg.AssetKey],
    code_version: str | None = None,
    freshness: dg.FreshnessPolicy | None = None,
) -> list[dg.AssetSpec]:
    """Tables that one step of Python fills together; `doc` describes the first, after which the module is named."""
    return [
        dg.AssetSpec(
            **described(table, {"python"}, layer, doc=doc if table == tables[0] else None),
            deps=deps,
            code_version=code_version,
            freshness_policy=freshness,
        )
        for table in tables
    ]


def source(key: str, description: str, kinds: Iterable[str]) -> dg.AssetSpec:
    """Something outside that the graph reads, seen and observed but not made here."""
    domain = key.split("/")[0]
    return dg.AssetSpec(
        dg.AssetKey(key.split("/")),
        description=description,
        group_name=domain,
        owners=[OWNERS[domain]],
        kinds=set(kinds),
        tags={"layer": "source"},
    )
