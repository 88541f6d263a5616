"""Rows of the CRM, checked and coerced to the raw tables `crm.raw_<table>`, or to `crm.rejected_<table>`.

What a row must be like belongs here; reading the CRM, what is known of it, and writing tables do not.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime
from typing import Final, NamedTuple, TypeAlias

import msgspec
import pyarrow as pa

from platform_assets.crm import values
from platform_assets.crm.values import REASONS, BadValue
from resources import catalog
from resources.crm_source import KEYS, CrmTable

__all__ = ["RAW", "REASONS", "REJECTS", "Row", "Validated", "deletions", "key_text", "validate"]

Row: TypeAlias = Mapping[str, object]

EARLIEST_BIRTH: Final = date(1900, 1, 1)

_AUDIT: Final = ("extract_id", "extracted_at", "operation", "row_hash")

RAW: Final[Mapping[CrmTable, pa.Schema]] = {table: catalog.schema(f"crm.raw_{table}") for table in KEYS}
"""Columns of `crm.raw_<table>`."""
REJECTS: Final = catalog.schema("crm.rejected_customers")
"""Columns of `crm.rejected_customers` and of `crm.rejected_portfolios`."""

_BY_TYPE: Final[Mapping[pa.DataType, Callable[[object], object]]] = {
    pa.string(): values.text,
    pa.date32(): values.day,
    pa.timestamp("us"): values.moment,
    pa.float64(): values.number,
    pa.bool_(): values.truth,
}
_COERCIONS: Final = {
    table: [(field.name, _BY_TYPE[field.type]) for field in list(schema)[len(_AUDIT) :]]
    for table, schema in RAW.items()
}


class Validated(NamedTuple):
    """One extraction of one table: `read` = rows + rejects; `known` were read besides, unchanged."""

    rows: pa.Table
    rejects: pa.Table
    read: int
    known: int


class _Version(NamedTuple):
    """A readable row; `columns` are the CRM's own, from the key to `updated_at`."""

    row_hash: str
    place: str
    raw: str
    columns: tuple[object, ...]

    def rank(self) -> tuple[datetime, str]:
        """Later updates last; the hash only makes the order of equal ones certain."""
        updated_at = self.columns[-1]
        return updated_at if isinstance(updated_at, datetime) else datetime(1, 1, 1), self.row_hash  # noqa: DTZ001

    def rejected(self, reason: str, detail: str) -> tuple[str, ...]:
        """As a row of the quarantine."""
        return self.row_hash, self.place, reason, detail, self.raw


def validate(
    table: CrmTable,
    rows: Iterable[Row],
    extract_id: str,
    extracted_at: datetime,
    known: AbstractSet[str],
    known_rejects: AbstractSet[str] = frozenset(),
) -> Validated:
    """Check all rows of one extraction, begun at `extracted_at` (UTC): each is a row, a reject, or known.

    `known` holds the hashes of what is in force: the latest version of each key that is not deleted. (Older versions
    stay out of it: a row that is changed back, or comes back, is news.) `known_rejects` are those of the quarantine: a
    row that was rejected under other rules, or beside another row, may be loaded now. A row read
    twice in one form is known, too. Of rows with one key, the one with the greatest `updated_at` is kept.
    """
    rejects: list[tuple[str, ...]] = []
    newest: dict[object, _Version] = {}
    seen: set[str] = set()
    read = 0
    for read, row in enumerate(rows, start=1):
        raw = _canonical(row)
        place = f"{table} {key_text(row.get(KEYS[table])) or f'row {read}'}"
        version = _Version(_hash(raw), place, raw, ())
        if version.row_hash in seen:
            continue
        seen.add(version.row_hash)
        try:
            version = version._replace(columns=_coerced(table, row, extracted_at))
        except BadValue as bad:
            rejects.append(version.rejected(bad.reason, bad.detail))
            continue
        key = version.columns[0]
        older, newest[key] = sorted((newest.get(key, version), version), key=_Version.rank)
        if older is not newest[key]:
            rejects.append(
                older.rejected("duplicate_key", "A newer row of this extraction has the same key.")
            )
    stamp = _naive(extracted_at)
    loaded = [
        (extract_id, stamp, "upsert", version.row_hash, *version.columns)
        for version in newest.values()
        if version.row_hash not in known
    ]
    rejected = [(extract_id, stamp, *reject) for reject in rejects if reject[0] not in known_rejects]
    new = len(loaded) + len(rejected)
    return Validated(_table(loaded, RAW[table]), _table(rejected, REJECTS), new, read - new)


def key_text(value: object) -> str:
    """The one spelling of a key, however the driver gives it: 12.0 is 12, blanks around it go; empty for none."""
    try:
        return (values.text(value) or "").strip()
    except BadValue:
        # A row with such a key is a reject; it still has to be named, and never to look deleted.
        return str(value).encode(errors="backslashreplace").decode().strip()


def deletions(
    table: CrmTable,
    known_keys: AbstractSet[str],
    present: AbstractSet[str],
    extract_id: str,
    extracted_at: datetime,
) -> pa.Table:
    """Rows of `crm.raw_<table>` for the known keys that the CRM no longer has; all other columns are null.

    Keys are spelled as by `key_text`.
    """
    stamp = _naive(extracted_at)
    nothing = (None,) * (len(RAW[table]) - len(_AUDIT) - 1)
    gone = [
        (extract_id, stamp, "delete", _hash(json.dumps(["delete", key, extract_id])), key, *nothing)
        for key in sorted(known_keys - present)
    ]
    return _table(gone, RAW[table])


def _coerced(table: CrmTable, row: Row, extracted_at: datetime) -> tuple[object, ...]:
    """The row's own columns in the table's order; raises `BadValue` for the first that is wrong."""
    columns: dict[str, object] = {}
    for name, coerce in _COERCIONS[table]:
        try:
            columns[name] = coerce(row.get(name))
        except BadValue as bad:
            raise BadValue(bad.reason, f"{name}: {bad.detail}") from bad
    key = columns[KEYS[table]]
    if not isinstance(key, str):
        raise BadValue("missing_key", f"{KEYS[table]} is empty.")
    columns[KEYS[table]] = key.strip()
    if table == "portfolios" and columns["customer_id"] is None:
        raise BadValue("missing_owner", "customer_id is empty: a portfolio belongs to a customer.")
    born = columns.get("birth_date")
    if isinstance(born, date) and not EARLIEST_BIRTH <= born <= extracted_at.date():
        raise BadValue("impossible_birth_date", f"birth_date: {born} is before 1900 or in the future.")
    return tuple(columns.values())


def _canonical(row: Row) -> str:
    """The row as JSON with sorted names: equal rows, equal text. What JSON cannot hold is written as text."""
    if any(isinstance(value, float) and not math.isfinite(value) for value in row.values()):
        row = {name: _finite(value) for name, value in row.items()}
    try:
        return msgspec.json.encode(row, enc_hook=str, order="sorted").decode()
    except (ValueError, OverflowError, msgspec.MsgspecError):
        return json.dumps(dict(row), default=str, sort_keys=True)


def _finite(value: object) -> object:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema)
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
