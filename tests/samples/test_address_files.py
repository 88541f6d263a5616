import csv
import gzip
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator

import pytest

from platform_assets.geo import openaddresses
from resources.files.containers import UnreadableFile
from samples import world
from samples.address_files import SOURCES, AddressFile
from samples.world import World, WorldConfig


def members(content: bytes) -> Iterator[bytes]:
    """The files in a file, as a reader of its own sees them."""
    if content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)
    elif content[:2] == b"PK":
        archive = zipfile.ZipFile(io.BytesIO(content))
        yield from (archive.read(name) for name in archive.namelist() if name.endswith(".csv"))
    else:
        yield content


def records(content: bytes) -> list[dict[str, str]]:
    """Records of an ordinary file by column in lower case."""
    found: list[dict[str, str]] = []
    for member in members(content):
        text = member.decode("utf-8-sig")
        if text.startswith("{"):
            features = [json.loads(line) for line in text.splitlines()]
            points = [f["geometry"]["coordinates"] for f in features]
            found += [
                f["properties"] | {"lon": p[0], "lat": p[1]} for f, p in zip(features, points, strict=True)
            ]
        else:
            rows = csv.DictReader(io.StringIO(text, newline=""))
            found += [{key.lower(): value for key, value in row.items()} for row in rows]
    return found


def content(file: AddressFile) -> bytes:
    return b"".join(file.blocks)


@pytest.mark.parametrize("addresses", [2_000, 20_000])
def test_the_files_together_hold_every_dwelling(addresses: int) -> None:
    made = world.make(WorldConfig(addresses=addresses, customers=300, tweets=400))
    points: Counter[tuple[float, float]] = Counter()
    for file in list(made.address_files())[: len(SOURCES)]:
        found = records(content(file))
        assert len(found) == file.rows
        if "assessor" not in file.key:
            points.update((float(row["lon"]), float(row["lat"])) for row in found)
    assert sum(points.values()) == addresses
    assert points == Counter(zip(made.dwellings.lon.tolist(), made.dwellings.lat.tolist(), strict=True))


def test_what_must_be_refused_in_a_file_is_what_the_platform_refuses(small_world: World) -> None:
    for file in small_world.address_files():
        rows, refused = 0, []
        try:
            for parsed in openaddresses.read(io.BytesIO(content(file)), file.key):
                rows += parsed.rows.num_rows
                refused += [(r["line"], r["reason"]) for r in parsed.rejects.to_pylist()]
        except UnreadableFile as unreadable:
            refused.append((0, unreadable.reason))
        assert rows == file.rows, file.key
        assert refused == [(r.line, r.reason) for r in file.rejects], file.key


def test_every_kind_of_file_is_there(small_world: World) -> None:
    files = {file.key.split("_", 1)[1]: content(file) for file in small_world.address_files()}
    assert len(files) == 18
    assert files["hartford.csv"].startswith(b"\xef\xbb\xbfLON,LAT")
    assert files["hartford.csv"].count(b"\r\n") == files["hartford.csv"].count(b"\n")
    assert gzip.decompress(files["new_haven_county.csv.gz"]).startswith(b"lon,lat,")
    assert len(zipfile.ZipFile(io.BytesIO(files["new_london_county.zip"])).namelist()) == 5
    assert b"HASH" not in files["middlesex_county.csv"]
    assert files["litchfield_county.geojson"].startswith(b'{"type":"Feature"')
    assert not any(row["city"] or row["postcode"] for row in records(files["windham_county.csv"]))
    assert {row["city"] for row in records(files["windham_assessor.csv"])} >= {"PUTNAM", "DANIELSON"}
    assert any(row["unit"].startswith("# ") for row in records(files["hartford.csv"]))
    assert files["empty.csv"] == b""


def test_one_address_stands_in_two_towns_of_the_file_without_towns(small_world: World) -> None:
    windham = next(file for file in small_world.address_files() if "windham_county" in file.key)
    main = [row for row in records(content(windham)) if (row["number"], row["street"]) == ("10", "MAIN ST")]
    assert len({round(float(row["lat"]), 1) for row in main}) >= 2
