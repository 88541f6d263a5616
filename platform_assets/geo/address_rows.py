"""Records of address files as columns: what a row of `geo.raw_addresses` needs, and why a record is rejected.

The rules are the same for each format and work on whole columns; how a format is read does not belong here.
"""

from collections.abc import Callable, Iterable
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from platform_assets.geo.quadrants import EAST, NORTH, SOUTH, WEST
from resources import catalog
from resources.files import records
from resources.files.containers import FileReason
from resources.files.lines import Mask, Offsets
from resources.files.records import LineReason, Parsed, Reject

RowReason = Literal[
    "invalid_json",
    "not_an_address",
    "missing_number",
    "missing_street",
    "bad_coordinate",
    "swapped_coordinates",
    "coordinate_out_of_range",
    "null_island",
]
Reason: TypeAlias = LineReason | RowReason | FileReason
REASONS: Final[tuple[Reason, ...]] = (*get_args(LineReason), *get_args(RowReason), *get_args(FileReason))

TEXTS: Final = (
    "house_number",
    "street",
    "unit",
    "city",
    "district",
    "region",
    "postcode",
    "source_id",
    "source_hash",
)
"""The text columns, in the order in which OpenAddresses has them after LON and LAT."""
ROWS: Final = catalog.schema("geo.raw_addresses", without=("file", "file_version"))
"""Columns of `geo.raw_addresses` without the file and its version."""
REJECTS: Final = catalog.schema("geo.rejected_addresses", without=("file", "file_version"))
"""Columns of `geo.rejected_addresses` without the file and its version."""

Degrees: TypeAlias = npt.NDArray[np.float64]


class Candidates(NamedTuple):
    """Records that could be split into fields: their lines, coordinates (NaN when no number), texts, bytes.

    `texts` are trimmed string columns in the order of `TEXTS`, empty ones null.
    """

    lines: Offsets
    lon: Degrees
    lat: Degrees
    texts: list[pa.Array]
    raw: Callable[[int], bytes]


def checked(member: str | None, candidates: Candidates, rejects: Iterable[Reject]) -> Parsed:
    """Sort records into rows and rejects; `rejects` are those of the same part that were no candidates."""
    lon, lat = candidates.lon, candidates.lat
    bad = ~_in_box(lon, lat)
    for text in candidates.texts[:2]:
        if text.null_count:
            bad |= text.is_null().to_numpy(zero_copy_only=False)
    found = list(rejects)
    if bad.any():
        suspects = np.flatnonzero(bad)
        reasons = _reasons(candidates, suspects)
        bad[suspects[reasons == _FINE]] = False
        found += [_reject(candidates, index, _RULES[code]) for index, code in _coded(suspects, reasons)]
    columns = [pa.array(candidates.lines), pa.array(lon), pa.array(lat), *candidates.texts]
    if bad.any():
        good = pa.array(~bad)
        columns = [column.filter(good) for column in columns]
    names = pa.nulls(len(columns[0]), pa.string()) if member is None else pa.repeat(member, len(columns[0]))
    return Parsed(pa.RecordBatch.from_arrays([names, *columns], schema=ROWS), rejected(member, found))


def rejected(member: str | None, rejects: Iterable[Reject]) -> pa.RecordBatch:
    """Rejects in the order of their lines, as `REJECTS`."""
    return records.rejected(rejects, REJECTS, member=member)


_RULES: Final[tuple[tuple[RowReason, str], ...]] = (
    ("missing_number", "The house number is empty."),
    ("missing_street", "The street is empty."),
    ("bad_coordinate", "Longitude or latitude is no number."),
    (
        "swapped_coordinates",
        "Read as latitude and longitude the point lies in Connecticut, as written it does not.",
    ),
    ("coordinate_out_of_range", "Longitude is not within 180 degrees or latitude not within 90."),
    ("null_island", "Longitude and latitude are both 0."),
)
_FINE: Final = len(_RULES)


def _reasons(candidates: Candidates, suspects: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """For each suspect the first rule that it breaks, `_FINE` where it breaks none (it is elsewhere)."""
    lon, lat = candidates.lon[suspects], candidates.lat[suspects]
    number, street = (
        text.is_null().to_numpy(zero_copy_only=False)[suspects] for text in candidates.texts[:2]
    )
    broken = (
        number,
        street,
        ~(np.isfinite(lon) & np.isfinite(lat)),
        _in_box(lat, lon) & ~_in_box(lon, lat),
        (np.abs(lon) > 180) | (np.abs(lat) > 90),
        (lon == 0) & (lat == 0),
    )
    return np.select(broken, range(_FINE), _FINE)


def _coded(suspects: npt.NDArray[np.intp], reasons: npt.NDArray[np.intp]) -> Iterable[tuple[int, int]]:
    wrong = reasons != _FINE
    return zip(suspects[wrong].tolist(), reasons[wrong].tolist(), strict=True)


def _reject(candidates: Candidates, index: int, rule: tuple[RowReason, str]) -> Reject:
    return Reject(int(candidates.lines[index]), *rule, candidates.raw(index))


def _in_box(lon: Degrees, lat: Degrees) -> Mask:
    """Whether points lie in the box that holds Connecticut; False for NaN."""
    return (lon >= WEST) & (lon < EAST) & (lat >= SOUTH) & (lat < NORTH)
