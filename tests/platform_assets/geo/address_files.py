"""Small address files and how tests read them."""

import io
import zipfile
from typing import Any, NamedTuple

import pytest

from platform_assets.geo import openaddresses
from resources.files import lines

HEADER = b"LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID,HASH\n"
GOOD = b"-72.6734,41.7658,12,MAIN ST,# 3,HARTFORD,,CT,06103,7,b6a8d42425fde548\n"
FEATURE = (
    b'{"type":"Feature","properties":{"number":"12","street":"MAIN ST","unit":"","id":7},'
    b'"geometry":{"type":"Point","coordinates":[-72.6734,41.7658]}}\n'
)


class Read(NamedTuple):
    rows: list[dict[str, Any]]
    rejects: list[dict[str, Any]]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        return [(reject["line"], reject["reason"]) for reject in self.rejects]


def read(data: bytes, block_bytes: int = lines.BLOCK_BYTES, **options: int) -> Read:
    found = Read([], [])
    for rows, rejects in openaddresses.read(io.BytesIO(data), "a.csv", block_bytes=block_bytes, **options):
        assert (rows.schema, rejects.schema) == (openaddresses.ROWS, openaddresses.REJECTS)
        rows.validate(full=True)
        found.rows.extend(rows.to_pylist())
        found.rejects.extend(rejects.to_pylist())
    return found


def unreadable(data: bytes, **options: int) -> openaddresses.UnreadableFile:
    with pytest.raises(openaddresses.UnreadableFile) as caught:
        read(data, **options)
    assert caught.value.reason in openaddresses.REASONS
    return caught.value


def zipped(**members: bytes) -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stored.getvalue()
