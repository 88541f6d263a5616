"""Address files as line-delimited GeoJSON (RFC 7946; also with record separators, RFC 8142).

One Point feature per line is read here; what makes a good address is decided in `address_rows`.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from platform_assets.geo.address_rows import Candidates, checked
from resources.files.csv_table import trimmed
from resources.files.lines import Block
from resources.files.records import Parsed, Reject, too_long

_RECORD_SEPARATOR: Final = b"\x1e"


class _Properties(msgspec.Struct, gc=False):
    """The properties that OpenAddresses writes; numbers are taken as text."""

    number: str | float | None = None
    street: str | float | None = None
    unit: str | float | None = None
    city: str | float | None = None
    district: str | float | None = None
    region: str | float | None = None
    postcode: str | float | None = None
    id: str | float | None = None
    hash: str | float | None = None


class _Geometry(msgspec.Struct, gc=False):
    type: str | None = None
    coordinates: Any = None


class _Feature(msgspec.Struct, gc=False):
    type: str | None = None
    geometry: _Geometry | None = None
    properties: _Properties | None = None


_decode: Final = msgspec.json.Decoder(_Feature).decode


def read(member: str | None, blocks: Iterable[Block]) -> Iterator[Parsed]:
    """Parse lines: each a Feature, a Point [lon, lat] with the properties of OpenAddresses in lower case."""
    for block in blocks:
        found: list[tuple[int, bytes, _Geometry, _Properties]] = []
        rejects: list[Reject] = [too_long(block)] if block.too_long else []
        lines = [] if block.too_long else block.data.split(b"\n")
        for number, line in enumerate(lines, start=block.first_line):
            text = line.strip().removeprefix(_RECORD_SEPARATOR).strip()
            feature = _feature(number, text, line) if text else None
            if isinstance(feature, Reject):
                rejects.append(feature)
            elif feature:
                found.append((number, line, *feature))
        yield checked(member, _candidates(found), rejects)


def _feature(number: int, text: bytes, line: bytes) -> tuple[_Geometry, _Properties] | Reject:
    try:
        feature = _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _undecodable(number, line, error)
    geometry = feature.geometry
    if feature.type != "Feature" or geometry is None or geometry.type != "Point":
        return Reject(number, "not_an_address", "It is no Feature with a Point.", line)
    return geometry, feature.properties or _Properties()


def _undecodable(number: int, line: bytes, error: Exception) -> Reject:
    try:
        line.decode()
    except UnicodeDecodeError as bad:
        return Reject(number, "not_utf8", f"Byte {bad.start + 1} of the record is not UTF-8.", line)
    if isinstance(error, msgspec.ValidationError):
        return Reject(number, "not_an_address", f"It is no Feature with a Point: {error}.", line)
    return Reject(number, "invalid_json", f"{error}.", line)


def _candidates(found: list[tuple[int, bytes, _Geometry, _Properties]]) -> Candidates:
    points = np.array([_lon_lat(geometry.coordinates) for _n, _l, geometry, _p in found], np.float64).reshape(
        -1, 2
    )
    columns = (
        [_text(getattr(properties, name)) for _n, _l, _g, properties in found]
        for name in _Properties.__struct_fields__
    )
    return Candidates(
        np.array([number for number, *_rest in found], np.int64),
        np.ascontiguousarray(points[:, 0]),
        np.ascontiguousarray(points[:, 1]),
        [trimmed(pa.array(column, pa.string())) for column in columns],
        lambda index: found[index][1],
    )


def _lon_lat(coordinates: object) -> tuple[float, float]:
    """A position's first two numbers, NaN where it has none."""
    if isinstance(coordinates, list):
        match coordinates:
            case [int() | float() as lon, int() | float() as lat, *_]:
                return _float(lon), _float(lat)
    return float("nan"), float("nan")


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf")


def _text(value: str | float | None) -> str | None:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return value
