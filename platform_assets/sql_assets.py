"""The asset of a table that one SELECT makes: all that such assets have in common, so that each says only its own.

Assets that need more, a partition, a setting or a picture, are written out in the module of their noun.
"""

from collections.abc import Mapping, Sequence

import dagster as dg

from platform_assets.reports import Check, built, column_lineage, label
from platform_assets.tables import POOL, asset_key, described
from resources.sql import Model, Value
from resources.warehouse import Warehouse


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
