"""What a materialization tells: rows, address, column lineage, a preview, checks.

Here belongs how results are shown; what is computed belongs to the domains.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg

from platform_assets.tables import asset_key
from resources import catalog
from resources.sql import Model, Value
from resources.warehouse import Built, Session, Warehouse

_PERSONAL = frozenset({"email", "phone", "birth_date", "raw", "street_text", "old_value", "new_value"})
_PREVIEW_ROWS = 5
_PREVIEW_WIDTH = 60


@dataclass(frozen=True)
class Check:
    """A rule that rows must keep: `offenders` is a SELECT of one number, 0 when it is kept."""

    name: str
    description: str
    offenders: str
    blocking: bool = True

    def spec(self, table: str) -> dg.AssetCheckSpec:
        """As Dagster declares it."""
        return dg.AssetCheckSpec(
            self.name, asset=asset_key(table), description=self.description, blocking=self.blocking
        )

    def result(self, session: Session, table: str) -> dg.AssetCheckResult:
        """As it stands now."""
        count = next(iter(session.rows(self.offenders)[0].values()))
        severity = dg.AssetCheckSeverity.ERROR if self.blocking else dg.AssetCheckSeverity.WARN
        return dg.AssetCheckResult(
            passed=not count,
            check_name=self.name,
            asset_key=asset_key(table),
            severity=severity,
            metadata={"offenders": int(str(count or 0))},
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
    metadata: dict[str, Any] = {
        "dagster/row_count": made.rows,
        "dagster/uri": warehouse.uri(table),
        "was_written": made.was_written,
        "rows_written": made.added,
        "preview": dg.MetadataValue.md(preview(session, table)),
        **(numbers or {}),
    }
    if lineage:
        metadata["dagster/column_lineage"] = lineage
    return dg.MaterializeResult(
        asset_key=asset_key(table),
        metadata=metadata,
        data_version=dg.DataVersion(made.version),
        check_results=[check.result(session, table) for check in checks],
    )


def preview(session: Session, table: str) -> str:
    """The first rows as a Markdown table; personal columns are masked."""
    columns = [column.name for column in catalog.tables()[table].columns]
    rows = session.rows(f"SELECT {', '.join(columns)} FROM {table} LIMIT {_PREVIEW_ROWS}")
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(_cell(name, row[name]) for name in columns) + " |" for row in rows]
    return "\n".join(lines)


def column_lineage(model: Model) -> dg.TableColumnLineage:
    """Where the columns of a model come from."""
    sources = model.lineage(catalog.types())
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(asset_key(table), name) for table, name in found]
            for column, found in sources.items()
        }
    )


def build(
    context: dg.AssetExecutionContext,
    warehouse: Warehouse,
    model: Model,
    checks: Sequence[Check] = (),
    values: Mapping[str, Value] | None = None,
) -> dg.MaterializeResult:
    """Run a model and report it: the body of every SQL asset without partitions."""
    with warehouse.session(label(context)) as session:
        made = session.build(model, values=values or {})
        return built(session, warehouse, model.table, made, checks=checks, lineage=column_lineage(model))


def _cell(column: str, value: object) -> str:
    if value is None:
        return ""
    if column in _PERSONAL:
        return "•••"
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    text = text.replace("|", "\\|").replace("\n", " ")
    return text if len(text) <= _PREVIEW_WIDTH else text[: _PREVIEW_WIDTH - 1] + "…"
