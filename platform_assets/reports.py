"""What a materialization tells: rows, address, column lineage, a preview, checks.

Here belongs how results are told; what a preview may show is in `previews`, what is computed in the domains.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import dagster as dg

from platform_assets.previews import preview
from platform_assets.tables import asset_key
from resources import catalog
from resources.sql import Model
from resources.warehouse import Built, Part, Session, Warehouse

_NAMES_SHOWN = 50


@dataclass(frozen=True)
class Check:
    """A rule that rows must keep: `offenders` is a SELECT of one number, 0 when it is kept.

    `names` is a SELECT of one column: which they are, by a name that everybody may see. Both may name the column of
    the part that is checked as a parameter, such as `:batch_id`.
    """

    name: str
    description: str
    offenders: str
    blocking: bool = True
    names: str | None = None
    severity: dg.AssetCheckSeverity | None = None
    """ERROR when it blocks, else WARN, unless said otherwise."""

    def spec(self, table: str) -> dg.AssetCheckSpec:
        """As Dagster declares it."""
        return dg.AssetCheckSpec(
            self.name, asset=asset_key(table), description=self.description, blocking=self.blocking
        )

    def result(self, session: Session, table: str, part: Part | None = None) -> dg.AssetCheckResult:
        """As it stands now."""
        values = dict([part] if part else [])
        # A sum may come as a decimal number.
        count = round(float(str(next(iter(session.rows(self.offenders, **values)[0].values())) or 0)))
        usual = dg.AssetCheckSeverity.ERROR if self.blocking else dg.AssetCheckSeverity.WARN
        metadata: dict[str, Any] = {"offenders": count}
        if self.names and count:
            found = session.rows(f"{self.names} LIMIT {_NAMES_SHOWN}", **values)
            metadata["names"] = ", ".join(str(value) for row in found for value in row.values())
        return dg.AssetCheckResult(
            passed=not count,
            check_name=self.name,
            asset_key=asset_key(table),
            severity=self.severity or usual,
            metadata=metadata,
        )


def label(context: dg.AssetExecutionContext) -> str:
    """The query tag of a step: run and step."""
    return json.dumps({"run": context.run.run_id, "step": context.op_execution_context.op.name})


def built(
    session: Session,
    warehouse: Warehouse,
    table: str,
    made: Built,
    numbers: Mapping[str, Any] | None = None,
    checks: Sequence[Check] = (),
    lineage: dg.TableColumnLineage | None = None,
) -> dg.MaterializeResult:
    """The materialization of a table that has just been built, or found to need no building."""
    told: dict[str, Any] = {"was_written": made.was_written, "rows_written": made.added, **(numbers or {})}
    if lineage:
        told["dagster/column_lineage"] = lineage
    return _told(session, warehouse, table, made.rows, made.version, told, checks)


def received(
    session: Session,
    warehouse: Warehouse,
    table: str,
    numbers: Mapping[str, Any],
    checks: Sequence[Check] = (),
    part: Part | None = None,
) -> dg.MaterializeResult:
    """The materialization of a table to which a source has just been added; preview and checks are of the part."""
    told = {"dagster/partition_row_count": session.count(table, part), **numbers} if part else numbers
    rows, version = session.count(table), session.version(table)
    return _told(session, warehouse, table, rows, version, told, checks, part)


@lru_cache
def column_lineage(model: Model) -> dg.TableColumnLineage:
    """Where the columns of a model come from."""
    sources = model.lineage(catalog.types())
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(asset_key(table), name) for table, name in found]
            for column, found in sources.items()
        }
    )


def _told(
    session: Session,
    warehouse: Warehouse,
    table: str,
    rows: int,
    version: str,
    told: Mapping[str, Any],
    checks: Sequence[Check],
    part: Part | None = None,
) -> dg.MaterializeResult:
    return dg.MaterializeResult(
        asset_key=asset_key(table),
        metadata={
            "dagster/row_count": rows,
            "dagster/uri": warehouse.uri(table),
            "preview": dg.MetadataValue.md(preview(session, table, part)),
            **told,
        },
        data_version=dg.DataVersion(version),
        check_results=[check.result(session, table, part) for check in checks],
    )
