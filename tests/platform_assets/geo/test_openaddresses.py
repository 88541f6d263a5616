"""Address files: formats, columns, every reason for a reject, and that no bytes do harm."""

import gzip
from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_assets.geo import openaddresses
from resources.files import lines
from tests.platform_assets.geo.address_files import FEATURE, GOOD, HEADER, read, zipped


def test_a_row_has_every_column_and_empty_fields_are_null() -> None:
    assert read(HEADER + GOOD).rows == [
        {
            "member": None, "line": 2, "lon": -72.6734, "lat": 41.7658, "house_number": "12", "street": "MAIN ST",
            "unit": "# 3", "city": "HARTFORD", "district": None, "region": "CT", "postcode": "06103",
            "source_id": "7", "source_hash": "b6a8d42425fde548",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"lon,lat,number,street\n-72.6734,41.7658,12,MAIN ST\n",
        b"Street,Extra,NUMBER,Lat,LON\nMAIN ST,x,12,41.7658,-72.6734\n",
        b"\xef\xbb\xbfLON,LAT,NUMBER,STREET\r\n-72.6734,41.7658,12,MAIN ST\r\n",
        b'"LON","LAT","NUMBER","STREET"\n"-72.6734","41.7658","12","MAIN ST"',
        b"LON,LAT,NUMBER,STREET\n -72.6734\t, +41.7658 ,  12, MAIN ST \n",
        b"LON,LAT,NUMBER,STREET,LON\n-72.6734,41.7658,12,MAIN ST,5\n",
        FEATURE,
        b"\x1e" + FEATURE,
        b"\xef\xbb\xbf" + FEATURE.rstrip(),
    ],
)
@pytest.mark.parametrize(
    "stored", [bytes, gzip.compress, lambda data: zipped(a=data)], ids=["plain", "gzip", "zip"]
)
def test_a_format_is_told_by_its_content(data: bytes, stored: Callable[[bytes], bytes]) -> None:
    found = read(stored(data))
    assert found.rejects == []
    only = found.rows[0]
    assert (only["lon"], only["lat"], only["house_number"], only["street"]) == (
        -72.6734,
        41.7658,
        "12",
        "MAIN ST",
    )


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"1,2,3", "wrong_number_of_fields"),
        (GOOD.strip() + b",more", "wrong_number_of_fields"),
        (GOOD.replace(b"HARTFORD", b"HARTF\xd6RD"), "not_utf8"),
        (GOOD.replace(b",12,", b",,"), "missing_number"),
        (GOOD.replace(b",12,", b',"  ",'), "missing_number"),
        (GOOD.replace(b"MAIN ST", b""), "missing_street"),
        (GOOD.replace(b"-72.6734", b""), "bad_coordinate"),
        (GOOD.replace(b"-72.6734", b"west"), "bad_coordinate"),
        (GOOD.replace(b"-72.6734", b"nan"), "bad_coordinate"),
        (GOOD.replace(b"-72.6734", b"1e400"), "bad_coordinate"),
        (GOOD.replace(b"-72.6734", b"181"), "coordinate_out_of_range"),
        (GOOD.replace(b"-72.6734,41.7658", b"41.7658,-72.6734"), "swapped_coordinates"),
        (GOOD.replace(b"-72.6734,41.7658", b"0,0.0"), "null_island"),
        (GOOD.replace(b"MAIN ST", b'"MAIN ST'), "unclosed_quote"),
        (GOOD.replace(b"MAIN ST", b'5" PIPE,"'), "unclosed_quote"),
        (GOOD.replace(b"MAIN ST", b"M" * (lines.MAX_LINE_BYTES + 1)), "line_too_long"),
    ],
)
def test_a_bad_record_is_rejected_with_its_line_and_bytes_and_harms_no_other(
    record: bytes, reason: str
) -> None:
    record = record.rstrip(b"\n")
    found = read(HEADER + GOOD + record + b"\r\n" + GOOD)
    assert found.reasons == [(3, reason)]
    raw = record[: lines.MAX_RAW_BYTES].decode(errors="backslashreplace")
    assert found.rejects[0]["raw"] == raw
    assert found.rejects[0]["detail"]
    assert [row["line"] for row in found.rows] == [2, 4]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"type":', "invalid_json"),
        (b"[" * 50_000, "not_an_address"),
        (b'{"type":' + b"[" * 50_000, "not_an_address"),
        (b"[]", "not_an_address"),
        (b'{"type":"Feature","geometry":null}', "not_an_address"),
        (FEATURE.replace(b"Point", b"Polygon").strip(), "not_an_address"),
        (FEATURE.replace(b"MAIN", b"M\xc4IN").strip(), "not_utf8"),
        (FEATURE.replace(b'"12"', b"null").strip(), "missing_number"),
        (FEATURE.replace(b"MAIN ST", b" ").strip(), "missing_street"),
        (FEATURE.replace(b"-72.6734", b'"west"').strip(), "bad_coordinate"),
        (FEATURE.replace(b"[-72.6734,41.7658]", b"[[1,2]]").strip(), "bad_coordinate"),
        (FEATURE.replace(b"-72.6734", b"181").strip(), "coordinate_out_of_range"),
    ],
)
def test_a_bad_feature_is_rejected_with_its_line_and_bytes(line: bytes, reason: str) -> None:
    found = read(FEATURE + b"\n" + line + b"\n" + FEATURE)
    assert found.reasons == [(3, reason)]
    assert found.rejects[0]["raw"] == line.decode(errors="backslashreplace")[: lines.MAX_RAW_BYTES]
    assert [row["line"] for row in found.rows] == [1, 4]


def test_numbers_in_a_feature_become_text() -> None:
    found = read(FEATURE.replace(b'"12"', b"12.0"))
    assert (found.rows[0]["house_number"], found.rows[0]["source_id"]) == ("12", "7")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([FEATURE, b"{", b"[]\n", b"\n", b" ", b"\xff", b"\x1e", b'"']), max_size=8).map(
        b"".join
    ),
    st.integers(1, 300),
)
def test_every_line_of_json_is_one_row_or_one_reject(body: bytes, block_bytes: int) -> None:
    data = FEATURE + body
    found = read(data)
    numbers = sorted([each["line"] for each in found.rows] + [each["line"] for each in found.rejects])
    assert numbers == [
        line for line, text in enumerate(data.split(b"\n"), 1) if text.strip().removeprefix(b"\x1e").strip()
    ]
    assert read(data, block_bytes=block_bytes) == found


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.tuples(
            st.sampled_from([HEADER + GOOD * 3, FEATURE, gzip.compress(HEADER + GOOD * 3), zipped(a=HEADER + GOOD, b=FEATURE)]),
            st.integers(0, 400), st.integers(0, 20), st.binary(max_size=6),
        ).map(lambda cut: cut[0][: cut[1]] + cut[3] + cut[0][cut[1] + cut[2] :]),
    )
)  # fmt: skip
def test_no_bytes_raise_anything_but_that_the_file_is_unreadable(data: bytes) -> None:
    try:
        found = read(data)
    except openaddresses.UnreadableFile as why:
        assert why.reason in openaddresses.REASONS
        assert pa.array([why.detail, why.raw]).type == pa.string()
    else:
        assert {reject["reason"] for reject in found.rejects} <= set(openaddresses.REASONS)
