"""The asset of a table that one SELECT makes, or a function of the rows of one: what such assets have in common.

Assets that need more, a partition, a setting or a picture, are written out in the module of their noun.
"""

from collections.abc import Mapping, Sequence

import dagster as dg

from platform_assets.reports import Check, built, column_lineage, label
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model, Value
from resources.warehouse import Compute, Warehouse


def sql_asset(
    model: Model,
    doc: str | None,
    layer: str,
    checks: Sequence[Check] = (),
    values: Mapping[str, Value] | None = None,
    freshness: dg.FreshnessPolicy | None = None,
) -> dg.AssetsDefinition:
    """The asset of the table that `model` makes with the parameters `values`; `doc` is the docstring of its module."""

    @dg.asset(
        **described(model.table, {"sql"}, layer, doc=doc),
        deps=[asset_key(table) for table in model.inputs],
        code_version=model.digest,
        freshness_policy=freshness,
        pool=POOL,
        check_specs=[check.spec(model.table) for check in checks],
    )
    def made_by_sql(
        context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
    ) -> dg.MaterializeResult:
        with warehouse.session(label(context)) as session:
            made = session.build(model, values=values or {})
            lineage = column_lineage(model)
            return built(session, warehouse, model.table, made, checks=checks, lineage=lineage)

    # The decorator takes **arguments, so its type is not known.
    asset: dg.AssetsDefinition = made_by_sql
    return asset


def filled_asset(
    wanted: Model, key: str, compute: Compute, code: str, doc: str | None
) -> dg.AssetsDefinition:
    """The asset of the table that holds `compute` of each row of `wanted`, told apart by `key`; only new ones are read.

    `code` names the version of the function, `doc` is the docstring of its module.
    """

    @dg.asset(
        **described(wanted.table, {"python"}, "core", doc=doc),
        deps=[asset_key(table) for table in wanted.inputs],
        code_version=code,
        pool=POOL,
    )
    def made_by_python(
        context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Warehouse]
    ) -> dg.MaterializeResult:
        with warehouse.session(label(context)) as session:
            made = session.fill(wanted.table, key, wanted, code, compute)
            return built(session, warehouse, wanted.table, made)

    # The decorator takes **arguments, so its type is not known.
    asset: dg.AssetsDefinition = made_by_python
    return asset
