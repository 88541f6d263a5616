"""Other systems' names of the CRM's tables and columns, from a YAML file.

The file says names only; values are read as they are.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from resources.crm_source.port import COLUMNS, KEYS, CrmTable
from resources.unavailable import Unavailable


@dataclass(frozen=True)
class TableMapping:
    """A table of another system, maybe with its schema, and its column for each of Quadrant's names."""

    table: str
    columns: Mapping[str, str]


CrmMapping = Mapping[CrmTable, TableMapping]
"""A table that is left out has Quadrant's own names."""

OWN_NAMES: CrmMapping = {
    table: TableMapping(table, {column: column for column in columns}) for table, columns in COLUMNS.items()
}


def load_mapping(path: Path) -> CrmMapping:
    """Read a mapping such as `customers: {table: bank.clients, columns: {customer_id: client_no}}`.

    Columns left out are read as NULL, but the key is needed; without `columns` names are Quadrant's own.
    Raises Unavailable with one sentence naming the file, the value and what is allowed.
    """
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise Unavailable(
            f"The CRM mapping {path} cannot be read ({error.strerror}): correct its path."
        ) from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise Unavailable(f"The CRM mapping {path} is no YAML: {' '.join(str(error).split())}.") from error
    entries = _names(path, "the file", document, tuple(COLUMNS))
    return {
        cast(CrmTable, table): _table(path, cast(CrmTable, table), entry) for table, entry in entries.items()
    }


def _table(path: Path, table: CrmTable, entry: object) -> TableMapping:
    fields = _names(path, table, entry, ("table", "columns"))
    name = _text(path, f"{table}.table", fields.get("table", table))
    if "columns" not in fields:
        return TableMapping(name, OWN_NAMES[table].columns)
    where = f"{table}.columns"
    columns = _names(path, where, fields["columns"], COLUMNS[table])
    if KEYS[table] not in columns:
        raise Unavailable(
            f"The CRM mapping {path} names no {KEYS[table]} in {where}: add it, for it is the key."
        )
    return TableMapping(name, {own: _text(path, f"{where}.{own}", theirs) for own, theirs in columns.items()})


def _names(path: Path, where: str, value: object, allowed: tuple[str, ...]) -> dict[str, object]:
    if not isinstance(value, dict) or not value:
        raise Unavailable(
            f"The CRM mapping {path} has {value!r} in {where}: write names and values there, of "
            f"{', '.join(allowed)}."
        )
    for name in value:
        if name not in allowed:
            raise Unavailable(
                f"The CRM mapping {path} has {name!r} in {where}: allowed are {', '.join(allowed)}."
            )
    return value


def _text(path: Path, where: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unavailable(f"The CRM mapping {path} has {value!r} for {where}: write a name as text.")
    return value.strip()


class _UniqueKeyLoader(yaml.SafeLoader):
    """PyYAML keeps the last of two equal keys and says nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for number, (key, (key_node, _)) in enumerate(zip(keys, node.value, strict=True)):
            if key in keys[:number]:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key!r} is given twice", key_node.start_mark
                )
        return super().construct_mapping(node, deep)
