"""Rows as a driver gives them, in the few Arrow types that the rest of Quadrant knows."""

import pyarrow as pa


def plain(table: pa.Table) -> pa.Table:
    """Lower-case names, 64-bit integers, doubles, UTC microseconds without a zone, plain strings."""
    names = [name.lower() for name in table.column_names]
    columns = [column.cast(_plain(column.type)) for column in table.columns]
    return pa.Table.from_arrays(columns, names=names)


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_decimal(kind):
        return pa.int64() if kind.scale == 0 else pa.float64()
    if pa.types.is_floating(kind):
        return pa.float64()
    if pa.types.is_date(kind):
        return pa.date32()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us")
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return pa.string()
    return kind
